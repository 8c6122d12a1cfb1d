"""Web fonts in frames, in a real browser: those that the operator lists, and no others."""

import shutil
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, Request, expect

from tests.browsers import WAIT_MILLISECONDS, Visitor, visitor
from tests.web.elements import SSN, shown, text
from tests.web.site import Site, field_frames, running_site

LISTED = '[[applications.payroll.fonts]]\nfamily = "Listed"\nfile = "listed.ttf"\n'
STYLE = """<style>
  @font-face { font-family: Own; src: url("/own.ttf") }
  secure-text { font: 20px %s, monospace }
</style>"""
FONT = next(Path("/usr/share/fonts").rglob("*Serif*.ttf"))
LOADED = "[...document.fonts].map(({ family, status }) => `${family} ${status}`)"


@pytest_asyncio.fixture(scope="module")
async def lettered(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Site]:
    """Start a site whose operator lists a font: any that this system has."""
    folder = tmp_path_factory.mktemp("fonts")
    shutil.copy(FONT, folder / "listed.ttf")
    async with running_site(folder, LISTED) as made:
        yield made


@pytest_asyncio.fixture
async def reader(lettered: Site, cookies_blocked: Browser) -> AsyncGenerator[Visitor]:
    """Let somebody in who has a session."""
    person = await visitor(cookies_blocked)
    person.context.set_default_timeout(WAIT_MILLISECONDS)
    await lettered.log_in(person.page)
    yield person
    await person.context.close()


def is_font(request: Request) -> bool:
    """Say whether a request is for a font."""
    return request.resource_type == "font"


async def width(page: Page) -> float:
    """Measure the value as it is drawn."""
    script = """() => {
      const range = document.createRange();
      range.selectNodeContents(document.querySelector("span"));
      return range.getBoundingClientRect().width;
    }"""
    [frame] = field_frames(page)
    found: float = await frame.evaluate(script)
    return found


async def test_a_listed_font_is_drawn(lettered: Site, reader: Visitor) -> None:
    """Where the page's style asks for it; it comes from the tokenizer, once for all frames."""
    [token] = await lettered.store(reader.page, SSN)
    await lettered.show(reader.page, STYLE % "monospace" + text(token))
    await expect(shown(reader.page)).to_have_text(SSN)
    plain = await width(reader.page)
    [frame] = field_frames(reader.page)
    assert await frame.evaluate(LOADED) == ["Listed unloaded"]
    async with reader.page.expect_event("requestfinished", is_font):
        await reader.page.evaluate(
            "document.querySelector('secure-text').style.fontFamily = 'Listed, monospace'"
        )
    await frame.evaluate("document.fonts.ready.then(() => {})")
    assert await frame.evaluate(LOADED) == ["Listed loaded"]
    assert await width(reader.page) != plain
    asked = [each.url for each in filter(is_font, reader.requests)]
    assert [each.startswith(f"{lettered.tokenizer.origin}/fonts/") for each in asked] == [True]


async def test_a_page_brings_no_font_into_a_frame(lettered: Site, reader: Visitor) -> None:
    """A font of the page's own is nothing to a frame: nothing is asked for."""
    [token] = await lettered.store(reader.page, SSN)
    reader.requests.clear()
    await lettered.show(reader.page, STYLE % "Own" + text(token))
    await expect(shown(reader.page)).to_have_text(SSN)
    [frame] = field_frames(reader.page)
    assert await frame.evaluate(LOADED) == ["Listed unloaded"]
    asked = filter(is_font, reader.requests)
    assert all(each.frame == reader.page.main_frame for each in asked)
