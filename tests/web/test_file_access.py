"""Files by the keyboard, by ear, from right to left, and for people whose session ends."""

from pathlib import Path

from playwright.async_api import Browser, Page, expect

from tests.browsers import WAIT_MILLISECONDS, inaccessible
from tests.web.elements import LIBRARY, still_shows
from tests.web.files import (
    DROP,
    FORM,
    MIB,
    all_ready,
    choose,
    download_of,
    fetched,
    inside,
    laid,
    noise,
    payload,
    rows,
    start,
    store_files,
)
from tests.web.site import Site, field_frames, running_site

# What web/README.md has a page say until the script has run, here for two files.
PLACE = """<style>
  secure-upload:not(:defined) { display: block; block-size: calc(8.75em + 2px) }
  secure-download:not(:defined) { display: inline-block; inline-size: 28em; block-size: 1.5em }
</style>"""
WHOLE = "<main><h1>Files</h1>{}</main>"


async def focused(page: Page) -> str:
    """Return the name of what has the focus, inside the frames."""
    for frame in field_frames(page):
        name: str = await frame.evaluate(
            "document.hasFocus() ? document.activeElement.ariaLabel ?? "
            "document.activeElement.innerText : ''"
        )
        if name:
            return name
    return ""


async def test_an_upload_by_the_keyboard(site: Site, page: Page) -> None:
    """Choose, cancel, remove and send, forwards and backwards, without a mouse."""
    await site.show(page, FORM.format(attributes="multiple"))
    async with page.expect_file_chooser() as waiting:
        await page.keyboard.press("Tab")
        await page.wait_for_timeout(300)  # until Playwright has hold of the frame's dialogs
        await page.keyboard.press("Enter")
    chooser = await waiting.value
    assert chooser.is_multiple()
    await chooser.set_files([payload("a.txt"), payload("b.txt"), payload("c.txt")])
    await all_ready(page, 3)
    assert await focused(page) == "Add files… Documents"
    for name in ("a.txt", "b.txt"):
        await page.keyboard.press("Tab")
        assert await focused(page) == f"Remove {name}"
    await page.keyboard.press("Enter")
    await expect(rows(page)).to_have_count(2)
    assert await focused(page) == "Remove c.txt"
    await page.keyboard.press("Space")
    assert await focused(page) == "Remove a.txt"
    await page.keyboard.press("Shift+Tab")
    assert await focused(page) == "Add files… Documents"
    for _ in range(2):
        await page.keyboard.press("Tab")
    await expect(page.locator("#go")).to_be_focused()
    # From behind one comes to the last of them, and is not sent back to the first.
    await page.keyboard.press("Shift+Tab")
    await page.wait_for_timeout(100)
    assert await focused(page) == "Remove a.txt"
    await page.keyboard.press("Tab")
    await expect(page.locator("#go")).to_be_focused()
    await page.keyboard.press("Enter")
    await page.wait_for_selector("#posted")
    assert len(site.posts.pop()["docs"].split()) == 1


async def test_a_download_by_the_keyboard(site: Site, page: Page) -> None:
    """Begun by Enter, canceled by Enter, and the focus stays with what can be done next."""
    [token] = await store_files(site, page, payload("a.bin", noise(5 * MIB)))
    line = await laid(page)
    line.pause = 0.3
    await site.show(page, download_of(token))
    await expect(start(page)).to_contain_text("a.bin")
    await page.keyboard.press("Tab")
    await expect(start(page)).to_be_focused()
    await page.keyboard.press("Enter")
    cancel = inside(page, "secure-download").get_by_role("button", name="Cancel")
    await expect(cancel).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(start(page)).to_be_focused()
    line.pause = 0
    async with page.expect_download() as waiting:
        await page.keyboard.press("Space")
    assert await (await waiting.value).failure() is None


async def test_what_is_said(site: Site, page: Page) -> None:
    """A choice, an end and a failure are announced politely; progress no more than now and then."""
    line = await laid(page)
    line.pause = 0.2
    await site.show(page, FORM.format(attributes="multiple accept=.txt,.bin"))
    status = inside(page).locator("[role=status]")
    await status.evaluate(
        """(each) => { window.said = [];
          new MutationObserver(() => said.push(each.textContent)).observe(each,
            { childList: true, characterData: true, subtree: true }); }"""
    )
    await choose(page, payload("a.bin", noise(12 * MIB)), payload("b.exe"))
    await all_ready(page)
    said = await field_frames(page)[0].evaluate("said")
    kinds = "Not this kind of file. Choose .txt, .bin."
    assert said[0] == f"2 files chosen. b.exe: {kinds}"
    assert said[-1] == "a.bin uploaded"
    assert len(said) <= 4, said
    bar = "(row) => row.querySelector('progress').ariaLabel"
    assert await rows(page).first.evaluate(bar) == "Upload of a.bin"


async def test_axe_finds_nothing_in_an_upload(site: Site, page: Page) -> None:
    """Empty, dragged over, sending, ready, failed, stored, disabled."""
    line = await laid(page)
    [token] = await store_files(site, page, payload("stored.pdf"))
    for attributes in (f"multiple token={token} accept=.bin", "disabled"):
        await site.show(page, WHOLE.format(FORM.format(attributes=attributes)))
        assert await inaccessible(page) == []
    await site.show(page, WHOLE.format(FORM.format(attributes="multiple required accept=.bin")))
    dragged = await inside(page).locator("body").evaluate_handle(DROP, [["b.txt", "", "b"]])
    assert await inaccessible(page) == []
    await dragged.evaluate("(drop) => drop(true)")
    line.pause = 1
    await choose(page, payload("a.bin", noise(4 * MIB)))
    await expect(rows(page).locator("progress").last).to_be_visible()
    assert await inaccessible(page) == []
    line.pause = 0
    await all_ready(page)
    assert await inaccessible(page) == []


async def test_axe_finds_nothing_in_a_download(site: Site, page: Page) -> None:
    """As link and as button; idle, on its way, canceled."""
    [token] = await store_files(site, page, payload("stored.pdf", noise(5 * MIB)))
    line = await laid(page)
    both = download_of(token) + download_of(token, "id=other as=button")
    await site.show(page, WHOLE.format(both))
    await expect(start(page, "#other")).to_contain_text("stored.pdf")
    assert await inaccessible(page) == []
    line.pause = 1
    await start(page, "#other").click()
    await expect(inside(page, "#other").locator("progress")).to_be_visible()
    assert await inaccessible(page) == []
    await inside(page, "#other").get_by_role("button", name="Cancel").click()
    await expect(inside(page, "#other").locator(".said")).to_have_text("Canceled")
    assert await inaccessible(page) == []


async def test_from_right_to_left(site: Site, page: Page) -> None:
    """The frame follows the page's direction; a name keeps its own."""
    await site.show(page, f"<div dir=rtl>{FORM.format(attributes='')}</div>")
    await choose(page, payload("report (1).pdf"))
    await all_ready(page)
    row = rows(page).first
    sign, remove = (
        await row.locator(".sign").bounding_box(),
        await row.locator(".away").bounding_box(),
    )
    assert sign is not None
    assert remove is not None
    assert sign["x"] > remove["x"]
    assert await row.locator(".name").evaluate("(each) => each.localName") == "bdi"


async def test_a_name_of_the_other_direction(site: Site, page: Page) -> None:
    """It stands beside its sign, where the others stand."""
    await site.show(page, FORM.format(attributes="multiple"))
    await choose(page, payload("report.pdf"), payload("\u0645\u0644\u0641.pdf"))
    await all_ready(page, 2)
    left = """(all) => all.map((each) => { const range = document.createRange();
      range.selectNodeContents(each); return Math.round(range.getBoundingClientRect().left); })"""
    first, second = await rows(page).locator(".name").evaluate_all(left)
    assert first == second


async def test_nothing_moves_after_the_first_paint(site: Site, page: Page) -> None:
    """The place for stored files is there before their frame is."""
    tokens = await store_files(site, page, payload("a.txt"), payload("b.txt"))
    await page.add_init_script(
        """window.shifts = 0; new PerformanceObserver((list) => {
          for (const { value } of list.getEntries()) shifts += value;
        }).observe({ type: "layout-shift", buffered: true });"""
    )
    both = f'multiple token="{" ".join(tokens)}"'
    body = PLACE + FORM.format(attributes=both) + download_of(tokens[0]) + "<p>after"
    await site.show(page, body)
    await expect(rows(page).last).to_contain_text("b.txt")
    height = "up.getBoundingClientRect().height"
    before = await page.evaluate(height)
    await page.wait_for_timeout(300)
    assert await page.evaluate(height) == before
    assert await inside(page).locator("ul").evaluate("(e) => e.scrollHeight <= e.clientHeight")
    assert await page.evaluate("shifts") < 0.001


async def test_a_log_out_blanks_them(site: Site, page: Page) -> None:
    """Ten seconds after a log-out there is neither name nor picture nor button."""
    [token] = await store_files(site, page, payload("canary-3.txt"))
    await site.show(page, download_of(token) + FORM.format(attributes=f"multiple token={token}"))
    await choose(page, payload("canary-4.txt"))
    await all_ready(page, 2)
    frames = field_frames(page)
    await site.call(page, "/end")
    await page.wait_for_function("up.problem && down.problem", timeout=11_000)
    for frame in frames:
        assert not await still_shows(frame, "canary")
    assert await page.evaluate("[up.value, up.pending]") == [token, False]


async def test_another_session_sees_nothing(site: Site, page: Page) -> None:
    """After a log-in as somebody else the tokens that stand there are not granted."""
    [token] = await store_files(site, page, payload("canary-5.txt"))
    body = download_of(token) + FORM.format(attributes=f"token={token}")
    await site.show(page, body)
    await expect(start(page)).to_contain_text("canary-5.txt")
    await site.log_in(page)
    await page.evaluate(LIBRARY + "lunasec.refresh())")
    await page.wait_for_function("down.problem?.code === 'not_granted'")
    await expect(rows(page)).to_contain_text("Not available")
    for frame in field_frames(page):
        assert not await still_shows(frame, "canary")


async def test_across_sites_without_third_party_cookies(
    cookies_blocked: Browser, tmp_path: Path
) -> None:
    """A tokenizer of another site serves files as well, where storage is blocked through memory."""
    async with running_site(tmp_path, host="app.other.localhost") as site:
        context = await cookies_blocked.new_context()
        context.set_default_timeout(WAIT_MILLISECONDS)
        page = await context.new_page()
        await site.log_in(page)
        content = noise(3 * MIB)
        [token] = await store_files(site, page, payload("a.bin", content))
        await site.show(page, download_of(token))
        assert (await fetched(page))[1] == content
        await context.close()
