"""The back button's cache, with a Chromium that has one: a page comes back as it was left."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest_asyncio
from playwright.async_api import Page, Playwright, expect

from tests.browsers import BLOCKED, WAIT_MILLISECONDS, chromium
from tests.web.elements import SSN, field, filled, problem, shown, text
from tests.web.site import Site, field_frames

REMEMBER = """addEventListener("pageshow", ({ persisted }) => {
  window.persisted = persisted;
  window.before = [...document.querySelectorAll("secure-text, secure-input")]
    .map((each) => each.shadowRoot?.querySelector("iframe"));
});"""
# What a field's document still holds when it goes into the cache, after all that heard `pagehide`,
# is kept where the next document of its origin finds it.
CONFESS = """document.addEventListener("freeze", () => {
  if (!/text|input/.test(location.pathname)) return;
  const boxes = [...document.querySelectorAll("input")].map(({ value }) => value);
  const seen = `[${document.body.innerHTML}${boxes}]`;
  localStorage.setItem("kept", (localStorage.getItem("kept") ?? "") + seen);
})"""
ALL_NEW = """before.length === 2 && before.every((each) => each && !each.isConnected)"""


@pytest_asyncio.fixture
async def caching(site: Site, playwright: Playwright, tmp_path: Path) -> AsyncGenerator[Page]:
    """Open a tab in a Chromium that has the cache."""
    async with chromium(
        playwright, tmp_path / "profile", cookies=BLOCKED, back_forward_cache=True
    ) as browser:
        context = await browser.new_context()
        context.set_default_timeout(WAIT_MILLISECONDS)
        page = await context.new_page()
        await page.add_init_script(REMEMBER)
        await page.add_init_script(CONFESS)
        await site.log_in(page)
        yield page
        await context.close()


async def leave(site: Site, page: Page) -> None:
    """Show a page with a value in two elements, and go elsewhere."""
    [token] = await site.store(page, SSN)
    await site.show(page, text(token) + field(token))
    await expect(shown(page)).to_have_text(SSN)
    await expect(filled(page)).to_have_text(SSN)
    await site.show(page, "<p>elsewhere", wait=False)


async def test_a_page_that_comes_back_from_the_cache(site: Site, caching: Page) -> None:
    """It is the same page, and its values are shown by new frames; the old ones are gone."""
    await leave(site, caching)
    await caching.go_back(wait_until="commit")
    assert await caching.evaluate("persisted")
    await expect(shown(caching)).to_have_text(SSN)
    await expect(filled(caching)).to_have_text(SSN)
    assert await caching.evaluate(ALL_NEW)


async def test_a_page_that_comes_back_after_a_log_out(site: Site, caching: Page) -> None:
    """Who logged out and goes back sees nothing of what stood there, not even for a moment."""
    await leave(site, caching)
    await site.call(caching, "/end")
    await caching.go_back(wait_until="commit")
    assert await caching.evaluate("persisted")
    await problem(caching, "no_session")
    for frame in caching.frames:
        assert SSN not in await frame.content()
    await site.log_in(caching)
    await site.show(caching, field())
    # Of the page on which the value was stored, and of both elements.
    kept = "localStorage.getItem('kept')"
    assert await field_frames(caching)[0].evaluate(kept) == "[][][]"
