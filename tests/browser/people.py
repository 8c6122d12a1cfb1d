"""What a person does in the demo, and what the tests look at while he does it."""

import re
from contextlib import suppress
from dataclasses import dataclass
from secrets import token_hex
from urllib.parse import urlsplit

from playwright.async_api import Error, Page, Request, expect

from tests.browsers import Visitor, submit
from tests.conftest import NewVisitor
from tests.deployments import Demo

SSN = "219-09-9999"
"""A number that was never given to anybody: it was printed in an advertisement."""

PASSWORD = "correct horse battery"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who uses the demo in a browser of his own."""

    visitor: Visitor
    demo: Demo
    name: str

    @classmethod
    async def arrive(cls, name: str, demo: Demo, new_visitor: NewVisitor) -> "Person":
        """Open a browser; the name is made unique, since tests share one running demo."""
        return cls(visitor=await new_visitor(), demo=demo, name=f"{name}-{token_hex(4)}")

    async def sign_up(self, *, ssn: str | None = None) -> None:
        """Make an account; with a number typed before there is a user, if one is given."""
        page = self.visitor.page
        await page.goto(f"{self.demo.application}/sign-up")
        await page.fill("#username", self.name)
        await page.fill("#password", PASSWORD)
        if ssn is not None:
            await self.type_into("#ssn", ssn)
        await page.click("#sign-up")
        await page.wait_for_url(f"{self.demo.application}/profile")

    async def log_in(self) -> None:
        """Log in to the account."""
        page = self.visitor.page
        await page.goto(f"{self.demo.application}/log-in")
        await page.fill("#username", self.name)
        await page.fill("#password", PASSWORD)
        await page.click("#log-in")
        await page.wait_for_url(f"{self.demo.application}/profile")

    async def save(self, ssn: str) -> None:
        """Type a number on the profile page and save it."""
        page = self.visitor.page
        await page.goto(f"{self.demo.application}/profile")
        await self.type_into("#ssn", ssn)
        await submit(page, "#save")
        await page.wait_for_selector("#ssn-shown")

    async def type_into(self, element: str, value: str) -> None:
        """Type into a secure element as a person does: click it, then press keys."""
        page = self.visitor.page
        await page.frame_locator(f"{element} iframe").locator("input, textarea").click()
        await page.keyboard.type(value)

    async def sees(self, element: str, value: str) -> None:
        """Wait until the frame inside an element shows a value."""
        shown = self.visitor.page.frame_locator(f"{element} iframe").locator("body")
        await expect(shown).to_contain_text(value)

    async def stored_token(self) -> str:
        """Return the token that the application's database holds, as its page shows it."""
        page = self.visitor.page
        await page.goto(f"{self.demo.application}/database")
        return (await page.inner_text("#stored-token")).strip()

    async def log_out(self) -> None:
        """Leave."""
        await self.opens("/profile")
        await self.visitor.page.click("#log-out")
        await self.visitor.page.wait_for_url(re.compile(r"/(log-in)?$"))

    async def opens(self, path: str) -> None:
        """Go to a page of the demo."""
        await self.visitor.page.goto(f"{self.demo.application}{path}")

    async def is_refused(self, element: str) -> None:
        """Wait until an element says, in its own box, that it shows nothing."""
        host = self.visitor.page.locator(element)
        await expect(host).to_have_attribute("aria-invalid", "true")

    async def frames_show(self, value: str) -> bool:
        """Tell whether any frame of the page has a value, in its text or in a field."""
        return await frames_show(self.visitor.page, value)

    def calls(self) -> list[str]:
        """List the paths of what the page asked both servers, documents and assets apart."""
        asked = (urlsplit(each.url).path for each in self.visitor.requests if _is_call(each))
        return [path for path in asked if not path.startswith("/static/")]


async def frames_show(page: Page, value: str) -> bool:
    """Tell whether any frame of a page has a value, in its text or in a field."""
    script = "document.body.innerText + [...document.querySelectorAll('input')].map(i => i.value)"
    for frame in page.frames:
        with suppress(Error):  # it was removed while it was asked
            if value in str(await frame.evaluate(script)):
                return True
    return False


def _is_call(request: Request) -> bool:
    return request.resource_type in {"fetch", "xhr", "other", "ping"}


TOKEN = re.compile(r"lunasec-[A-Za-z0-9_-]{49}")
