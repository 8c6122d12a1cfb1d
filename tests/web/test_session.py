"""The session of a page: how it is renewed, how it ends, and what happens when it changes."""

from pathlib import Path

from playwright.async_api import Browser, Page, expect

from tests.web.elements import (
    FORM,
    SSN,
    alone_and_grouped,
    asked,
    field,
    filled,
    problem,
    shown,
    still_shows,
    text,
    type_into,
)
from tests.web.sessions import post_by_header, renew_soon
from tests.web.site import Site, coordinator, field_frames

PINNED = "document.documentElement.dataset.session"


async def another_user(site: Site, page: Page) -> None:
    """Let somebody else log in in the same browser, in another tab."""
    tab = await page.context.new_page()
    await site.log_in(tab)
    await site.show(tab, field())
    # Stores something, so that it is sure that the session is there.
    await site.store(tab, "theirs", grant=False)
    await tab.close()
    await page.bring_to_front()


@alone_and_grouped
async def test_a_log_out_blanks_open_pages(site: Site, page: Page) -> None:
    """Within 10 seconds an open page shows nothing any more, stored or typed."""
    [token] = await site.store(page, SSN)
    await site.show(page, text(token) + FORM.format(attributes=""))
    await expect(shown(page)).to_have_text(SSN)
    await type_into(page, "typed")
    frames = field_frames(page)
    other = await page.context.new_page()
    await site.show(other, "", wait=False)
    await site.call(other, "/end")
    await page.bring_to_front()
    await problem(page, "no_session")
    await problem(page, "no_session", "secure-input")
    assert all(each.is_detached() for each in frames)
    assert await page.evaluate("[...new FormData(form).values()]") == [""]


@alone_and_grouped
async def test_a_coordinator_that_falls_silent(site: Site, page: Page) -> None:
    """Who can't hear of a log-out any more shows nothing any more, within 10 seconds."""
    [token] = await site.store(page, SSN)
    await site.show(page, text(token))
    await expect(shown(page)).to_have_text(SSN)
    frame = field_frames(page)[0]
    await coordinator(page).evaluate("MessagePort.prototype.postMessage = () => {}")
    await problem(page, "unavailable", within=11_000)
    assert not await still_shows(frame, SSN)


@alone_and_grouped
async def test_another_user_in_the_same_browser(site: Site, page: Page) -> None:
    """T12: a page of the first user's is wiped, and goes on as the second's."""
    [token] = await site.store(page, SSN)
    await site.show(page, text(token) + field(token))
    await expect(shown(page)).to_have_text(SSN)
    await expect(filled(page)).to_have_text(SSN)
    reference = await coordinator(page).evaluate(PINNED)
    await another_user(site, page)
    await problem(page, "not_granted")
    await problem(page, "not_granted", "secure-input")
    assert await coordinator(page).evaluate(PINNED) != reference
    assert SSN not in "".join([await each.content() for each in page.frames])


async def test_two_users_who_fight_over_a_browser(site: Site, page: Page) -> None:
    """T12: a session that changes again within a minute is a conflict, and the end: no loop."""
    [token] = await site.store(page, SSN)
    await site.show(page, text(token))
    await another_user(site, page)
    await problem(page, "not_granted")
    await another_user(site, page)
    await problem(page, "session_conflict")
    requests = asked(page, "")
    await page.wait_for_timeout(6_000)
    assert not requests


# Runs before the elements' module, which waits for the whole document.
WITHOUT_META = "<script>document.querySelector('meta[name=lunasec-session]').remove()</script>"


async def test_a_page_that_was_not_told_its_session(site: Site, page: Page) -> None:
    """Without the tag in its head a page asks its application once, for all of its elements."""
    [token] = await site.store(page, SSN)
    questions = asked(page, "/.lunasec/session")
    for times in (1, 2):
        await site.show(page, WITHOUT_META + text(token) + text(token, "id=b") + field(token))
        assert await page.locator("meta[name=lunasec-session]").count() == 0
        await expect(shown(page, "#b")).to_have_text(SSN)
        await expect(filled(page)).to_have_text(SSN)
        assert len(questions) == times
    await site.show(page, text(token))
    await expect(shown(page)).to_have_text(SSN)
    assert len(questions) == 2


async def test_renewal(site: Site, page: Page) -> None:
    """A session is renewed in time, by the whole bootstrap, and what is shown stays."""
    [token] = await site.store(page, SSN)
    bootstraps = asked(page, "/session/create/payroll")

    await renew_soon(site, page, lambda told: "state" not in told and not bootstraps)
    await site.show(page, text(token))
    await expect(shown(page)).to_have_text(SSN)
    frame = field_frames(page)[0]
    async with page.expect_response("**/session/create/**", timeout=20_000):
        pass
    await page.wait_for_timeout(500)
    assert not frame.is_detached()
    assert await frame.locator("span").text_content() == SSN
    assert len(bootstraps) == 1


# Time in a coordinator that nobody looks at goes ten times as fast.
UNSEEN = """if (/coordinator$/.test(location.pathname)) {
  Object.defineProperty(Document.prototype, "hidden", { value: true });
  const { setInterval: every } = window;
  window.setInterval = (what, wait) => every(what, wait / 10);
}"""


async def test_a_renewal_that_fails_out_of_sight(site: Site, page: Page) -> None:
    """A page in the background, where files go up for hours, tries it again until it is done."""
    [token] = await site.store(page, SSN)
    await page.add_init_script(UNSEEN)
    bootstraps = asked(page, "/session/create/payroll")
    await renew_soon(site, page, lambda told: "state" not in told and not bootstraps)
    await page.route("**/.lunasec/secure-frame*", lambda route: route.abort(), times=2)
    await site.show(page, text(token))
    await expect(shown(page)).to_have_text(SSN)
    async with page.expect_response("**/session/create/**", timeout=20_000):
        pass
    assert len(bootstraps) == 1


async def test_a_session_in_a_header(cookies_blocked: Browser, tmp_path: Path) -> None:
    """An application without cookies vouches through its own scripts."""
    context = await post_by_header(cookies_blocked, tmp_path)
    await context.close()
