"""What goes wrong with a file says what to do, in the element and to scripts, and leaves none."""

from pathlib import Path

import pytest
from playwright.async_api import Page, Route, expect

from tests.web.elements import asked, hear
from tests.web.files import (
    FORM,
    MIB,
    SEGMENTS,
    all_ready,
    choose,
    download_of,
    fetched,
    inside,
    laid,
    noise,
    payload,
    rows,
    tokens_of,
)
from tests.web.site import Site


def blobs(site: Site) -> set[Path]:
    """Find what the tokenizer keeps of files."""
    folder = site.tokenizer.folder / "data" / "blobs"
    return {each for each in folder.rglob("*") if each.is_file()}


async def failure(page: Page, code: str, words: str) -> None:
    """Wait until the element's frame and its page say what is wrong."""
    row = inside(page).locator("li[data-state=failed]")
    await expect(row).to_contain_text(words, timeout=20_000)
    await page.wait_for_function("up.validity.customError")
    assert await page.evaluate("up.validationMessage !== ''")
    heard = await page.evaluate("heard")
    assert [each[3]["code"] for each in heard if each[0] == "secure-error"][-1] == code
    await expect(inside(page).locator("[role=status]")).to_contain_text(words)


@pytest.mark.parametrize(
    ("name", "size", "code", "words"),
    [
        ("big.pdf", 3_000_001, "file_too_large", "Too large. The limit is 3 MB."),
        ("page.html", 10, "file_kind", "Not this kind of file. Choose .pdf, image/*."),
        ("pdf", 10, "file_kind", "Not this kind of file."),
        ("none.pdf", 0, "file_empty", "The file is empty. Choose another file."),
    ],
)
async def test_files_that_are_refused(
    site: Site, page: Page, name: str, size: int, code: str, words: str
) -> None:
    """Nothing of such a file is sent; the form is held until it is removed."""
    planned = asked(page, "/files")
    await hear(page, "secure-error")
    await site.show(page, FORM.format(attributes='multiple accept=".pdf, image/*" max-size=3MB'))
    await choose(page, payload(name, bytes(size)))
    await failure(page, code, words)
    assert not planned
    await page.click("#go")
    await page.wait_for_timeout(200)
    assert not site.posts
    await inside(page).get_by_role("button", name=f"Remove {name}").click()
    await page.wait_for_function("up.checkValidity()")
    assert await tokens_of(site, page) == []


async def test_a_file_over_the_tokenizers_own_limit(site: Site, page: Page) -> None:
    """The tokenizer's limit is a file that is too large as well."""
    await hear(page, "secure-error")
    refused = '{"type": "x", "code": "too_large"}'
    await page.route("**/files", lambda route: route.fulfill(status=413, body=refused))
    await site.show(page, FORM.format(attributes=""))
    await choose(page, payload("a.bin"))
    await failure(page, "file_too_large", "Too large.")


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("file_changed", "The file changed while it was read. Choose it again."),
        ("file_gone", "The file is no longer there. Choose another file."),
    ],
)
async def test_a_file_that_does_not_stay_as_it_was(
    site: Site, page: Page, tmp_path: Path, code: str, words: str
) -> None:
    """No half of one file and half of another is stored."""
    await hear(page, "secure-error")
    line = await laid(page)
    line.pause = 0.5
    drops = asked(page, "/files/drop")
    file = tmp_path / "report.pdf"
    file.write_bytes(noise(6 * MIB))
    await site.show(page, FORM.format(attributes=""))
    await inside(page).locator("input[type=file]").set_input_files(file)
    await expect(rows(page)).to_have_count(1)
    if code == "file_gone":
        file.unlink()
    else:
        file.write_bytes(noise(6 * MIB, "other"))
    await failure(page, code, words)
    await expect(inside(page).get_by_role("button", name="Retry report.pdf")).to_be_hidden()
    assert len(drops) == 1


async def test_a_cut_line(site: Site, page: Page) -> None:
    """An upload goes on where it was when the network is back, and sends nothing twice."""
    line = await laid(page)
    line.pause = 0.1
    content = noise(6 * MIB)
    await site.show(page, FORM.format(attributes=""))
    await choose(page, payload("a.bin", content))
    await page.wait_for_function("() => true")
    while len(line.sent) < 2:
        await page.wait_for_timeout(20)
    line.cut = True
    waiting = inside(page).locator("li[data-state=waiting]")
    await expect(waiting).to_contain_text("Waiting for the network")
    line.cut = False
    await all_ready(page)
    assert len(line.sent) == len(set(line.sent))
    [token] = await tokens_of(site, page)
    await site.grant(page, [token])
    await site.show(page, download_of(token))
    assert (await fetched(page))[1] == content


async def test_a_retry(site: Site, page: Page) -> None:
    """What the tokenizer refuses for good can be tried again by hand, from the beginning."""
    await hear(page, "secure-error")
    gone = '{"type": "x", "code": "not_granted"}'
    await page.route(SEGMENTS, lambda route: route.fulfill(status=403, body=gone))
    await site.show(page, FORM.format(attributes=""))
    await choose(page, payload("a.bin", b"again"))
    await failure(page, "not_granted", "Not stored. Retry, or")
    await page.unroute(SEGMENTS)
    await inside(page).get_by_role("button", name="Retry a.bin").click()
    await all_ready(page)
    assert len(await tokens_of(site, page)) == 1


async def test_a_full_disk(site: Site, page: Page) -> None:
    """It says that there is no room, leaves nothing of the file there, and goes when there is."""
    before = blobs(site)
    await hear(page, "secure-error")
    full = '{"type": "x", "code": "storage_full"}'

    async def fill(route: Route) -> None:
        if route.request.url.endswith("/0"):
            await route.continue_()
        else:
            await route.fulfill(status=503, body=full)

    await page.route(SEGMENTS, fill)
    await site.show(page, FORM.format(attributes=""))
    await choose(page, payload("a.bin", noise(4 * MIB)))
    await failure(page, "storage_full", "No room for it at the moment. Retry later")
    for _ in range(100):
        if blobs(site) == before:
            break
        await page.wait_for_timeout(50)
    assert blobs(site) == before
    await page.unroute(SEGMENTS)
    await inside(page).get_by_role("button", name="Retry a.bin").click()
    await all_ready(page)
    assert len(await tokens_of(site, page)) == 1


async def test_a_form_whose_last_step_failed(site: Site, page: Page) -> None:
    """The tokenizer is away when the form goes: nothing is posted, and a second try succeeds."""
    await hear(page, "secure-error")
    await site.show(page, FORM.format(attributes=""))
    await choose(page, payload("a.bin"))
    await all_ready(page)
    await page.route("**/tokenize", lambda route: route.abort())
    await page.click("#go")
    await expect(rows(page)).to_contain_text("Not stored yet")
    assert [each[3]["code"] for each in await page.evaluate("heard")] == ["unavailable"]
    assert not site.posts
    await page.unroute("**/tokenize")
    assert len(await tokens_of(site, page)) == 1


async def test_canceled(site: Site, page: Page) -> None:
    """A canceled upload is dropped at the tokenizer, and the form goes without it."""
    line = await laid(page)
    line.pause = 0.5
    drops = asked(page, "/files/drop")
    await site.show(page, FORM.format(attributes="multiple"))
    await choose(page, payload("a.bin", noise(5 * MIB)))
    await page.wait_for_timeout(700)
    await inside(page).get_by_role("button", name="Cancel a.bin").click()
    await expect(rows(page)).to_have_count(0)
    assert len(drops) == 1
    before = len(line.sent)
    await page.wait_for_timeout(1_500)
    assert len(line.sent) <= before + 2
    assert await tokens_of(site, page) == []


@pytest.mark.parametrize("how", ["element", "page"])
async def test_a_page_that_is_left(site: Site, page: Page, how: str) -> None:
    """What was sent and never became a token is gone with its element, and with its page."""
    before = blobs(site)
    await site.show(page, FORM.format(attributes=""))
    await choose(page, payload("a.bin"))
    await all_ready(page)
    assert len(blobs(site)) == len(before) + 1
    if how == "element":
        await page.evaluate("up.remove()")
    else:
        await page.goto("about:blank")
    for _ in range(100):
        if blobs(site) == before:
            break
        await page.wait_for_timeout(50)
    assert blobs(site) == before


async def test_a_token_that_is_none(site: Site, page: Page) -> None:
    """What stands in `token` and is no list of tokens is said to be none."""
    await hear(page, "secure-error")
    await site.show(page, FORM.format(attributes='token="one two"'))
    await page.wait_for_function("up.problem?.code === 'token_malformed'")


async def test_a_prefilled_file_that_is_not_granted(site: Site, page: Page) -> None:
    """Its row says so and can be removed; the form keeps its token."""
    await hear(page, "secure-error")
    [token] = await site.store(page, "text", grant=False)
    await site.show(page, FORM.format(attributes=f"token={token}"))
    await expect(rows(page)).to_contain_text("Not available")
    assert [each[3]["code"] for each in await page.evaluate("heard")] == ["not_granted"]
    assert await tokens_of(site, page) == [token]
