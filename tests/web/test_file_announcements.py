"""What is read out of a file on its way down, and what axe says where something went wrong."""

from playwright.async_api import Locator, Page, expect

from tests.browsers import inaccessible
from tests.web.files import (
    FORM,
    MIB,
    SEGMENTS,
    choose,
    download_of,
    inside,
    laid,
    noise,
    payload,
    rows,
    start,
    store_files,
)
from tests.web.site import Site, field_frames

LISTEN = """(each) => { window.said = [];
  new MutationObserver(() => said.push(each.textContent)).observe(each,
    { childList: true, characterData: true, subtree: true }); }"""
WHOLE = "<main><h1>Files</h1>{}</main>"
GONE = '{"type": "x", "code": "not_granted"}'


async def heard(page: Page, element: str) -> Locator:
    """Write down what the frame of an element announces politely."""
    status = inside(page, element).locator("[role=status]")
    await status.evaluate(LISTEN)
    return status


async def test_what_is_said_of_a_download(site: Site, page: Page) -> None:
    """Its beginning, its progress now and then, its end, a cancel and a failure are announced."""
    [token] = await store_files(site, page, payload("a.bin", noise(9 * MIB)))
    line = await laid(page)
    await site.show(page, download_of(token))
    await expect(start(page)).to_contain_text("a.bin")
    status = await heard(page, "#down")
    line.pause = 0.8
    async with page.expect_download(timeout=60_000) as waiting:
        await start(page).click()
    await expect(status).to_have_text("Downloaded", timeout=60_000)
    assert await (await waiting.value).failure() is None
    said: list[str] = await field_frames(page)[0].evaluate("said")
    assert said[0] == "Download started"
    assert said[-1] == "Downloaded"
    between = said[1:-1]
    assert between, "it took longer than the time between two announcements"
    assert len(between) <= 3
    assert all(each.endswith("% downloaded") for each in between)
    await start(page).click()
    await inside(page, "#down").get_by_role("button", name="Cancel a.bin").click()
    await expect(status).to_have_text("Canceled")
    line.pause = 0
    await page.route("**/files/read", lambda route: route.fulfill(body="x" * 100))
    await start(page).click()
    await expect(status).to_have_text("The stored file is damaged.")


async def test_axe_finds_nothing_where_a_file_failed(site: Site, page: Page) -> None:
    """With a picture, a refusal that can be tried again, one that waits, and a failed download."""
    [token] = await store_files(site, page, payload("stored.bin", noise(MIB)))
    form = FORM.format(attributes="multiple")
    await site.show(page, WHOLE.format(form + download_of(token)))
    await expect(start(page)).to_contain_text("stored.bin")
    shot = await page.screenshot()
    await choose(page, payload("shot.png", shot, "image/png"))
    await expect(inside(page).locator("canvas")).to_be_visible()
    await page.route(SEGMENTS, lambda route: route.fulfill(status=403, body=GONE))
    await choose(page, payload("refused.bin"))
    await expect(rows(page).last).to_have_attribute("data-state", "failed")
    await page.unroute(SEGMENTS)
    line = await laid(page)
    line.cut = True
    await choose(page, payload("cut.bin"))
    await expect(rows(page).last).to_have_attribute("data-state", "waiting")
    await page.route("**/files/read", lambda route: route.fulfill(body="x" * 100))
    await start(page).click()
    await expect(inside(page, "#down").locator(".said")).to_have_text("The stored file is damaged.")
    assert await inaccessible(page) == []
