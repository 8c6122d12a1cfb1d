"""People whom the attacks are aimed at: what they do in a bare application, and what is seen."""

import asyncio
import json
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import Any

import pytest
from playwright.async_api import Frame, FrameLocator, Page, expect

from tests.browser.people import frames_show
from tests.browsers import Visitor
from tests.conftest import NewVisitor
from tests.deployments import CROSS_SITE, SAME_SITE
from tests.scenes import Application, Scene

FORM = (
    '<form method="post" action="/echo"><label for="ssn">SSN</label>'
    '<secure-input id="ssn" name="ssn"{attributes}></secure-input>'
    '<button id="save">Save</button></form>'
)
SHOWN = '<secure-text id="shown" token="{token}"></secure-text>'
GROUP = '<secure-group id="group"><p>Number: <secure-text id="shown" token="{token}"></secure-text>\
<secure-input id="empty"></secure-input></p></secure-group>'

SCRIPTS = Path(__file__).parent

in_both_deployments = pytest.mark.parametrize("scene", [SAME_SITE, CROSS_SITE], indirect=True)


def script(name: str) -> str:
    """Read an attack, as an expression that a browser evaluates."""
    lines = (SCRIPTS / name).read_text().splitlines()
    return "\n".join(line for line in lines if not line.startswith("//"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Victim:
    """Somebody who is logged in to an application."""

    visitor: Visitor
    application: Application
    name: str

    @classmethod
    async def arrive(
        cls, name: str, scene: Scene, new_visitor: NewVisitor, *, application: str = "payroll"
    ) -> "Victim":
        """Open a browser and log in, under a name that nobody else has."""
        where: Application = getattr(scene, application)
        victim = cls(visitor=await new_visitor(), application=where, name=f"{name}-{token_hex(4)}")
        await victim.logs_in()
        return victim

    @property
    def page(self) -> Page:
        """The page that is open."""
        return self.visitor.page

    async def logs_in(self, *, keep: bool = False) -> str:
        """Log in; return the session reference that the application then tells its pages."""
        tab = await self.visitor.context.new_page()
        await tab.goto(self.application.at(f"/as/{self.name}", keep=str(keep).lower()))
        answer = json.loads(await tab.inner_text("body"))
        await tab.close()
        return str(answer["session"])

    async def opens(self, html: str, *, grant: str = "", reads: int = 0) -> None:
        """Open a page with this HTML."""
        await self.page.goto(self.application.page(html, grant=grant, reads=reads))

    async def types(self, element: str, value: str) -> None:
        """Click a secure element and type."""
        grouped = await self.page.locator(f"secure-group {element}").count() > 0
        frame = "secure-group" if grouped else element
        await self.page.frame_locator(f"{frame} iframe").locator("input").click()
        await self.page.keyboard.type(value)

    async def stores(self, value: str) -> str:
        """Type a value into a form, post it, and return the token that the application got."""
        await self.opens(FORM.format(attributes=""))
        await self.types("#ssn", value)
        answer = await self.posts()
        assert answer["verified"] == "yes"
        return str(answer["form"]["ssn"])

    async def posts(self) -> dict[str, Any]:
        """Press the button, and return what the application says that it got."""
        await self.page.click("#save")
        await self.page.wait_for_url("**/echo")
        said: dict[str, Any] = json.loads(await self.page.inner_text("body"))
        return said

    async def looks_at(self, token: str, value: str) -> None:
        """Open a page that shows a token's value, and see it."""
        await self.opens(SHOWN.format(token=token), grant=token)
        await self.sees("#shown", value)

    async def inside(self, element: str) -> FrameLocator:
        """Find the frame that an element shows its value in: its own, or its group's."""
        grouped = await self.page.locator(f"secure-group {element}").count() > 0
        return self.page.frame_locator("secure-group iframe" if grouped else f"{element} iframe")

    async def sees(self, element: str, value: str) -> None:
        """Wait until the frame inside an element shows a value."""
        frame = await self.inside(element)
        await expect(frame.locator("body")).to_contain_text(value)

    async def is_refused(self, element: str) -> None:
        """Wait until an element says, in its own box, that it shows nothing."""
        await expect(self.page.locator(element)).to_have_attribute("aria-invalid", "true")

    def frames(self, role: str) -> list[Frame]:
        """Return the tokenizer's frame documents of one role in the page."""
        return [each for each in self.page.frames if each.url.endswith(f"/{role}")]

    async def frames_show(self, value: str) -> bool:
        """Tell whether any frame of the page has a value, in its text or in a field."""
        return await frames_show(self.page, value)


def audit(scene: Scene) -> list[dict[str, str]]:
    """Read the tokenizer's audit log as it stands in its database."""
    path = f"file:{scene.folder}/data/lunasec.db?mode=ro"
    with closing(sqlite3.connect(path, uri=True)) as database:
        return [json.loads(line) for (line,) in database.execute("SELECT line FROM audit")]


def done_by(scene: Scene, action: str, session: str) -> bool:
    """Tell whether the tokenizer ever let a session do something."""
    wanted = {"action": action, "outcome": "allowed", "session": session}
    return any(wanted.items() <= line.items() for line in audit(scene))


async def until(holds: Callable[[], bool | Awaitable[bool]], *, seconds: float = 10) -> None:
    """Wait until something holds; fail when it does not in `seconds`, the promise for blanking."""
    for _ in range(int(seconds * 10)):
        held = holds()
        if await held if isinstance(held, Awaitable) else held:
            return
        await asyncio.sleep(0.1)
    raise AssertionError("it did not come to hold")
