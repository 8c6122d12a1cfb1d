"""Pictures of the demo, light and dark, on a phone and a desktop; `make pictures` keeps them."""

from pathlib import Path

import pytest

from tests.browser.people import SSN, Person
from tests.browsers import Visitor
from tests.conftest import NewVisitor
from tests.deployments import Demo

# A picture names no folder of the machine that it was taken on.
RENAME = """([from, to]) => {
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) texts.currentNode.data = texts.currentNode.data.replaceAll(from, to);
}"""

SIZES = {"phone": (390, 844), "desktop": (1180, 820)}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", list(SIZES))
async def test_pictures_of_the_demo(
    demo: Demo, new_visitor: NewVisitor, pictures: Path, size: str, scheme: str
) -> None:
    """Each page of the demo fits its screen: nothing stands out to the right of it."""
    ada = await Person.arrive("ada", demo, new_visitor)
    page = ada.visitor.page
    width, height = SIZES[size]
    await page.set_viewport_size({"width": width, "height": height})
    await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    for name, path in (("home", "/"), ("sign-up", "/sign-up")):
        await ada.opens(path)
        await _take(ada.visitor, pictures / f"{name}-{size}-{scheme}.png")
    await ada.sign_up()
    await ada.type_into("#ssn", "12")
    await _take(ada.visitor, pictures / f"typing-{size}-{scheme}.png")
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
        await _take(ada.visitor, pictures / f"{name}-{size}-{scheme}.png")


async def _take(person: Visitor, path: Path) -> None:
    page = person.page
    await page.screenshot(path=path, full_page=True)
    wider = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    assert not await page.evaluate(wider), path.name
