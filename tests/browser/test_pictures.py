"""Pictures of the demo, light and dark, on a phone and a desktop; `make pictures` keeps them."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest
from playwright.async_api import FilePayload, Page, Route, expect

from tests.browser.people import SSN, Person
from tests.browsers import WAIT_MILLISECONDS, Visitor, inaccessible
from tests.conftest import NewVisitor
from tests.deployments import Demo

# A picture names no folder of the machine that it was taken on.
RENAME = """([from, to]) => {
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) texts.currentNode.data = texts.currentNode.data.replaceAll(from, to);
}"""

WIDER = """() => [...document.querySelectorAll("*")]
  .filter((each) => each.getBoundingClientRect().right > document.documentElement.clientWidth)
  .map(({ localName, id }) => `${localName}#${id}`)"""

# The elements look at their own colors in turns, one in each frame that the browser draws.
TURNS = """async () => {
  for (let at = 0; at < 10; at += 1) await new Promise(requestAnimationFrame);
}"""

# What is taller than its row in a list of files.
CUT = """(row) => [...row.querySelectorAll("div > *")]
  .filter((each) => each.getBoundingClientRect().bottom > row.getBoundingClientRect().bottom)
  .map(({ localName, className }) => `${localName}.${className}`)"""

# What is wrong looks so, in a line and in several.
ALIKE = """() => new Set(["#required", "#wrong", "#needed"].map((each) =>
  getComputedStyle(document.querySelector(each)).borderColor)).size === 1"""

SIZES = {"phone": (390, 844), "desktop": (1180, 820)}
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


@pytest.mark.parametrize("size", list(SIZES))
async def test_pictures_of_the_demo(
    demo: Demo, new_visitor: NewVisitor, pictures: Path, size: str
) -> None:
    """Each page of the demo fits its screen, and axe finds nothing in it or in its frames."""
    ada = await _arrive(demo, new_visitor, size)
    page = ada.visitor.page
    for name, path in (("home", "/"), ("sign-up", "/sign-up")):
        await ada.opens(path)
        await _take(ada.visitor, pictures, f"{name}-{size}")
    await ada.sign_up()
    await ada.type_into("#ssn", "12")
    await _take(ada.visitor, pictures, f"typing-{size}")
    await ada.save(SSN)
    await ada.sees("#ssn-shown", SSN)
    for name, path in (
        ("profile", "/profile"),
        ("database", "/database"),
        ("steal", "/steal"),
        ("admin", "/admin"),
    ):
        await ada.opens(path)
        await page.wait_for_timeout(700)
        await page.evaluate(RENAME, [str(demo.folder), "lunasec-demo"])
        await _take(ada.visitor, pictures, f"{name}-{size}")


TYPED = {
    "text": "Some words",
    "ssn": SSN,
    "card": "4242424242424242",
    "phone": "+12025550143",
    "date": "19870605",
    "secret": "open sesame",
    "note": "Sprained ankle, left.\nRest for two weeks.\nSeen again in May.",
}


@pytest.mark.parametrize("size", list(SIZES))
async def test_pictures_of_the_gallery(
    demo: Demo, new_visitor: NewVisitor, pictures: Path, size: str
) -> None:
    """Each element in each state, before and after something is saved, fits and is accessible."""
    ada = await _arrive(demo, new_visitor, size)
    page = ada.visitor.page
    await ada.sign_up()
    await ada.opens("/gallery")
    for field, value in TYPED.items():
        await ada.type_into(f"#{field}", value)
    scan = await page.screenshot()
    lines = await _lay(page)
    await _choose(page, "#files", "Ready", ("scan.png", scan), ("letter.bin", b"x" * 70_000))
    lines.held.clear()
    await _choose(page, "#files", "33%", ("film.mov", b"x" * 3_000_000))
    await _choose(page, "#limited", "Too large", ("a.txt", b"x"), ("big.pdf", b"x" * 1_000_001))
    lines.refusing = True
    await _choose(page, "#limited", "Retry, or", ("refused.pdf", b"x"))
    lines.refusing, lines.cut = False, True
    await _choose(page, "#limited", "Waiting for the network", ("cut off.pdf", b"x"))
    await ada.type_into("#wrong", "19870230")
    for required in ("#required", "#needed"):
        await ada.type_into(required, "1")
        await page.keyboard.press("Backspace")
        await page.keyboard.press("Tab")
    await page.evaluate("document.querySelector('#wanted').checkValidity()")
    await page.wait_for_function(ALIKE)  # when their colors have faded in
    await ada.type_into("#turned", "\u05e2\u05d3\u05d4")
    await page.mouse.move(0, 0)
    await _take_whole(ada.visitor, pictures, f"gallery-typing-{size}")
    lines.held.set()
    # By the keyboard: a click that scrolls first can land in a frame that was there just before.
    await page.press("#save", "Enter", no_wait_after=True)
    await page.wait_for_url(f"{demo.application}/gallery#showing")
    await ada.sees("#shown-1", SSN)
    await _take_whole(ada.visitor, pictures, f"gallery-saved-{size}")
    async with page.expect_download() as unasked:
        await page.press("#unasked", "Enter")
    assert (await unasked.value).suggested_filename == "scan.png"


async def _arrive(demo: Demo, new_visitor: NewVisitor, size: str) -> Person:
    """Have somebody open the demo on a screen of that size."""
    ada = await Person.arrive("ada", demo, new_visitor)
    page = ada.visitor.page
    width, height = SIZES[size]
    await page.set_viewport_size({"width": width, "height": height})
    return ada


@dataclass
class _Lines:
    """What becomes of segments that are new: they are let through, refused, or lost on the way."""

    held: asyncio.Event
    """What is sent while this is not set, all but the first of a file, waits for it."""

    refusing: bool = False
    cut: bool = False

    async def carry(self, route: Route) -> None:
        """Do so with one."""
        if self.cut:
            await route.abort()
        elif self.refusing:
            refused = '{"type": "about:blank", "code": "not_granted"}'
            await route.fulfill(status=403, body=refused)
        else:
            if not route.request.url.endswith("/0"):
                await self.held.wait()
            await route.fallback()


async def _lay(page: Page) -> _Lines:
    """Put lines between a page and the tokenizer's files, on which nothing is wrong yet."""
    lines = _Lines(held=asyncio.Event())
    lines.held.set()
    await page.route("**/files/*/*", lines.carry)
    return lines


async def _choose(page: Page, element: str, words: str, *files: tuple[str, bytes]) -> None:
    """Choose files, and wait until that is said of the last one."""
    inside = page.frame_locator(f"{element} iframe")
    chosen = [FilePayload(name=name, mimeType="", buffer=content) for name, content in files]
    await inside.locator("input[type=file]").set_input_files(chosen)
    row = inside.locator("li", has_text=files[-1][0])
    await expect(row).to_contain_text(words, timeout=WAIT_MILLISECONDS)
    assert await row.evaluate(CUT) == []


async def _take_whole(person: Visitor, pictures: Path, name: str) -> None:
    """Take a long page in a window as long as it: a browser does not draw frames out of sight."""
    page = person.page
    height: int = await page.evaluate("document.documentElement.scrollHeight")
    before = page.viewport_size
    assert before is not None
    await page.set_viewport_size({"width": before["width"], "height": height})
    await page.wait_for_timeout(1_000)
    await _take(person, pictures, name)
    await page.set_viewport_size(before)


async def _take(person: Visitor, pictures: Path, name: str) -> None:
    page = person.page
    for scheme in SCHEMES:
        await page.emulate_media(color_scheme=scheme)
        await page.evaluate(TURNS)
        await page.wait_for_timeout(300)
        await page.screenshot(path=pictures / f"{name}-{scheme}.png", full_page=True)
        assert await page.evaluate(WIDER) == [], name
        # Of contrast, which is all that a scheme changes, a desktop tells as much as a phone.
        if scheme == "light" or name.endswith("desktop"):
            assert await inaccessible(page) == [], (name, scheme)
    await page.emulate_media(color_scheme=SCHEMES[0])
