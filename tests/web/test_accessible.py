"""Every state of the elements for everybody: axe, right to left, at twice the size, in the dark."""

import pytest
from playwright.async_api import Page, expect

from tests.browsers import inaccessible
from tests.http.parties import UNKNOWN
from tests.web.elements import (
    MASK,
    SSN,
    alone_and_grouped,
    box,
    button,
    field,
    filled,
    problem,
    shown,
    text,
    type_into,
)
from tests.web.site import Site

PAGE = """
<style>:root {{ color-scheme: light dark }}</style>
<main><h1>States</h1><form id=form>
<p><label for=typed>Typed</label> {typed}
<p><label for=wrong>Wrong</label> {wrong}
<p><label for=off>Off</label> {off}
<p><label for=kept>Kept</label> {kept}
<p><label for=failed>Failed</label> {failed}
<p><label for=empty>Empty</label> {empty}
<p><label for=lines>Lines</label> <secure-textarea id=lines></secure-textarea>
<p><label for=missing>Missing</label> <secure-textarea id=missing required></secure-textarea>
<p><label for=note>Note</label> <secure-textarea id=note token="{token}"></secure-textarea>
</form>
<p>Shown {shown}<p>Masked {masked}<p>Ended {ended}<p>Refused {refused}</main>"""


async def show_every_state(site: Site, page: Page, style: str = "") -> None:
    """Bring one element into each state that a person can meet."""
    [kept] = await site.store(page, SSN)
    [ended] = await site.store(page, "soon", grant=False)
    await site.grant(page, [ended], expires_in=1)
    body = PAGE.format(
        token=kept,
        typed=field(attributes="id=typed"),
        wrong=field(attributes="id=wrong required validator=ssn"),
        off=field(kept, "id=off disabled"),
        kept=field(kept, "id=kept"),
        failed=field(UNKNOWN, "id=failed"),
        empty=field(attributes="id=empty placeholder=000-00-0000"),
        shown=text(kept, "id=shown"),
        masked=text(kept, "id=masked reveal=click aria-label=Number"),
        ended=text(ended, "id=ended aria-label=Ended"),
        refused=text(UNKNOWN, "id=refused"),
    )
    await site.show(page, style + body)
    await type_into(page, "some text", "#typed")
    await type_into(page, "some lines", "#lines")
    await page.evaluate("form.checkValidity()")
    for element in ("#kept", "#off", "#note"):
        await expect(filled(page, element)).to_have_text(SSN)
    await expect(shown(page, "#shown")).to_have_text(SSN)
    await expect(shown(page, "#masked")).to_have_text(MASK)
    await problem(page, "not_granted", "#refused")
    await problem(page, "not_granted", "#failed")
    for element in ("#wrong", "#missing"):
        await expect(box(page, element)).to_have_attribute("aria-invalid", "true")
    await expect(box(page, "#off")).to_be_disabled()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@alone_and_grouped
async def test_axe_finds_nothing_in_any_state(site: Site, page: Page, scheme: str) -> None:
    """Typed, wrong, disabled, stored, failed, empty, shown, masked, ended or refused: all clean."""
    await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    await show_every_state(site, page)
    assert await inaccessible(page) == []


async def test_right_to_left(site: Site, page: Page) -> None:
    """Frames follow the page: text begins at the right, and the button stands at the left."""
    await show_every_state(site, page, "<script>document.documentElement.dir = 'rtl'</script>")
    root = page.frame_locator("#masked iframe").locator("body")
    await expect(root).to_have_css("direction", "rtl")
    await expect(box(page, "#typed")).to_have_css("direction", "rtl")
    word, press = (
        await shown(page, "#masked").bounding_box(),
        await button(page, "#masked").bounding_box(),
    )
    assert word
    assert press
    assert press["x"] < word["x"]
    assert await inaccessible(page) == []


async def test_twice_the_size(site: Site, page: Page) -> None:
    """At 200 % on a small screen text grows with the page's, and nothing is cut off or overlaps."""
    await page.set_viewport_size({"width": 640, "height": 900})
    await show_every_state(site, page, "<style>:root { font-size: 200% }</style>")
    await page.evaluate(
        "document.querySelectorAll('secure-input').forEach((each) => {"
        " each.style.font = 'inherit'; })"
    )
    for found in (box(page, "#typed"), shown(page, "#shown")):
        await expect(found).to_have_css("font-size", "32px")
    for element in ("#shown", "#masked", "#typed", "#kept"):
        frame = page.frame_locator(f"{element} iframe").locator("html")
        assert await frame.evaluate(
            "(html) => html.scrollHeight <= innerHeight && html.scrollWidth <= innerWidth"
        ), element
    wider = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    assert not await page.evaluate(wider)
    assert await inaccessible(page) == []
