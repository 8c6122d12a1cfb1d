"""T28: whatever a file is, nothing of it runs at the tokenizer's origin."""

from typing import Final

from playwright.async_api import Page, expect

from tests.web.files import (
    FORM,
    all_ready,
    choose,
    download_of,
    fetched,
    inside,
    payload,
    start,
    store_files,
)
from tests.web.polyglots import EVIL, NAMES, POLYGLOTS
from tests.web.site import Site, coordinator, field_frames

CANARY: Final = "canary-5d1f"


async def test_t28_no_file_runs_where_it_is_chosen(site: Site, page: Page) -> None:
    """T28: polyglots are previewed as pictures or not at all."""
    asked: list[str] = []
    page.context.on("request", lambda each: asked.append(each.url))
    await site.show(page, FORM.format(attributes="multiple"))
    count = len(page.frames)
    chosen = [payload(name, content, kind) for name, (kind, content) in POLYGLOTS.items()]
    await choose(page, *chosen)
    await all_ready(page, len(chosen))
    await page.wait_for_timeout(500)
    assert len(page.frames) == count
    assert [each for each in asked if each.startswith(EVIL)] == []
    made = inside(page).locator("body").locator("svg, img, object, embed, iframe, script, style")
    assert await made.count() == 0
    assert await inside(page).locator("canvas").count() == 0


async def test_t28_no_file_runs_where_it_is_saved(site: Site, page: Page) -> None:
    """T28: each comes to the disk as it was, by an answer that is no document anywhere."""
    asked: list[str] = []
    page.context.on("request", lambda each: asked.append(each.url))
    chosen = [payload(name, content, kind) for name, (kind, content) in POLYGLOTS.items()]
    tokens = await store_files(site, page, *chosen)
    for token, (name, (_, content)) in zip(tokens, POLYGLOTS.items(), strict=True):
        await site.show(page, download_of(token))
        count = len(page.frames)
        await expect(start(page)).to_contain_text(name)
        async with page.expect_response("**/download/*") as waiting:
            download, got = await fetched(page)
        assert (download.suggested_filename, got) == (name, content)
        headers = (await waiting.value).headers
        assert headers["content-type"] == "application/octet-stream"
        assert headers["content-disposition"].startswith("attachment;")
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["content-security-policy"] == "sandbox; default-src 'none'"
        assert len(page.frames) == count
        assert {each.url for each in field_frames(page)[0].child_frames} <= {"about:blank", ""}
    assert [each for each in asked if each.startswith(EVIL)] == []


async def test_t28_the_worker_serves_downloads_alone(site: Site, page: Page) -> None:
    """T28: its scope is `/download/`, it can't be made wider, and no other worker can be made."""
    [token] = await store_files(site, page, payload("a.bin"))
    await site.show(page, download_of(token))
    await expect(start(page)).to_contain_text("a.bin")
    await fetched(page)
    frame = field_frames(page)[0]
    scopes = (
        "navigator.serviceWorker.getRegistrations().then((all) => all.map(({ scope }) => scope))"
    )
    assert await frame.evaluate(scopes) == [f"{site.tokenizer.origin}/download/"]
    wider = """async (base) => {
      const refused = [];
      for (const [address, scope] of [["/download/worker.js", "/"], ["/download/other.js"],
                                      [base + "frame/worker.js"], ["data:text/javascript,1"]]) {
        refused.push(await Promise.resolve().then(() =>
          navigator.serviceWorker.register(address, scope && { scope })).then(() => "made",
            ({ name }) => name));
      }
      return refused;
    }"""
    base = (await frame.locator("script").get_attribute("src") or "").removesuffix(
        "frame/download.js"
    )
    assert set(await frame.evaluate(wider, base)) <= {"TypeError", "SecurityError"}
    # Another document of the same origin may not even try.
    assert set(await coordinator(page).evaluate(wider, base)) <= {"TypeError", "SecurityError"}


async def test_t28_names_lead_nowhere(site: Site, page: Page) -> None:
    """T28: what a name would do to a path, a header or a reader's eye, it does not."""
    tokens = await store_files(site, page, *(payload(name) for name in NAMES))
    for token, (name, safe) in zip(tokens, NAMES.items(), strict=True):
        await site.show(page, download_of(token))
        await expect(start(page)).to_contain_text("7 bytes")
        shown = await start(page).inner_text()
        assert not set(shown) & set("\u202e\r\0")
        assert await start(page).locator("img").count() == 0
        download, _ = await fetched(page)
        assert download.suggested_filename.lstrip("._") == safe.lstrip("._"), name
