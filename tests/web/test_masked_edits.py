"""Edits of a masked field: keys, clipboard, drops, input methods, undo, and where the caret is."""

from typing import Any

from playwright.async_api import Page, expect

from tests.web.elements import SSN, box, field, hear
from tests.web.site import Site, field_frames

CARET = "(each) => [each.selectionStart, each.selectionEnd]"


async def show(site: Site, page: Page, attributes: str) -> None:
    """Open a page with one field, and click into it."""
    await site.show(page, f"<input id=other>{field(attributes=f'id=ssn {attributes}')}")
    await box(page).click()


async def test_the_caret_stays_where_it_was(site: Site, page: Page) -> None:
    """Typing and deleting in the middle leave the caret behind what was typed."""
    await show(site, page, "mask=ssn")
    await page.keyboard.type("2199999")
    for keys, text, caret in (
        (["ArrowLeft"] * 5, "219-99-99", 4),
        (["0"], "219-09-999", 5),
        (["5"], "219-05-9999", 6),
        (["7"], "219-05-9999", 6),
        (["Backspace"], "219-09-999", 5),
        (["Backspace", "Backspace"], "219-99-9", 2),
    ):
        for key in keys:
            await page.keyboard.press(key)
        await expect(box(page)).to_have_value(text)
        assert await box(page).evaluate(CARET) == [caret, caret], text


async def test_undo_and_redo_go_through_what_stood_there(site: Site, page: Page) -> None:
    """Undo leads back to nothing and redo to all of it, by texts that were once shown."""
    await show(site, page, "mask=ssn")
    texts = [""]
    for digit in "219099999":
        await page.keyboard.press(digit)
        texts.append(await box(page).input_value())
    await page.keyboard.press("Home")
    await page.keyboard.press("Delete")
    texts.append(await box(page).input_value())
    for key, end in (("Control+z", ""), ("Control+Shift+z", texts[-1])):
        seen = set[str]()
        for _ in range(30):
            await page.keyboard.press(key)
            seen.add(await box(page).input_value())
        assert await box(page).input_value() == end
        assert seen <= set(texts), seen - set(texts)
        assert len(seen) > 2


async def test_each_key_is_one_event(site: Site, page: Page) -> None:
    """The page hears of a key once, though the mask adds a separator; and of none refused."""
    await hear(page, "input", "change")
    await show(site, page, "mask=ssn")
    await page.keyboard.type("2190x")
    await page.wait_for_function("heard.length > 3")
    for key in ("Backspace", "Control+Backspace", "7"):
        await page.keyboard.press(key)
    await page.click("#other")
    await page.wait_for_function("heard.some(([name]) => name === 'change')")
    names = await page.evaluate("heard.map(([name]) => name)")
    assert names == [*["input"] * 7, "change"]


async def test_paste_in_the_middle(site: Site, page: Page) -> None:
    """What is pasted is cleaned, takes the room that is left, and is undone in one step."""
    rights = ["clipboard-read", "clipboard-write"]
    await page.context.grant_permissions(rights, origin=site.origin)
    await site.show(page, f"<input id=other>{field(attributes='id=ssn mask=ssn')}")
    await page.evaluate("navigator.clipboard.writeText('no. 09 99\\n12')")
    await box(page).click()
    await page.keyboard.type("21999")
    for key in ("ArrowLeft", "ArrowLeft", "Control+v"):
        await page.keyboard.press(key)
    await expect(box(page)).to_have_value("219-09-9999")
    assert await box(page).evaluate(CARET) == [9, 9]
    await page.keyboard.press("Control+z")
    await expect(box(page)).to_have_value("219-99")
    await page.keyboard.press("Control+a")
    await page.keyboard.press("Control+v")
    await expect(box(page)).to_have_value("099-91-2")


async def test_cut_takes_its_part_along(site: Site, page: Page) -> None:
    """What is cut is in the clipboard, what is left is grouped, and the page hears of it once."""
    await hear(page, "input")
    rights = ["clipboard-read", "clipboard-write"]
    await page.context.grant_permissions(rights, origin=site.origin)
    await show(site, page, "mask=ssn")
    await page.keyboard.type("219099999")
    await page.keyboard.press("Home")
    for key in ("Shift+ArrowRight", "Shift+ArrowRight", "Control+x"):
        await page.keyboard.press(key)
    await expect(box(page)).to_have_value("909-99-99")
    await page.focus("#other")
    await page.keyboard.press("Control+v")
    assert await page.input_value("#other") == "21"
    heard = "heard.filter(([, name]) => name === 'ssn').length"
    assert await page.evaluate(heard) == len("219099999") + 1


async def drop(page: Page, text: str) -> None:
    """Drop a text that comes from elsewhere into the field."""
    where = await page.locator("#ssn").bounding_box()
    assert where
    session: Any = await page.context.new_cdp_session(page)
    data = {"items": [{"mimeType": "text/plain", "data": text}], "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver", "drop"):
        place = {"x": where["x"] + 30, "y": where["y"] + 8}
        await session.send("Input.dispatchDragEvent", {"type": kind, "data": data, **place})


async def test_a_drop_is_cleaned(site: Site, page: Page) -> None:
    """Text that is dragged into a field is taken like text that is pasted, and told of once."""
    await hear(page, "input")
    await site.show(page, field(attributes="id=ssn mask=ssn"))
    await drop(page, "no. 219 09 9999 77")
    await expect(box(page)).to_have_value(SSN)
    await page.wait_for_function("ssn.pending")
    await page.wait_for_timeout(200)
    assert await page.evaluate("heard.length") == 1


async def test_an_input_method_is_left_alone(site: Site, page: Page) -> None:
    """While somebody composes, the text is theirs; it is grouped when they are done."""
    await show(site, page, "mask=ssn")
    session: Any = await page.context.new_cdp_session(field_frames(page)[0])
    wide = "".join(chr(ord(digit) - ord("0") + 0xFF10) for digit in "2190")
    for size in range(1, 5):
        composition = {"text": wide[:size], "selectionStart": size, "selectionEnd": size}
        await session.send("Input.imeSetComposition", composition)
        await expect(box(page)).to_have_value(wide[:size])
    await session.send("Input.insertText", {"text": wide})
    await expect(box(page)).to_have_value("219-0")
    assert await box(page).evaluate(CARET) == [5, 5]
    await page.keyboard.type("99999")
    await expect(box(page)).to_have_value(SSN)
    await page.wait_for_function("ssn.pending")


async def test_autofill_is_grouped(site: Site, page: Page) -> None:
    """What the browser fills in by itself is grouped, and the page hears of it."""
    await site.show(page, field(attributes="id=ssn validator=card"))
    # As a browser does it: no key, no `beforeinput`, and nobody is in the field.
    await box(page).evaluate(
        """(each) => { each.value = "4242424242424242";
          each.dispatchEvent(new Event("input", { bubbles: true })); }"""
    )
    await expect(box(page)).to_have_value("4242 4242 4242 4242")
    await page.wait_for_function("ssn.pending && ssn.checkValidity()")
