"""`<secure-download>`: a stored file goes to the person's disk, past the page and past memory."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from tests.web.elements import asked, hear, problem, still_shows
from tests.web.files import (
    MIB,
    download_of,
    fetched,
    inside,
    laid,
    noise,
    payload,
    saved,
    start,
    store_files,
)
from tests.web.site import Site, field_frames

WITHOUT_WORKERS = """if (navigator.serviceWorker) navigator.serviceWorker.register = () =>
  Promise.reject(new DOMException("", "SecurityError"))"""

SAVE = Path(__file__).parents[2] / "web/frame/save.js"
SMALLER = SAVE.read_text().replace("256 * 1024 * 1024", "1024")

REFRESH = "document.querySelector('secure-download').refresh()"


async def test_name_and_size(site: Site, page: Page) -> None:
    """They stand in the frame, and are read out with what the button does."""
    [token] = await store_files(site, page, payload("report.pdf", noise(1_200_000)))
    await site.show(page, download_of(token, 'aria-label="For 2024"'))
    button = inside(page, "secure-download").get_by_role("button")
    await expect(button).to_have_accessible_name("Download report.pdf 1.2 MB For 2024")
    await page.evaluate("document.querySelector('secure-download').setAttribute('as', 'button')")
    await expect(start(page)).to_have_attribute("data-as", "button")


async def test_it_streams_past_memory(site: Site, page: Page) -> None:
    """The answer comes from the worker, under an address that is good for one request."""
    [token] = await store_files(site, page, payload("a.bin", noise(3 * MIB)))
    await site.show(page, download_of(token))
    await expect(start(page)).to_contain_text("a.bin")
    async with page.expect_response("**/download/*") as waiting:
        download, content = await fetched(page)
    assert content == noise(3 * MIB)
    answer = await waiting.value
    assert answer.from_service_worker
    assert answer.url == download.url
    assert answer.headers == {
        "cache-control": "no-store",
        "content-disposition": "attachment; filename=\"a.bin\"; filename*=UTF-8''a.bin",
        "content-length": str(3 * MIB),
        "content-security-policy": "sandbox; default-src 'none'",
        "content-type": "application/octet-stream",
        "cross-origin-resource-policy": "same-origin",
        "x-content-type-options": "nosniff",
    }
    again = "(url) => fetch(url).then((answer) => answer.status)"
    assert await field_frames(page)[0].evaluate(again, answer.url) == 404


async def test_by_itself(site: Site, page: Page) -> None:
    """With `auto` the download begins without a click, once."""
    [token] = await store_files(site, page, payload("a.bin", b"auto"))
    async with page.expect_download() as waiting:
        await site.show(page, download_of(token, "auto"))
    assert (await saved(await waiting.value))[1] == b"auto"
    more: list[str] = []
    page.on("download", lambda each: more.append(each.url))
    await page.evaluate(REFRESH)
    await page.wait_for_timeout(1_000)
    assert not more


async def test_through_memory(site: Site, page: Page) -> None:
    """Where no worker can be had, a file comes through the frame's memory, under its name."""
    content = noise(2 * MIB + 5)
    [token] = await store_files(site, page, payload("ü.bin", content))
    await page.add_init_script(WITHOUT_WORKERS)
    await site.show(page, download_of(token))
    await expect(start(page)).to_contain_text("ü.bin")
    download, got = await fetched(page)
    assert got == content
    assert download.suggested_filename == "ü.bin"
    assert download.url.startswith("blob:")


async def test_t27_one_too_large_for_memory_is_the_frames_affair(site: Site, page: Page) -> None:
    """T27: the person reads why; the page is told as little as of a file that is saved."""
    [token] = await store_files(site, page, payload("a.bin", noise(2 * MIB)))
    await page.add_init_script(WITHOUT_WORKERS)
    await hear(page, "secure-error")

    await page.route(
        "**/frame/save.js",
        lambda route: route.fulfill(body=SMALLER, content_type="text/javascript"),
    )
    await site.show(page, download_of(token))
    await start(page).click()
    await expect(inside(page, "secure-download").locator(".said")).to_contain_text("Too large")
    assert await page.evaluate("heard") == []


async def test_a_cut_line(site: Site, page: Page) -> None:
    """A download goes on where it was when the network is back."""
    content = noise(5 * MIB)
    [token] = await store_files(site, page, payload("a.bin", content))
    reads = asked(page, "/files/read")
    line = await laid(page)
    line.pause = 0.2
    await site.show(page, download_of(token))
    async with page.expect_download(timeout=20_000) as waiting:
        await start(page).click()
        while len(reads) < 3:
            await page.wait_for_timeout(20)
        line.cut = True
        await page.wait_for_timeout(700)
        line.cut = False
    assert (await saved(await waiting.value))[1] == content


async def test_canceled(site: Site, page: Page) -> None:
    """A canceled download is no file, and can be begun anew."""
    [token] = await store_files(site, page, payload("a.bin", noise(6 * MIB)))
    line = await laid(page)
    line.pause = 0.3
    await site.show(page, download_of(token))
    await expect(start(page)).to_contain_text("a.bin")
    async with page.expect_download() as waiting:
        await start(page).click()
    cancel = inside(page, "secure-download").get_by_role("button", name="Cancel")
    await expect(cancel).to_be_focused()
    await cancel.click()
    await expect(inside(page, "secure-download").locator(".said")).to_have_text("Canceled")
    assert await (await waiting.value).failure() is not None
    line.pause = 0
    assert (await fetched(page))[1] == noise(6 * MIB)


@pytest.mark.parametrize("how", ["revoked", "logged out"])
async def test_a_right_that_ends_half_way(site: Site, page: Page, how: str) -> None:
    """A revocation or a log-out stops a download at its next segment; what there is is no file."""
    [token] = await store_files(site, page, payload("a.bin", noise(8 * MIB)))
    await hear(page, "secure-error")
    line = await laid(page)
    line.pause = 0.3
    await site.show(page, download_of(token))
    await expect(start(page)).to_contain_text("a.bin")
    async with page.expect_download() as waiting:
        await start(page).click()
    if how == "revoked":
        await site.call(page, "/revoke", [token])
    else:
        await site.call(page, "/end")
    assert await (await waiting.value).failure() is not None
    code = "not_granted" if how == "revoked" else "no_session"
    await problem(page, code, "secure-download")
    for frame in field_frames(page):
        assert not await still_shows(frame, "a.bin")


async def test_not_granted(site: Site, page: Page) -> None:
    """Without a grant there is one short answer."""
    [token] = await store_files(site, page, payload("a.bin"), grant=False)
    await site.show(page, download_of(token))
    await problem(page, "not_granted", "secure-download")
    await site.grant(page, [token])
    await page.evaluate(REFRESH)
    assert (await fetched(page))[1] == b"content"


async def test_a_token_of_a_text(site: Site, page: Page) -> None:
    """A value that is no file is said to be none."""
    [token] = await site.store(page, "text")
    await site.show(page, download_of(token))
    await problem(page, "not_a_file", "secure-download")


async def test_the_end_of_a_grant(site: Site, page: Page) -> None:
    """Name and size are gone with the grant, and the page hears of it."""
    [token] = await store_files(site, page, payload("a.bin"), grant=False)
    await site.grant(page, [token], expires_in=3)
    await hear(page, "secure-expired")
    await site.show(page, download_of(token))
    await expect(start(page)).to_contain_text("a.bin")
    await expect(start(page)).not_to_contain_text("a.bin")
    assert len(await page.evaluate("heard")) == 1


async def test_t18_the_operators_gesture_holds(strict_site: Site, cookies_blocked: Browser) -> None:
    """T18: where a gesture is demanded, `auto` and scripts start nothing, and no name shows."""
    context = await cookies_blocked.new_context()
    page = await context.new_page()
    await strict_site.log_in(page)
    [token] = await store_files(strict_site, page, payload("a.bin"))
    reads = asked(page, "/detokenize")
    upload = f'<secure-upload id=up token="{token}"></secure-upload>'
    await strict_site.show(page, download_of(token, "auto") + upload)
    await page.evaluate("document.querySelector('secure-download').click()")
    await page.wait_for_timeout(500)
    await expect(start(page)).to_have_text("Download")
    await expect(inside(page).locator("li")).to_contain_text("Stored file")
    assert not reads
    assert (await fetched(page))[1] == b"content"
    await expect(start(page)).not_to_contain_text("a.bin")
    await context.close()
