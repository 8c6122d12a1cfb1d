"""Frames that come and go: single-page applications, the back button, a reload by hand."""

from playwright.async_api import Page, expect

from tests.web.elements import SSN, alone_and_grouped, field, filled, shown, text
from tests.web.site import Site, field_frames

HOLDER = "<div id=one>{}</div><div id=two></div>"


async def test_moved_removed_and_added_again(site: Site, page: Page) -> None:
    """An element that moves gets a new frame and shows its value again; a removed one has none."""
    [token] = await site.store(page, SSN)
    await site.show(page, HOLDER.format(text(token, "id=a")))
    await expect(shown(page)).to_have_text(SSN)
    await page.evaluate("two.append(a)")
    await expect(shown(page)).to_have_text(SSN)
    await page.evaluate("window.kept = a; kept.remove()")
    await expect(page.locator("iframe:not([hidden])")).to_have_count(0)
    await page.evaluate("one.append(kept)")
    await expect(shown(page)).to_have_text(SSN)
    frame = field_frames(page)[0]
    await page.evaluate("two.moveBefore(kept, null)")
    assert not frame.is_detached()
    await expect(shown(page)).to_have_text(SSN)


@alone_and_grouped
async def test_a_frame_that_is_reloaded(site: Site, page: Page) -> None:
    """A new document in the frame is greeted anew."""
    [token] = await site.store(page, SSN)
    await site.show(page, text(token))
    await expect(shown(page)).to_have_text(SSN)
    await field_frames(page)[0].evaluate("location.reload()")
    await expect(shown(page)).to_have_text(SSN)


async def test_a_body_that_is_replaced(site: Site, page: Page) -> None:
    """Frameworks that swap the whole body keep their values."""
    [token] = await site.store(page, SSN)
    await site.show(page, text(token))
    await expect(shown(page)).to_have_text(SSN)
    await page.evaluate(
        """(inside) => { const body = document.createElement("body");
          body.innerHTML = inside; document.body = body; }""",
        text(token),
    )
    await expect(shown(page)).to_have_text(SSN)


@alone_and_grouped
async def test_a_coordinator_that_was_taken_away(site: Site, page: Page) -> None:
    """Frames that hear nothing any more show nothing any more: a log-out would pass them by."""
    [token] = await site.store(page, SSN)
    await site.show(page, text(token))
    await expect(shown(page)).to_have_text(SSN)
    frame = field_frames(page)[0]
    await page.evaluate("document.querySelector('html > iframe').remove()")
    await page.wait_for_function("document.querySelector('html > iframe')")
    await expect(shown(page)).to_have_text(SSN)
    assert frame.is_detached()


async def test_the_back_button(site: Site, page: Page) -> None:
    """A page that one comes back to shows its values by new frames."""
    [token] = await site.store(page, SSN)
    await site.show(page, text(token))
    await expect(shown(page)).to_have_text(SSN)
    before = page.url
    await site.show(page, "<p>elsewhere", wait=False)
    await page.go_back()
    assert page.url == before
    await expect(shown(page)).to_have_text(SSN)


async def test_a_page_that_is_left_keeps_nothing(site: Site, page: Page) -> None:
    """A page in the back button's cache holds frames without values; so does one that is left."""
    [token] = await site.store(page, SSN)
    await site.show(page, text(token) + field(token))
    await expect(shown(page)).to_have_text(SSN)
    await expect(filled(page)).to_have_text(SSN)
    leave = "dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))"
    rest = "document.body.innerHTML + (document.querySelector('input')?.value ?? '')"
    for frame in field_frames(page):
        await frame.evaluate(leave)
        assert await frame.evaluate(rest) == ""
