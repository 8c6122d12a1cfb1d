"""Uploads and sessions: one is renewed under way, or ends, or its frame goes."""

import pytest
from playwright.async_api import Page, expect

from tests.web.elements import hear
from tests.web.files import (
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
    tokens_of,
)
from tests.web.site import Site, field_frames


async def test_a_segment_that_outlives_its_session(site: Site, page: Page) -> None:
    """One that arrives when its session was renewed, and ended, is sent again in the new one."""
    await hear(page, "secure-error")
    gone = '{"type": "x", "code": "no_session"}'
    address = "**/files/*/1"
    await page.route(address, lambda route: route.fulfill(status=401, body=gone), times=1)
    content = noise(3 * MIB)
    await site.show(page, FORM.format(attributes=""))
    await choose(page, payload("a.bin", content))
    await all_ready(page)
    [token] = await tokens_of(site, page)
    await site.grant(page, [token])
    await site.show(page, download_of(token))
    assert (await fetched(page))[1] == content
    assert await page.evaluate("heard") == []


async def test_a_session_that_ends_during_an_upload(site: Site, page: Page) -> None:
    """Nothing goes on as if nothing were: it says so, and the next person has to choose again."""
    await hear(page, "secure-error")
    line = await laid(page)
    line.pause = 3
    await site.show(page, FORM.format(attributes=""))
    await choose(page, payload("a.bin", noise(8 * MIB)))
    tab = await page.context.new_page()
    await site.show(tab, "", wait=False)
    await site.call(tab, "/end")
    await page.bring_to_front()
    await page.wait_for_function("up.problem?.code === 'no_session'", timeout=20_000)
    assert "file_lost" in [each[3]["code"] for each in await page.evaluate("heard")]


@pytest.mark.parametrize("how", ["a reload of the frame", "another person"])
async def test_an_upload_that_went_with_its_frame(site: Site, page: Page, how: str) -> None:
    """The form is held until somebody chose again: without, it would go as if nobody had."""
    await hear(page, "secure-error")
    await site.show(page, FORM.format(attributes=""))
    await choose(page, payload("a.bin"))
    await all_ready(page)
    if how == "another person":
        tab = await page.context.new_page()
        await site.log_in(tab)
        await site.store(tab, "theirs", grant=False)
        await tab.close()
    else:
        [frame] = field_frames(page)
        await frame.evaluate("location.reload()")
    words = "The upload was cut off. Choose the files again."
    await expect(inside(page).locator(".head")).to_contain_text(words, timeout=20_000)
    await expect(rows(page)).to_have_count(0)
    assert [each[3]["code"] for each in await page.evaluate("heard")] == ["file_lost"]
    assert await page.evaluate("[up.validity.customError, up.validationMessage]") == [True, words]
    await page.press("#go", "Enter")
    await page.wait_for_timeout(200)
    assert not site.posts
    await choose(page, payload("b.bin"))
    await all_ready(page)
    await expect(inside(page).locator(".head")).not_to_contain_text(words)
    assert len(await tokens_of(site, page)) == 1
