"""Pages in a real browser, timed from the navigation to what stands in their last frame."""

import asyncio
import json
import secrets
import time
from collections.abc import AsyncGenerator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.request import Request, urlopen

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, async_playwright

from tests.bench.measured import counted, parties_of, plain_server
from tests.bench.plain import TEXT
from tests.bench.plan import Plan
from tests.browsers import ALLOWED, Visitor, chromium, visitor
from tests.scenes import Scene, running_scene

MARK = secrets.token_hex(8)
PATIENCE_SECONDS = 60.0
TOGETHER = 500  # values of a request

# In every frame, ours and bare ones alike: tells when the value, or the field, is there, or all of
# them. The text itself is looked for by the debugger's own script: a page can't do that.
WATCH = """if (window !== top || location.pathname.startsWith("/fields/")) {
  const found = new Set();
  const look = (element) => {
    if (element.localName === "span" && element.textContent === "TEXT") found.add(element);
    if (element.localName === "input" && !element.disabled) found.add(element);
    for (const child of element.children ?? []) look(child);
  };
  const watch = new MutationObserver((records) => {
    for (const { target, addedNodes } of records) {
      if (target.localName === "span") look(target);
      for (const each of addedNodes) look(each);
    }
    if (found.size < COUNT) return;
    watch.disconnect();
    console.debug("MARK " + (performance.timeOrigin + performance.now()));
  });
  watch.observe(document, { subtree: true, childList: true, characterData: true });
}""".replace("TEXT", TEXT).replace("MARK", MARK)


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

    def bare(self, kind: str, frames: int, times: int = 1) -> str:
        """Give the address of a page with bare frames of its own site, each with so many texts."""
        return f"{self.plain}/page/{kind}/{frames}?times={times}"

    def texts(self, frames: int) -> str:
        """Give the address of a page with so many `<secure-text>`."""
        wanted = self.tokens[:frames]
        html = "".join(f'<secure-text token="{each}"></secure-text>' for each in wanted)
        return self.scene.payroll.page(html, grant=",".join(wanted))

    def group(self, values: int) -> str:
        """Give the address of a page with so many `<secure-text>` in one `<secure-group>`."""
        wanted = self.tokens[:values]
        texts = "".join(f'<div><secure-text token="{each}"></secure-text></div>' for each in wanted)
        return self._kept(f"group-{values}", f"<secure-group>{texts}</secure-group>", wanted)

    def inputs(self, count: int) -> str:
        """Give the address of a page with so many `<secure-input>` in one `<secure-group>`."""
        fields = "".join(f'<secure-input name="field-{at}"></secure-input>' for at in range(count))
        return self._kept(f"inputs-{count}", f"<secure-group>{fields}</secure-group>", [])

    def plain_inputs(self, count: int) -> str:
        """Give the address of a page with so many plain inputs, and no frame."""
        return f"{self.plain}/fields/{count}"

    def field(self) -> str:
        """Give the address of a page with one `<secure-input>`."""
        return self.scene.payroll.page('<secure-input name="ssn"></secure-input>')

    def _kept(self, name: str, html: str, grant: list[str]) -> str:
        """Have the application keep a page: its address would be too long with all in it."""
        body = json.dumps({"html": html, "grant": grant}).encode()
        address = f"http://127.0.0.1:{self.scene.payroll.port}/keep/{name}"
        headers = {"Content-Type": "application/json"}
        with urlopen(Request(address, data=body, headers=headers)):
            return self.scene.payroll.at(f"/kept/{name}")

    def asked(self) -> dict[str, float]:
        """Count the tokenizer's answers by route."""
        return counted(self.scene.operator_port, "lunasec_requests_total", "route")

    @asynccontextmanager
    async def person(self, values: int = 1) -> AsyncGenerator[Person]:
        """Let somebody in, who has no session and nothing in cache; frames have so many values."""
        entered = Person(visitor=await visitor(self.browser))
        context = entered.visitor.context
        await _watched(context, entered, values)
        try:
            yield entered
        finally:
            await context.close()


async def _watched(context: BrowserContext, person: Person, values: int) -> None:
    def heard(message: ConsoleMessage) -> None:
        mark, _, at = message.text.partition(" ")
        if mark == MARK:
            person.times.append(float(at))

    context.on("console", heard)
    await context.add_init_script(WATCH.replace("COUNT", str(values)))


@asynccontextmanager
async def theater(plan: Plan, folder: Path) -> AsyncGenerator[Theater]:
    """Start everything; the bare pages are two origins of one site too."""
    with ExitStack() as stack:
        scene = stack.enter_context(running_scene(folder, cross_site=False))
        _, port = plain_server(folder, stack)
        tokens = await _tokens(scene, max(plan.frames, plan.values))
        async with (
            async_playwright() as playwright,
            chromium(playwright, folder / "profile", cookies=ALLOWED) as browser,
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
        return [
            token
            for at in range(0, count, TOGETHER)
            for token in await browser.store(*[TEXT] * min(TOGETHER, count - at))
        ]


def frame_of(page: Page, role: str) -> int:
    """Find the first frame of that role in `page.frames`."""
    return next(at for at, each in enumerate(page.frames) if each.url.endswith(f"/{role}"))
