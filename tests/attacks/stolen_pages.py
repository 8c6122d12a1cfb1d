"""Pages that a stolen application server serves: to a live victim, and to the thief itself."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from playwright.async_api import Page

from tests.attacks.browser.victims import script
from tests.browser.people import frames_show

SETTLED = """() => document.querySelector("#shown")?.problem
  || document.querySelector("#shown")?.shadowRoot?.querySelector("iframe.ready")"""
KNOWN = "JSON.stringify([window.heard, document.documentElement.outerHTML])"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pages:
    """Two browsers with a session each, and what is looked for in them."""

    victim: Page
    own: Page
    address: Callable[[str], str]
    """Of a page that shows a token, which is granted to whoever opens it."""

    tokenizer: str
    values: Sequence[str]

    async def by_script(self, tokens: Sequence[str]) -> set[str]:
        """Let scripts in pages of the victim's try all; give the values that they learn.

        What the victim's own frames show the victim is no theft, and is not counted.
        """
        await self.victim.add_init_script(f"({script('wiretap.js')})()")
        told = ""
        for token in tokens:
            await self._open(self.victim, token)
            told += await self._asked(token)
        return {value for value in self.values if value in told}

    async def by_looking(self, tokens: Sequence[str]) -> set[str]:
        """Open such pages oneself; give the values that their frames show."""
        found = set[str]()
        for token in tokens:
            await self._open(self.own, token)
            found |= {value for value in self.values if await frames_show(self.own, value)}
        return found

    async def _open(self, page: Page, token: str) -> None:
        await page.goto(self.address(token))
        await page.wait_for_function(SETTLED)
        await page.wait_for_timeout(300)

    async def _asked(self, token: str) -> str:
        """Let a script in the victim's page try what it can."""
        answers = await self.victim.evaluate(script("fetch-everything.js"), [self.tokenizer, token])
        inside = await self.victim.evaluate(script("get-into-frame.js"), self.tokenizer)
        return f"{answers}{inside}{await self.victim.evaluate(KNOWN)}"
