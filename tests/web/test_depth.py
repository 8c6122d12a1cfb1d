"""Text of any script and from anywhere: a secure field beside a native one, key for key."""

from typing import Any

import pytest
from playwright.async_api import Locator, Page, expect

from tests.web.elements import FORM, box, field, posted, shown, text, type_into
from tests.web.site import Site, field_frames


async def press(page: Page, where: Locator, keys: list[str]) -> None:
    """Press keys by their names, and put in anything else as an input method does."""
    await where.click()
    for key in keys:
        if key.startswith(("Control", "Shift", "Arrow", "Back", "Del", "Home", "End")):
            await page.keyboard.press(key)
        else:
            await page.keyboard.insert_text(key)


@pytest.mark.parametrize(
    ("attributes", "keys"),
    [
        ("maxlength=3", ["😀", "😀"]),
        ("maxlength=4", ["😀", "😀", "x"]),
        ("maxlength=2", ["e\u0301", "x"]),
        ("", ["👩‍👩‍👧", "x", "Backspace", "Backspace"]),
        ("", ["שלום", "ArrowLeft", "x", "Backspace", "Delete"]),
        ("dir=rtl", ["שלום 12", "Home", "x", "End", "y"]),
        ("", ["one", " ", "two", "Control+Backspace", "Control+z", "Control+z", "Control+Shift+z"]),
        ("", ["abc", "Control+a", "x", "Control+z", "Control+Shift+z"]),
        ("", ["a\nb\r\nc"]),
        ("type=email", [" a@b.c "]),
        ("type=url", [" https://x.example "]),
        ("type=password", ["ab", "Control+a", "Backspace", "Control+z"]),
    ],
    ids=str,
)
async def test_keys_do_what_they_do_in_a_native_field(
    site: Site, page: Page, attributes: str, keys: list[str]
) -> None:
    """The same keys in a native field and in a secure one leave the same text."""
    await site.show(
        page, f"<input id=native {attributes}>{field(attributes=f'id=ssn {attributes}')}"
    )
    native = page.locator("#native")
    await press(page, native, keys)
    await press(page, box(page), keys)
    await expect(box(page)).to_have_value(await native.input_value())
    lengths = "(each) => [each.selectionStart, each.selectionEnd]"
    assert await box(page).evaluate(lengths) == await native.evaluate(lengths)


async def test_text_of_any_script_comes_back(site: Site, page: Page) -> None:
    """What was typed is what is stored, to the last code unit."""
    value = "שלום 日本 👩‍👩‍👧 e\u0301 \u202e٣"
    await site.show(page, FORM.format(attributes=""))
    await box(page).click()
    await page.keyboard.insert_text(value)
    await page.wait_for_function("ssn.pending")
    await page.click("#go")
    [token] = (await posted(site, page)).values()
    await site.grant(page, [token])
    await site.show(page, text(token))
    await expect(shown(page)).not_to_be_empty()
    assert await shown(page).evaluate("(each) => each.textContent") == value


async def test_enter_that_ends_a_composition_submits_nothing(site: Site, page: Page) -> None:
    """Enter takes an input method's suggestion, and is not Enter in the form."""
    await site.show(page, FORM.format(attributes=""))
    await box(page).click()
    session: Any = await page.context.new_cdp_session(field_frames(page)[0])
    composition = {"text": "に", "selectionStart": 1, "selectionEnd": 1}
    await session.send("Input.imeSetComposition", composition)
    await box(page).evaluate(
        """(each) => each.dispatchEvent(new KeyboardEvent("keydown",
          { key: "Enter", isComposing: true, bubbles: true }))"""
    )
    await session.send("Input.insertText", {"text": "日"})
    await expect(box(page)).to_have_value("日")
    await page.wait_for_timeout(200)
    assert not site.posts


async def test_properties_stand_for_attributes(site: Site, page: Page) -> None:
    """Each property reads and writes its attribute, as on `<input>`; some are not there."""
    await site.show(page, field(attributes="id=ssn maxlength=9 type=TEL"))
    read = """[ssn.type, ssn.maxLength, ssn.minLength, ssn.autocomplete, ssn.inputMode,
      ssn.enterKeyHint, ssn.placeholder, ssn.required, ssn.readOnly, ssn.disabled]"""
    assert await page.evaluate(read) == ["tel", 9, -1, "", "", "", "", False, False, False]
    await page.evaluate(
        """Object.assign(ssn, { type: "password", maxLength: 12, minLength: 3, required: 1,
          autocomplete: "new-password", inputMode: "numeric", enterKeyHint: "go",
          placeholder: "here", readOnly: true })"""
    )
    after = ["password", 12, 3, "new-password", "numeric", "go", "here", True, True, False]
    assert await page.evaluate(read) == after
    for name, value in {
        "type": "password",
        "maxlength": "12",
        "minlength": "3",
        "autocomplete": "new-password",
        "inputmode": "numeric",
        "enterkeyhint": "go",
    }.items():
        await expect(box(page)).to_have_attribute(name, value)
    await page.evaluate("Object.assign(ssn, { maxLength: null, readOnly: '', required: 0 })")
    assert await page.evaluate("[ssn.maxLength, ssn.readOnly, ssn.required]") == [-1, False, False]
    absent = ["pattern", "selectionStart", "select", "stepUp", "valueAsNumber", "list", "files"]
    assert not await page.evaluate(f"{absent}.filter((name) => name in ssn).length")


async def test_a_pattern_of_the_page_is_not_heard(site: Site, page: Page) -> None:
    """A page could ask a stored value one question after another; so it may ask none."""
    await site.show(page, FORM.format(attributes="pattern=[0-9]+"))
    await type_into(page, "abc")
    assert await page.evaluate("ssn.checkValidity()")
    assert await box(page).get_attribute("pattern") is None


async def test_no_event_tells_of_a_selection(site: Site, page: Page) -> None:
    """Where the caret is, and what is selected, stays in the frame."""
    await site.show(page, field())
    await page.evaluate(
        """window.heard = [];
        for (const name of ["select", "selectionchange", "selectstart", "beforeinput",
          "compositionstart", "paste", "copy", "cut", "drop", "dragover", "keydown"]) {
          addEventListener(name, ({ type }) => heard.push(type), true);
        }"""
    )
    await press(page, box(page), ["abc", "Control+a", "Control+c", "Control+x", "Control+v"])
    await page.wait_for_timeout(200)
    assert await page.evaluate("heard") == []
