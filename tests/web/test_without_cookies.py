"""Pages without cookies of the tokenizer: renewal, early typing, header sessions."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest_asyncio
from playwright.async_api import Browser, Page, Route, expect

from tests.web.elements import FORM, SSN, asked, posted, shown, text, type_into
from tests.web.files import MIB, download_of, fetched, noise, payload, start, store_files
from tests.web.sessions import post_by_header, renew_soon
from tests.web.site import Site, field_frames


@pytest_asyncio.fixture
async def denied(site: Site, cookies_denied: Browser) -> AsyncGenerator[Page]:
    """Open a tab in a browser that keeps nothing of the tokenizer, with a session of the site's."""
    context = await cookies_denied.new_context()
    context.set_default_timeout(15_000)
    tab = await context.new_page()
    await site.log_in(tab)
    yield tab
    await context.close()


async def stored(site: Site, page: Page, value: str) -> str:
    """Type a value, post the form, and grant its token to the page's session."""
    await site.show(page, FORM.format(attributes=""))
    await type_into(page, value)
    await page.click("#go")
    token = (await posted(site, page))["ssn"]
    await site.grant(page, [token])
    return token


async def test_a_renewal_without_cookies(site: Site, denied: Page) -> None:
    """A new document vouches for a new key in time, and what is shown stays."""
    page = denied
    token = await stored(site, page, SSN)
    registered = asked(page, "/session/register")

    await renew_soon(site, page, lambda told: told["active"] and len(registered) < 2)
    await site.show(page, text(token))
    await expect(shown(page)).to_have_text(SSN)
    frame = field_frames(page)[0]
    async with page.expect_request("**/session/register", timeout=25_000) as renewed:
        pass
    first = (await (await renewed.value).all_headers()).get("lunasec-signature", "")
    assert first, "the old key vouches for the new one"
    async with page.expect_request("**/session/ensure", timeout=10_000) as after:
        pass
    second = (await (await after.value).all_headers())["lunasec-signature"]
    assert second.split(".")[:2] != first.split(".")[:2]
    await page.wait_for_timeout(6_000)
    assert not frame.is_detached()
    assert await frame.locator("span").text_content() == SSN
    assert len(registered) == 2
    assert not [each for each in page.frames if "handle" in each.url]


async def test_what_is_typed_before_it_is_known(site: Site, denied: Page) -> None:
    """Nobody's typing is lost to the detour: fields are not made anew."""
    page = denied
    await site.show(page, FORM.format(attributes=""), wait=False)
    await page.wait_for_selector("#ssn iframe.ready")
    frame = field_frames(page)[0]
    await type_into(page, SSN)
    await page.click("#go")
    assert (await posted(site, page))["ssn"].startswith("lunasec-")
    assert frame.is_detached(), "by the navigation"


async def test_a_header_session_without_cookies(cookies_denied: Browser, tmp_path: Path) -> None:
    """Scripts hand the handle over, since no navigation has their header; nothing is kept."""
    context = await post_by_header(cookies_denied, tmp_path)
    assert await context.cookies() == []
    await context.close()


async def test_a_file_goes_up_and_down_without_cookies(site: Site, denied: Page) -> None:
    """Its segments are signed as all else, and what comes down is what went up."""
    page, content = denied, noise(3 * MIB + 7)
    signed: list[bool] = []

    async def look(route: Route) -> None:
        headers = await route.request.all_headers()
        signed.append("lunasec-signature" in headers and "cookie" not in headers)
        await route.continue_()

    await page.route("**/files/**", look)
    [token] = await store_files(site, page, payload("a.bin", content))
    await site.show(page, download_of(token))
    await expect(start(page)).to_contain_text("a.bin")
    _, got = await fetched(page)
    assert got == content
    assert len(signed) > 6
    assert all(signed)
