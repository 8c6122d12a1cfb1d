"""What Enter does in a field, and how a field that the browser filled in is marked."""

import pytest
from playwright.async_api import Page, expect

from tests.browsers import debugger
from tests.web.elements import FORM, SSN, box, field, posted, type_into
from tests.web.site import Site, field_frames

ONE = f"<form id=form method=post action=/form>{field(attributes='id=ssn name=ssn')}{{}}</form>"
IS_AUTOFILLED = "document.querySelector('#ssn').matches(':state(autofill)')"


async def test_enter_submits_a_form_of_one_field_without_a_button(site: Site, page: Page) -> None:
    """As in a native form, the only text field is enough; what has no text does not count."""
    await site.show(page, ONE.format("<input type=checkbox><input type=hidden name=h value=1>"))
    await type_into(page, SSN)
    await page.keyboard.press("Enter")
    given = await posted(site, page)
    assert given["ssn"].startswith("lunasec-")
    assert given["h"] == "1"


@pytest.mark.parametrize("other", ["<input name=b>", "<secure-input name=b></secure-input>"])
async def test_enter_submits_no_form_of_two_fields(site: Site, page: Page, other: str) -> None:
    """Without a button to press, two fields that take text wait for a script."""
    await site.show(page, ONE.format(other))
    await type_into(page, SSN)
    await page.keyboard.press("Enter")
    await page.wait_for_timeout(500)
    assert not site.posts
    assert await page.locator("#form").count() == 1


async def test_a_disabled_button_is_not_pressed(site: Site, page: Page) -> None:
    """A default button that is disabled stops Enter, as in a native form."""
    await site.show(page, FORM.format(attributes="").replace("<button", "<button disabled"))
    await type_into(page, SSN)
    await page.keyboard.press("Enter")
    await page.wait_for_timeout(500)
    assert not site.posts


async def test_enter_that_ends_a_composition_submits_nothing(site: Site, page: Page) -> None:
    """Enter that picks a word of an input method is not Enter for the form; the next one is."""
    await site.show(page, ONE.format(""))
    await box(page).click()
    [frame] = field_frames(page)
    await frame.evaluate(
        """() => { window.composed = [];
          for (const type of ["compositionstart", "compositionend", "keydown"])
            addEventListener(type, (event) => composed.push([type, event.isComposing]), true); }"""
    )
    send = await debugger(page)
    word = {"text": "\u6771", "selectionStart": 1, "selectionEnd": 1}
    await send("Input.imeSetComposition", word)
    await expect(box(page)).to_have_value("\u6771")
    await page.keyboard.press("Enter")
    await page.wait_for_timeout(500)
    assert ["keydown", True] in await frame.evaluate("composed")
    assert not site.posts
    await send("Input.insertText", {"text": "\u6771"})
    await page.keyboard.press("Enter")
    assert (await posted(site, page))["ssn"].startswith("lunasec-")


async def test_what_the_browser_filled_in_is_marked(site: Site, page: Page) -> None:
    """`:state(autofill)` is on while the browser's own filling stands, and off once one types.

    Chromium is told to take the field for one that it filled in.
    """
    await site.show(page, field(attributes="id=ssn autocomplete=cc-number"))
    [frame] = field_frames(page)
    send = await debugger(frame)
    for domain in ("DOM", "CSS"):
        await send(f"{domain}.enable")
    document = await send("DOM.getDocument")
    query = {"nodeId": document["root"]["nodeId"], "selector": "input"}
    found = await send("DOM.querySelector", query)
    await box(page).click()
    for classes in (["autofill"], []):
        force = {"nodeId": found["nodeId"], "forcedPseudoClasses": classes}
        await send("CSS.forcePseudoState", force)
        assert await box(page).evaluate("(box) => box.matches(':autofill')") == bool(classes)
        await page.keyboard.type("4")
        await page.wait_for_function(f"{IS_AUTOFILLED} === {str(bool(classes)).lower()}")
    await expect(box(page)).to_have_value("44")
