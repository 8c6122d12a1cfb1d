"""Pages in a real browser, timed from the navigation to what stands in their last frame."""

import asyncio
import secrets
import time
from collections.abc import AsyncGenerator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, async_playwright

from tests.bench.measured import counted, parties_of, plain_server
from tests.bench.plain import TEXT
from tests.bench.plan import Plan
from tests.browsers import Visitor, chromium, visitor
from tests.scenes import Scene, running_scene

MARK = secrets.token_hex(8)
PATIENCE_SECONDS = 60.0

# In every frame, ours and bare ones alike: tells when the value, or the field, is there. The text
# itself is looked for by the debugger's own script: a page can't do that.
WATCH = f"""if (window !== top) {{
  const look = () => {{
    const shown = document.querySelector("span")?.textContent === "{TEXT}";
    if (!shown && !document.querySelector("input:enabled")) return;
    watch.disconnect();
    console.debug("{MARK} " + (performance.timeOrigin + performance.now()));
  }};
  const watch = new MutationObserver(look);
  watch.observe(document, {{ subtree: true, childList: true, characterData: true }});
}}"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody in a browser of their own, with the times at which frames had their contents."""

    visitor: Visitor
    times: list[float] = field(default_factory=list[float])

    async def opens(self, address: str, frames: int) -> float:
        """Go to a page; give the seconds from the navigation to the last frame's contents."""
        self.times.clear()
        page = self.visitor.page
        await page.goto(address, wait_until="commit")
        patience = time.monotonic() + PATIENCE_SECONDS
        while len(self.times) < frames:
            if time.monotonic() > patience:
                message = f"{len(self.times)} of {frames} frames: {self.visitor.console[-5:]}"
                raise RuntimeError(message)
            await asyncio.sleep(0.02)
        began: float = await page.evaluate("performance.timeOrigin")
        return (max(self.times) - began) / 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Theater:
    """A browser, a tokenizer with an application, bare pages, and tokens to show."""

    browser: Browser
    scene: Scene
    plain: str
    tokens: list[str]

    def bare(self, kind: str, frames: int) -> str:
        """Give the address of a page with bare frames of its own site."""
        return f"{self.plain}/page/{kind}/{frames}"

    def texts(self, frames: int) -> str:
        """Give the address of a page with so many `<secure-text>`."""
        wanted = self.tokens[:frames]
        html = "".join(f'<secure-text token="{each}"></secure-text>' for each in wanted)
        return self.scene.payroll.page(html, grant=",".join(wanted))

    def field(self) -> str:
        """Give the address of a page with one `<secure-input>`."""
        return self.scene.payroll.page('<secure-input name="ssn"></secure-input>')

    def asked(self) -> dict[str, float]:
        """Count the tokenizer's answers by route."""
        return counted(self.scene.operator_port, "lunasec_requests_total", "route")

    @asynccontextmanager
    async def person(self) -> AsyncGenerator[Person]:
        """Let somebody in, who has no session and nothing in cache."""
        entered = Person(visitor=await visitor(self.browser))
        context = entered.visitor.context
        await _watched(context, entered)
        try:
            yield entered
        finally:
            await context.close()


async def _watched(context: BrowserContext, person: Person) -> None:
    def heard(message: ConsoleMessage) -> None:
        mark, _, at = message.text.partition(" ")
        if mark == MARK:
            person.times.append(float(at))

    context.on("console", heard)
    await context.add_init_script(WATCH)


@asynccontextmanager
async def theater(plan: Plan, folder: Path) -> AsyncGenerator[Theater]:
    """Start everything; the bare pages are two origins of one site too."""
    with ExitStack() as stack:
        scene = stack.enter_context(running_scene(folder, cross_site=False))
        _, port = plain_server(folder, stack)
        tokens = await _tokens(scene, plan.frames)
        async with (
            async_playwright() as playwright,
            chromium(playwright, folder / "profile", third_party_cookies=True) as browser,
        ):
            yield Theater(
                browser=browser,
                scene=scene,
                plain=f"http://app.lunasec.localhost:{port}",
                tokens=tokens,
            )


async def _tokens(scene: Scene, count: int) -> list[str]:
    key = scene.folder / "payroll.key"
    async with parties_of(scene.tokenizer, scene.tokenizer_port, key) as parties:
        browser = parties.browser()
        await browser.log_in(origin=scene.payroll.origin)
        return await browser.store(*[TEXT] * count)


def frame_of(page: Page, role: str) -> int:
    """Find the first frame of that role in `page.frames`."""
    return next(at for at, each in enumerate(page.frames) if each.url.endswith(f"/{role}"))
