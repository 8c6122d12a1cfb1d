"""Debian's Chromium, headless, with third-party cookies allowed, blocked or all denied; visitors.

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
* `default_content_setting_values.cookies = 2` is "block all"; with exceptions for the applications'
  hosts, T can keep nothing at all, on one site with A or not: cookies, storage and locks are lost.
* A page of T on its own, not in the frame, never sees the partitioned cookie.
* Plain http on `*.localhost` counts as secure for `Secure` and `__Host-`.

Playwright turns the partitioning of third-party storage off, unlike a person's browser; naming the
disabled features again puts it back: then storage and locks work, partitioned, in a blocked frame,
where with Playwright's own list they throw a `SecurityError`.
"""

import json
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

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
ALLOWED, BLOCKED, DENIED = "allowed", "blocked", "denied"
_MODES = {ALLOWED: 0, BLOCKED: 1, DENIED: 1}  # Chromium's CookieControlsMode
_ALLOW, _BLOCK = 1, 2  # its ContentSetting
_APPLICATIONS = ("app.lunasec.localhost", "app.localhost", "clinic.lunasec.localhost")
WAIT_MILLISECONDS = 30_000
"""For what has to come some time; a test of how soon something comes says so itself."""

AXE = Path(__file__).parents[1] / "node_modules/axe-core/axe.min.js"

Debugger = Callable[..., Awaitable[dict[str, Any]]]
"""Takes the name of a command of the DevTools protocol, and its parameters."""

_WITHOUT = (
    "HttpsUpgrades",
    "MediaRouter",
    "OptimizationHints",
    "PaintHolding",
    "Translate",
    # The address bar's own pages, which nobody sees: half of what a new window costs.
    "WebUIOmniboxPopup",
    "WebUIOmniboxAimPopup",
    "WebUIOmniboxFullPopup",
)
SWITCHES = (
    "--no-sandbox",  # CI runs as root; the pages are our own
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Every name is this machine: a test can use any host name, and none can reach outside.
    "--host-resolver-rules=MAP * 127.0.0.1",
    f"--disable-features={','.join(_WITHOUT)}",
)


@asynccontextmanager
async def chromium(
    playwright: Playwright,
    profile: Path,
    *,
    cookies: str,
    back_forward_cache: bool = False,
) -> AsyncGenerator[Browser]:
    """Start one Chromium with that setting and a new profile; its contexts are apart from it.

    Third-party cookies are `ALLOWED` or `BLOCKED`, or all but the applications' own are `DENIED`.
    The back button's cache, which Playwright turns off, keeps whole pages as they were left.
    """
    settings: dict[str, object] = {"cookie_controls_mode": _MODES[cookies]}
    if cookies == DENIED:
        excepted = {f"{host},*": {"setting": _ALLOW} for host in _APPLICATIONS}
        settings["default_content_setting_values"] = {"cookies": _BLOCK}
        settings["content_settings"] = {"exceptions": {"cookies": excepted}}
    (profile / "Default").mkdir(parents=True)
    (profile / "Default" / "Preferences").write_text(json.dumps({"profile": settings}))
    main = await playwright.chromium.launch_persistent_context(
        profile,
        executable_path=EXECUTABLE,
        headless=True,
        args=SWITCHES,
        ignore_default_args=["--disable-back-forward-cache"] if back_forward_cache else None,
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


async def debugger(target: Page | Frame) -> Debugger:
    """Speak with Chromium's own debugger about a page, or about a frame of another process."""
    page = target if isinstance(target, Page) else target.page
    session: Any = await page.context.new_cdp_session(target)
    send: Debugger = session.send
    return send


async def submit(page: Page, button: str) -> None:
    """Press a button that leads to another page, and wait until that is there.

    What the page is to show afterwards may have been there before.
    """
    async with page.expect_event("framenavigated", lambda frame: frame == page.main_frame):
        await page.click(button)


async def inaccessible(page: Page) -> list[str]:
    """Return what axe finds wrong in a page and in each of its frames: rule, address, element."""
    found: list[str] = []
    for frame in page.frames:
        # A frame that waits, unseen, for what it will load is no document.
        if frame.url not in {"", "about:blank"}:
            found += await _inaccessible(frame)
    return found


# What lies behind a frame, which is transparent; axe would take it for white.
BEHIND = """(iframe) => {
  for (let at = iframe; at; at = at.parentElement ?? at.getRootNode().host) {
    const { backgroundColor } = getComputedStyle(at);
    if (!/rgba\\(.*, 0\\)/.test(backgroundColor)) return backgroundColor;
  }
  return "Canvas";
}"""


async def _lay_on(frame: Frame) -> None:
    """Give a frame's document the color that shows through it, and what it draws, its meaning."""
    behind = await (await frame.frame_element()).evaluate(BEHIND)
    await frame.evaluate(
        """(color) => {
          document.documentElement.style.backgroundColor = color;
          // A disabled control may be dim (WCAG 2.2, 1.4.3), and so may the value drawn over it.
          if (document.querySelector("input:disabled")) document.body.ariaDisabled = "true";
        }""",
        behind,
    )


LIFT = """() => {
  document.documentElement.style.backgroundColor = "";
  document.body.ariaDisabled = null;
}"""


async def _inaccessible(frame: Frame) -> list[str]:
    # Headings and landmarks are the whole page's to have; axe takes each frame for one.
    whole_page = ("region", "landmark-one-main", "page-has-heading-one")
    off = {} if frame.parent_frame is None else {rule: {"enabled": False} for rule in whole_page}
    if frame.parent_frame is not None:
        await _lay_on(frame)
    # By the debugger and not by a script element, which the frames' policy rightly refuses.
    if not await frame.evaluate("'axe' in window"):
        await frame.evaluate(AXE.read_text())
    found: list[str] = await frame.evaluate(
        "async rules => (await axe.run(document, {iframes: false, rules})).violations.flatMap("
        "  rule => rule.nodes.map(node => `${rule.id}: ${location.href}: ${node.html}`))",
        off,
    )
    if frame.parent_frame is not None:
        await frame.evaluate(LIFT)
    return found
