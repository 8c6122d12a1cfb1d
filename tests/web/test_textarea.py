"""`<secure-textarea>`: a field of several lines, with all that a `<secure-input>` promises."""

from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.web.elements import box, filled, hear, posted, problem, shown, text
from tests.web.site import Site, field_frames

FORM = """
<form id=form method=post action=/form>
  <label for=ssn>Notes</label>
  <secure-textarea id=ssn name=ssn {attributes}></secure-textarea>
  <button id=go>Save</button>
</form>"""
LINES = "\n".join(f"line {at}" for at in range(40))


def area(token: str = "", attributes: str = "") -> str:
    """Write a `<secure-textarea>`, filled with a token's value if one is given."""
    return f'<secure-textarea id=ssn {attributes} token="{token}"></secure-textarea>'


async def test_a_form_posts_a_token_for_lines(site: Site, page: Page) -> None:
    """Enter makes a line break, submits nothing, and the value comes back with its breaks."""
    await site.show(page, FORM.format(attributes="required"))
    await page.click("label")
    await expect(box(page)).to_be_focused()
    for typed in ("one", "Enter", "two", "Enter", "Enter", "three"):
        await (page.keyboard.press if typed == "Enter" else page.keyboard.type)(typed)
    await expect(box(page)).to_have_value("one\ntwo\n\nthree")
    await page.wait_for_function("ssn.pending")
    assert not site.posts
    await page.click("#go")
    [token] = (await posted(site, page)).values()
    assert token.startswith("lunasec-")
    await site.grant(page, [token])
    await site.show(page, area(token) + text(token))
    assert await filled(page).evaluate("(each) => each.textContent") == "one\ntwo\n\nthree"
    await expect(shown(page)).to_contain_text("three")
    assert "three" not in await page.content()


async def test_loads_when_it_is_used(site: Site, page: Page) -> None:
    """A page without one asks for no module of it; one that comes late is built."""
    await site.show(page, "<main id=main></main>")
    loaded = "performance.getEntriesByType('resource').some(({ name }) => /textarea/.test(name))"
    assert not await page.evaluate(loaded)
    await page.evaluate("main.innerHTML = '<secure-textarea id=ssn></secure-textarea>'")
    await page.wait_for_selector("#ssn iframe.ready")
    assert await page.evaluate(loaded)


async def test_members_of_a_textarea(site: Site, page: Page) -> None:
    """Properties are those of `<textarea>`, and stand for attributes."""
    await site.show(page, FORM.format(attributes="rows=4 maxlength=9 wrap=off"))
    read = "[ssn.type, ssn.rows, ssn.cols, ssn.wrap, ssn.maxLength, ssn.minLength, ssn.autoGrow]"
    assert await page.evaluate(read) == ["textarea", 4, 20, "off", 9, -1, False]
    await page.evaluate(
        "Object.assign(ssn, { rows: 7, cols: 30, wrap: 'soft', maxLength: 5, minLength: 2,"
        " autoGrow: true, maxRows: 9, required: true })"
    )
    assert await page.evaluate(read) == ["textarea", 7, 30, "soft", 5, 2, True]
    names = "['rows', 'cols', 'max-rows', 'auto-grow'].map((each) => ssn.getAttribute(each))"
    assert await page.evaluate(names) == ["7", "30", "9", ""]
    await expect(box(page)).to_have_attribute("maxlength", "5")
    await expect(box(page)).to_have_attribute("wrap", "soft")
    await page.evaluate("ssn.rows = 0; ssn.cols = -1; ssn.setAttribute('max-rows', 'x')")
    assert await page.evaluate("[ssn.rows, ssn.cols, ssn.maxRows]") == [2, 20, 0]


async def test_a_stored_value_is_one_stop_for_tab(site: Site, page: Page) -> None:
    """Tab goes in and out by one key, both ways, though there is something to scroll inside."""
    [token] = await site.store(page, LINES)
    await site.show(page, f"<input id=a>{area(token)}<input id=b>")
    await expect(filled(page)).to_contain_text("line 39")
    await page.focus("#a")
    await page.keyboard.press("Tab")
    await expect(box(page)).to_be_focused()
    await page.keyboard.press("Tab")
    await expect(page.locator("#b")).to_be_focused()
    await page.keyboard.press("Shift+Tab")
    await expect(box(page)).to_be_focused()
    await page.keyboard.press("Shift+Tab")
    await expect(page.locator("#a")).to_be_focused()


@pytest.mark.parametrize(
    ("attributes", "typed", "left"),
    [
        ("maxlength=5", "ab\ncdef", "ab\ncd"),
        # A line break is one character, and 😀 two.
        ("maxlength=3", "\n\n\n\n", "\n\n\n"),
        ("maxlength=3", "😀😀", "😀"),
        ("maxlength=4", "😀😀", "😀😀"),
    ],
)
async def test_maxlength_is_counted_as_browsers_do(
    site: Site, page: Page, attributes: str, typed: str, left: str
) -> None:
    """A native `<textarea>` beside it takes as much."""
    native = f"<textarea id=native {attributes}></textarea>"
    await site.show(page, native + area(attributes=attributes))
    for where in (page.locator("#native"), box(page)):
        await where.click()
        for each in typed:
            await (
                page.keyboard.press("Enter") if each == "\n" else page.keyboard.insert_text(each)
            )
        await expect(where).to_have_value(left)


async def test_minlength_and_line_breaks(site: Site, page: Page) -> None:
    """A line break counts as one character for `minlength`, in whatever form it is pasted."""
    rights = ["clipboard-read", "clipboard-write"]
    await page.context.grant_permissions(rights, origin=site.origin)
    await site.show(page, area(attributes="minlength=4"))
    await page.evaluate("navigator.clipboard.writeText('a\\r\\nb')")
    await box(page).click()
    await page.keyboard.press("Control+v")
    await expect(box(page)).to_have_value("a\nb")
    await page.wait_for_function("ssn.validity.tooShort")
    await page.keyboard.type("c")
    await page.wait_for_function("ssn.checkValidity()")


async def test_undo_composition_and_direction(site: Site, page: Page) -> None:
    """Undo and redo are the browser's; an input method and right-to-left text are at home."""
    await hear(page, "input")
    await site.show(page, area(attributes="dir=rtl"))
    await box(page).click()
    await page.keyboard.insert_text("שלום")
    await page.keyboard.press("Enter")
    await expect(box(page)).to_have_css("direction", "rtl")
    session: Any = await page.context.new_cdp_session(field_frames(page)[0])
    composition = {"text": "に", "selectionStart": 1, "selectionEnd": 1}
    await session.send("Input.imeSetComposition", composition)
    await session.send("Input.insertText", {"text": "日"})
    await expect(box(page)).to_have_value("שלום\n日")
    for _ in range(5):
        await page.keyboard.press("Control+z")
    await expect(box(page)).to_have_value("")
    for _ in range(5):
        await page.keyboard.press("Control+Shift+z")
    await expect(box(page)).to_have_value("שלום\n日")
    assert await page.evaluate("heard.length") > 5


async def test_too_large_is_said(site: Site, page: Page) -> None:
    """Over 64 KiB nothing is stored, the form is not sent, and the field says why."""
    await site.show(page, FORM.format(attributes=""))
    await box(page).fill("日" * 22_000)
    await page.wait_for_function("ssn.pending")
    await page.click("#go")
    await problem(page, "too_large", "#ssn")
    assert not site.posts


async def test_a_validator_holds_for_lines(site: Site, page: Page) -> None:
    """Names are checked as in a `<secure-input>`."""
    await site.show(page, FORM.format(attributes="validator=employee-id"))
    await box(page).click()
    await page.keyboard.type("E12345")
    await page.wait_for_function("ssn.validity.patternMismatch")
    await page.keyboard.type("6")
    await page.wait_for_function("ssn.checkValidity()")
