"""What people do in an application that others log them in to: an auth proxy, or a provider."""

from collections.abc import Awaitable, Callable
from typing import Final

from playwright.async_api import Locator, Page, expect

from tests.browser.people import frames_show
from tests.browsers import Visitor, submit

SSN: Final = "219-09-9999"
REFERENCE: Final = "document.querySelector('meta[name=lunasec-session]').content"

Does = Callable[[Page], Awaitable[None]]


async def save(page: Page, value: str = SSN) -> None:
    """Type a value, save it, and see it."""
    await page.frame_locator("#ssn iframe").locator("input").click()
    await page.keyboard.type(value)
    await submit(page, "#save")
    await expect(shown_in(page)).to_have_text(value)


def shown_in(page: Page) -> Locator:
    """Find what the page shows of the value that was saved."""
    return page.frame_locator("#shown iframe").locator("span")


async def are_two_sessions(here: Visitor, there: Visitor, log_in: Does, save: Does = save) -> None:
    """Log one user in to two browsers, save a value in one, and see it in both."""
    for each in (here, there):
        await log_in(each.page)
    await save(here.page)
    await there.page.reload()
    await expect(shown_in(there.page)).to_have_text(SSN)
    sessions = [await each.page.evaluate(REFERENCE) for each in (here, there)]
    assert sessions[0] != sessions[1]


async def each_sees_his_own(
    here: Visitor,
    there: Visitor,
    application: str,
    log_in: Callable[[Page, str], Awaitable[None]],
) -> None:
    """Log two users in, whom nobody vouches for; the one's value is not shown to the other."""
    await log_in(here.page, "ada")
    await save(here.page)
    asked = [each.url for each in here.requests]
    assert not [each for each in asked if "/.lunasec/" in each or "/session/create" in each]
    token = await here.page.get_attribute("#shown", "token")
    await log_in(there.page, "bob")
    await expect(there.page.locator("#shown")).to_have_count(0)
    await there.page.goto(f"{application}/?stolen={token}")
    await there.page.wait_for_function("shown.problem?.code === 'not_granted'")
    assert not await frames_show(there.page, SSN)


async def goes_blank(here: Visitor, there: Visitor, code: str) -> None:
    """See the one page, and nothing of the other, go blank within ten seconds."""
    await here.page.bring_to_front()
    blank = f"shown.problem?.code === '{code}' && ssn.problem?.code === '{code}'"
    await here.page.wait_for_function(blank, timeout=11_000)
    assert not await frames_show(here.page, SSN)
    await expect(shown_in(there.page)).to_have_text(SSN)
