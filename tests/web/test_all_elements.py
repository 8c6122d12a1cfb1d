"""A page with each kind of element: one request for all that it shows, with cookies or without."""

import asyncio

import pytest
from playwright.async_api import Browser, Page, Route, expect

from tests.browsers import WAIT_MILLISECONDS
from tests.web.elements import (
    asked,
    field,
    filled,
    posted,
    responses,
    shown,
    text,
    type_into,
)
from tests.web.files import FORM as FILES
from tests.web.files import (
    all_ready,
    choose,
    download_of,
    fetched,
    inside,
    payload,
    rows,
    start,
    store_files,
)
from tests.web.site import Site

SLOW = 0.5  # seconds
LINES = "<secure-textarea id=lines name=lines token='{}'></secure-textarea>"
GROUP = "<secure-group id=g>{}</secure-group>"


def whole(one: str, two: str, file: str, other: str) -> str:
    """Write a page on which each kind of element shows something stored."""
    return (
        text(one, "id=shown")
        + field(two)
        + LINES.format(one)
        + download_of(file)
        + FILES.format(attributes=f"multiple token='{file} {other}'")
        + GROUP.format(text(two, "id=row") + field(one, "id=cell"))
    )


async def all_shown(page: Page) -> None:
    """Wait until each element shows what it has to."""
    await expect(shown(page, "#shown")).to_have_text("one")
    await expect(filled(page)).to_have_text("two")
    await expect(filled(page, "#lines")).to_have_text("one")
    await expect(start(page)).to_contain_text("a.txt")
    await expect(rows(page).first).to_contain_text("a.txt")
    await expect(rows(page).last).to_contain_text("b.txt")
    grouped = page.frame_locator("#g iframe").locator("body")
    await expect(grouped).to_contain_text("two")
    await expect(grouped).to_contain_text("one")


async def held(page: Page, module: str) -> None:
    """Let an element's module come late."""

    async def hold(route: Route) -> None:
        await asyncio.sleep(SLOW)
        await route.continue_()

    await page.route(f"**/elements/{module}.js", hold)


@pytest.mark.parametrize("late", ["group", "textarea", "upload", "download"])
async def test_all_that_a_page_shows_is_one_request(site: Site, page: Page, late: str) -> None:
    """Values, lines, files to fetch and files that stand, grouped or alone, whatever is late."""
    files = await store_files(site, page, payload("a.txt"), payload("b.txt"))
    values = await site.store(page, "one", "two")
    reads = asked(page, "/detokenize")

    await held(page, late)
    await site.show(page, whole(*values, *files))
    await all_shown(page)
    assert len(reads) == 1


async def test_all_that_a_script_adds_is_one_request(site: Site, page: Page) -> None:
    """Also where it adds the first of their kinds; what is asked for later is not from before."""
    [file] = await store_files(site, page, payload("a.txt"))
    one, two = await site.store(page, "one", "two")
    await site.show(page, text(one, "id=shown"))
    await expect(shown(page)).to_have_text("one")
    reads = asked(page, "/detokenize")
    await held(page, "download")
    added = text(two, "id=added") + LINES.format(one) + download_of(file)
    await page.evaluate("(html) => document.body.insertAdjacentHTML('beforeend', html)", added)
    await expect(shown(page, "#added")).to_have_text("two")
    await expect(filled(page, "#lines")).to_have_text("one")
    await expect(start(page)).to_contain_text("a.txt")
    assert len(reads) == 1
    async with page.expect_request("**/detokenize"):
        await page.evaluate("lines.refresh()")


ALL = """<form id=form method=post action=/form>
  <secure-input id=ssn name=ssn></secure-input>
  <secure-textarea id=lines name=lines></secure-textarea>
  <secure-group id=g><secure-input id=cell name=cell></secure-input></secure-group>
  <secure-upload id=up name=docs multiple></secure-upload>
  <button id=go>Save</button>
</form>"""


async def test_each_element_without_cookies(site: Site, cookies_denied: Browser) -> None:
    """Typed, chosen, stored, shown, copied and fetched where the browser keeps nothing at all."""
    context = await cookies_denied.new_context()
    context.set_default_timeout(WAIT_MILLISECONDS)
    page = await context.new_page()
    await site.log_in(page)
    await site.show(page, ALL)
    await type_into(page, "two")
    await type_into(page, "one", "#lines")
    await page.frame_locator("#g iframe").locator("input").click()
    await page.keyboard.type("three")
    await page.wait_for_function("cell.pending")
    await choose(page, payload("a.txt", b"whole"), payload("b.txt"))
    await all_ready(page, 2)
    await page.press("#go", "Enter", no_wait_after=True)
    found = await posted(site, page)
    one, two, files = found["lines"], found["ssn"], found["docs"].split()
    await site.grant(page, [one, two, found["cell"], *files], copy=True)
    answers = responses(page)
    await site.show(page, whole(one, two, *files) + text(found["cell"], "id=copied copy"))
    await all_shown(page)
    assert [each.url for each in answers if each.ok] == [f"{site.tokenizer.origin}/detokenize"]
    copy = inside(page, "#copied").locator("button.copy")
    await copy.click()
    await expect(copy).to_have_text("Copied")
    assert (await fetched(page))[1] == b"whole"
    assert {each.get("name") for each in await context.cookies()} == {"session"}
    await context.close()
