"""The first edit removes a stored value whole: no part of it is left, and none comes back."""

from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.web.elements import (
    FORM,
    SSN,
    alone_and_grouped,
    box,
    button,
    field,
    filled,
    hear,
    shown,
    text,
    type_into,
)
from tests.web.site import Site, field_frames


@pytest.mark.parametrize(
    "keys",
    [
        ["x", "Control+z"],
        ["Backspace", "Control+z", "Control+Shift+z"],
        ["Control+a", "Control+x", "Control+v"],
        ["Control+a", "Control+c", "Delete", "Control+v"],
        ["x", "Backspace", "Control+z", "Control+z", "Control+z"],
    ],
    ids="-".join,
)
@alone_and_grouped
async def test_nothing_comes_back(site: Site, page: Page, keys: list[str]) -> None:
    """Neither undo nor redo, cut nor paste has a part of the stored value."""
    [token] = await site.store(page, SSN)
    await site.show(page, field(token))
    await expect(filled(page)).to_have_text(SSN)
    await box(page).click()
    for key in keys:
        await page.keyboard.press(key)
    value = await box(page).input_value()
    stored = await page.evaluate("ssn.value !== ''")
    assert stored or not any(each.isdigit() for each in value)


@pytest.mark.parametrize("key", ["Backspace", "Delete", "Control+Backspace"])
@alone_and_grouped
async def test_deleting_a_part_deletes_all(site: Site, page: Page, key: str) -> None:
    """What is left of a stored value after one key is nothing."""
    [token] = await site.store(page, SSN)
    await site.show(page, field(token))
    await expect(filled(page)).to_have_text(SSN)
    await box(page).click()
    await page.keyboard.press("End" if "Backspace" in key else "Home")
    await page.keyboard.press(key)
    await expect(box(page)).to_have_value("")
    await page.wait_for_function("ssn.value === ''")


@pytest.mark.parametrize("keys", [["Backspace"], ["x", "Backspace"], ["Control+a", "Delete"]])
@alone_and_grouped
async def test_a_removed_value_is_a_change(site: Site, page: Page, keys: list[str]) -> None:
    """A page that saves on `change` hears, as of a native field, that the value was removed."""
    [token] = await site.store(page, SSN)
    await site.show(page, f"{field(token)}<input id=other>")
    await expect(filled(page)).to_have_text(SSN)
    await page.evaluate(
        "() => { window.changes = []; ssn.onchange = () => changes.push(ssn.value) }"
    )
    await box(page).click()
    for key in keys:
        await page.keyboard.press(key)
    await page.click("#other")
    await page.wait_for_function("changes.length === 1 && changes[0] === ''")


@alone_and_grouped
async def test_composition_replaces_a_stored_value(site: Site, page: Page) -> None:
    """An input method's text is no exception: nothing of the stored value is left beside it."""
    [token] = await site.store(page, SSN)
    await site.show(page, field(token))
    await expect(filled(page)).to_have_text(SSN)
    await box(page).click()
    await page.keyboard.press("End")
    session: Any = await page.context.new_cdp_session(field_frames(page)[0])
    composition = {"text": "に", "selectionStart": 1, "selectionEnd": 1}
    await session.send("Input.imeSetComposition", composition)
    await session.send("Input.insertText", {"text": "日"})
    await expect(box(page)).to_have_value("日")
    await page.wait_for_function("ssn.pending")


@alone_and_grouped
async def test_stored_values_are_not_copied(site: Site, page: Page) -> None:
    """A page could have the clipboard pasted into a field of its own."""
    rights = ["clipboard-read", "clipboard-write"]
    await page.context.grant_permissions(rights, origin=site.origin)
    [token] = await site.store(page, SSN)
    body = "<textarea id=thief></textarea>" + text(token, "reveal=click") + field(token)
    await site.show(page, body)
    await page.evaluate("navigator.clipboard.writeText('before')")
    await button(page).click()
    await expect(shown(page)).to_have_text(SSN)
    for key in ("Control+a", "Control+c"):
        await page.keyboard.press(key)
    await expect(filled(page)).to_have_text(SSN)
    await box(page).click()
    for key in ("Control+a", "Control+c", "Control+x"):
        await page.keyboard.press(key)
    await page.click("#thief")
    await page.keyboard.press("Control+v")
    assert await page.input_value("#thief") == "before"


@pytest.mark.parametrize(
    ("done", "told"),
    [
        ("document.body.append(ssn)", ["typing_lost"]),
        ("document.body.moveBefore(ssn, null)", []),
        ("ssn.remove()", []),
    ],
    ids=["moved", "moved whole", "removed"],
)
async def test_what_is_lost_with_its_frame_is_said_to_be(
    site: Site, page: Page, done: str, told: list[str]
) -> None:
    """A browser loads the frame of an element that is moved anew: the page hears of it."""
    await hear(page, "secure-error")
    await site.show(page, FORM.format(attributes=""))
    await type_into(page, "typed")
    await page.evaluate(done)
    if told:
        await page.wait_for_function("heard.length")
        await expect(box(page)).to_have_value("")
    else:
        await page.wait_for_timeout(500)
    heard = await page.evaluate("heard")
    assert [each[3]["code"] for each in heard] == told
    assert all(each[3]["message"] == "What was typed is gone. Type it again." for each in heard)


@alone_and_grouped
async def test_what_goes_with_a_reload_is_said_to_be(site: Site, page: Page) -> None:
    """A frame that comes anew has nothing of what was typed, and does not hold the form."""
    await hear(page, "secure-error")
    await site.show(page, FORM.format(attributes=""))
    await type_into(page, "typed")
    await field_frames(page)[0].evaluate("location.reload()")
    await page.wait_for_function("heard.length")
    assert [each[3]["code"] for each in await page.evaluate("heard")] == ["typing_lost"]
    await expect(box(page)).to_have_value("")
    await type_into(page, "again")
    await expect(box(page)).to_have_value("again")
