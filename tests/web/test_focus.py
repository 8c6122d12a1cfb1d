"""Where the caret is: in the field that was asked for, whenever its frame comes."""

from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, expect

from tests.web.elements import alone_and_grouped, box, field
from tests.web.site import Site, settled

CARET = f"({(Path(__file__).parent / 'caret.js').read_text()})"
ASKED = ["by a script", "from a button", "by a dialog", "by a popover", "in a shadow tree"]


@pytest.mark.parametrize("how", ASKED)
async def test_asked_for_before_its_frame_is_there(site: Site, page: Page, how: str) -> None:
    """A field that a script makes and focuses, or puts into a dialog, takes the next key."""
    await site.show(page, field(attributes="id=other"))
    await page.evaluate(f"(how) => {CARET}.ask(how)", how)
    await expect(box(page)).to_be_focused()
    await page.keyboard.type("abc")
    await expect(box(page)).to_have_value("abc")


@alone_and_grouped
@pytest.mark.parametrize("when", ["at once", "in the turn it is there"])
async def test_not_taken_from_where_somebody_went(site: Site, page: Page, when: str) -> None:
    """Who went on to another field, before the one that was asked for was there, stays in it."""
    await site.show(page, f"<input id=own>{field(attributes='id=other')}")
    await settled(page)
    await page.evaluate(f"(isThere) => {CARET}.goOn(isThere)", when != "at once")
    await settled(page)
    await page.wait_for_timeout(200)
    await page.keyboard.type("abc")
    assert await page.input_value("#own") == "abc"


HEAR = """() => { window.heard = [];
  const hear = ({ type, target }) => heard.push(`${type} ${target.id}`);
  document.body.addEventListener("focusin", hear);
  document.body.addEventListener("focusout", hear); }"""


@alone_and_grouped
async def test_a_label_moves_the_caret_once(site: Site, page: Page) -> None:
    """Not there, away and there again: a key in between would go to nobody."""
    await site.show(page, f"<label for=ssn id=label>Number</label>{field()}")
    await page.evaluate(HEAR)
    await page.click("#label")
    await expect(box(page)).to_be_focused()
    await page.wait_for_timeout(200)
    assert await page.evaluate("heard.filter((each) => each.endsWith(' ssn'))") == ["focusin ssn"]


async def test_a_label_leads_to_the_button_of_an_upload(site: Site, page: Page) -> None:
    """A browser shows its dialog for a gesture in the frame alone, such as the next key there."""
    await site.show(page, "<label for=up id=label>CV</label><secure-upload id=up></secure-upload>")
    await page.click("#label")
    await expect(page.frame_locator("#up iframe").locator(".head button")).to_be_focused()
    async with page.expect_file_chooser():
        await page.keyboard.press("Enter")


@alone_and_grouped
async def test_events_that_bubble(site: Site, page: Page) -> None:
    """What hears of focus for a whole form, as React does, hears of each change once."""
    await site.show(page, f"{field()}<input id=own>")
    await page.evaluate(HEAR)
    await box(page).click()
    await page.wait_for_function("heard.includes('focusin ssn')")
    await page.click("#own")
    await page.wait_for_function("heard.includes('focusout ssn')")
    await page.evaluate("ssn.focus()")
    await expect(box(page)).to_be_focused()
    await page.wait_for_timeout(200)
    heard = [each for each in await page.evaluate("heard") if each.endswith(" ssn")]
    assert heard == ["focusin ssn", "focusout ssn", "focusin ssn"]


HIDDEN = {
    "details": "<details id=around><summary id=before>More</summary>{}</details>",
    "display": "<button id=before>Next</button><div id=around style='display: none'>{}</div>",
    "visibility": "<button id=before>Next</button><p id=around style='visibility: hidden'>{}</p>",
    "dialog": "<dialog id=around><button id=before>Close</button>{}</dialog>",
}
GROUP = "<secure-group><secure-input id=ssn></secure-input></secure-group>"
SHOW = "() => { around.removeAttribute('style'); around.open = true }"


@pytest.mark.parametrize("how", list(HIDDEN))
async def test_a_group_that_is_shown_later(site: Site, page: Page, how: str) -> None:
    """A step, a tab or a dialog that held a group hidden: the keyboard and the mouse get there."""
    await site.show(page, HIDDEN[how].format(GROUP))
    await page.wait_for_timeout(200)
    await page.evaluate(SHOW)
    await expect(_box(page)).to_be_visible()
    await page.wait_for_timeout(100)
    await page.focus("#before")
    await page.keyboard.press("Tab")
    await expect(_box(page)).to_be_focused()
    await page.focus("#before")
    await _box(page).click()
    await expect(_box(page)).to_be_focused()


async def test_a_dialog_around_a_group(site: Site, page: Page) -> None:
    """A dialog that opens puts the caret into the first field, as into a native one."""
    await site.show(page, f"<dialog id=around>{GROUP}</dialog>")
    await settled(page)
    await page.evaluate("around.showModal()")
    await expect(_box(page)).to_be_focused()
    await page.keyboard.type("abc")
    await expect(_box(page)).to_have_value("abc")


@pytest.mark.parametrize("other", ["", GROUP.replace("ssn", "one")])
async def test_a_dialog_that_comes_with_a_group(site: Site, page: Page, other: str) -> None:
    """A group that a script puts into a dialog which it opens at once has the caret."""
    await site.show(page, field(attributes="id=other") + other)
    await page.evaluate(
        """(inner) => { const made = document.createElement("dialog");
          made.innerHTML = inner;
          document.body.append(made);
          made.showModal(); }""",
        GROUP,
    )
    caret = page.frame_locator("dialog secure-group iframe").locator("input")
    await expect(caret).to_be_focused()
    await page.keyboard.type("abc")
    await expect(caret).to_have_value("abc")


def _box(page: Page) -> Locator:
    return page.frame_locator("secure-group iframe").locator("input")
