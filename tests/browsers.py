"""Debian's Chromium, headless, with third-party cookies allowed or blocked, and its visitors.

How Chromium 156 is told what to do with third-party cookies (tried with two sites on loopback,
`http://app.localhost` and `http://secure.localhost`, the second in a frame of the first):

* The profile's preference `profile.cookie_controls_mode` decides: 0 allows, 1 blocks. It has to be
  in the profile's file before the start, and every incognito context of that process takes it over.
* Without it this Chromium blocks. The switch `--test-third-party-cookie-phaseout`, the preference
  `block_third_party_cookies` and the features named after either change nothing any more.
* Blocked, of the `__Host-` cookies that T sets on an answer to its frame, or on the 303 that a
  page's `no-cors` fetch follows, only `SameSite=None; Secure; Partitioned` is kept and sent.
  Allowed, `SameSite=None` without `Partitioned` is as well. `Lax` and `Strict` are lost in both.
* On one site (`app.lunasec.localhost`, `secure.lunasec.localhost`) all four arrive in both.
* A page of T on its own, not in the frame, never sees the partitioned cookie.
* Plain http on `*.localhost` counts as secure for `Secure` and `__Host-`.

Playwright turns the partitioning of third-party storage off, unlike a person's browser; naming the
disabled features again puts it back: then storage and locks work, partitioned, in a blocked frame,
where with Playwright's own list they throw a `SecurityError`.
"""

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.async_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Frame,
    Page,
    Playwright,
    Request,
)

EXECUTABLE = "/usr/bin/chromium"
ALLOWED, BLOCKED = 0, 1  # Chromium's CookieControlsMode
WAIT_MILLISECONDS = 10_000
AXE = Path(__file__).parents[1] / "node_modules/axe-core/axe.min.js"

SWITCHES = (
    "--no-sandbox",  # CI runs as root; the pages are our own
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Every name is this machine: a test can use any host name, and none can reach outside.
    "--host-resolver-rules=MAP * 127.0.0.1",
    "--disable-features=HttpsUpgrades,MediaRouter,OptimizationHints,PaintHolding,Translate",
)


@asynccontextmanager
async def chromium(
    playwright: Playwright, profile: Path, *, third_party_cookies: bool
) -> AsyncGenerator[Browser]:
    """Start one Chromium with that setting and a new profile; its contexts are apart from it."""
    mode = ALLOWED if third_party_cookies else BLOCKED
    (profile / "Default").mkdir(parents=True)
    preferences = {"profile": {"cookie_controls_mode": mode}}
    (profile / "Default" / "Preferences").write_text(json.dumps(preferences))
    main = await playwright.chromium.launch_persistent_context(
        profile, executable_path=EXECUTABLE, headless=True, args=SWITCHES
    )
    try:
        assert main.browser is not None
        yield main.browser
    finally:
        await main.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """One person with a browser of their own: cookies are shared with nobody.

    `requests` and `console` grow with all that the pages of this visitor send and log.
    """

    context: BrowserContext
    page: Page
    requests: list[Request] = field(default_factory=list[Request])
    console: list[str] = field(default_factory=list[str])


async def visitor(browser: Browser, *, https: bool = False) -> Visitor:
    """Let a new person open `browser`; the caller closes `context`.

    `https` accepts the certificate that the demo makes for itself.
    """
    context = await browser.new_context(ignore_https_errors=https)
    context.set_default_timeout(WAIT_MILLISECONDS)
    person = Visitor(context=context, page=await context.new_page())

    # Functions of ours, because Playwright marks the handlers that it is given.
    def sent(request: Request) -> None:
        person.requests.append(request)

    def logged(message: ConsoleMessage) -> None:
        person.console.append(message.text)

    context.on("request", sent)
    context.on("console", logged)
    return person


async def inaccessible(page: Page) -> list[str]:
    """Return what axe finds wrong in a page and in each of its frames: rule, address, element."""
    found: list[str] = []
    for frame in page.frames:
        found += await _inaccessible(frame)
    return found


async def _inaccessible(frame: Frame) -> list[str]:
    # Headings and landmarks are the whole page's to have; axe takes each frame for one.
    whole_page = ("region", "landmark-one-main", "page-has-heading-one")
    off = {} if frame.parent_frame is None else {rule: {"enabled": False} for rule in whole_page}
    # By the debugger and not by a script element, which the frames' policy rightly refuses.
    await frame.evaluate(AXE.read_text())
    found: list[str] = await frame.evaluate(
        "async rules => (await axe.run(document, {iframes: false, rules})).violations.flatMap("
        "  rule => rule.nodes.map(node => `${rule.id}: ${location.href}: ${node.html}`))",
        off,
    )
    return found
