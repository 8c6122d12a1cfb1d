"""Pages that a server renders and a framework takes over: elements before, without and after it."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress

import pytest
from playwright.async_api import Error, Page, Route, expect

from tests.web.elements import (
    FORM,
    SSN,
    asked,
    box,
    filled,
    posted,
    shown,
    text,
    type_into,
)
from tests.web.site import Site

HYDRATE = """() => {
  const root = document.querySelector("#root");
  const copy = root.cloneNode(true);
  root.replaceChildren(...copy.childNodes);
}"""


@asynccontextmanager
async def before_the_script(site: Site, page: Page, body: str) -> AsyncGenerator[None]:
    """Show a page whose module does not come before the block ends."""
    late = asyncio.Event()

    async def hold(route: Route) -> None:
        await late.wait()
        await route.continue_()

    await page.route("**/lunasec.js", hold)
    showing = asyncio.create_task(site.show(page, body, wait=False))
    await page.wait_for_selector("#go")
    yield
    late.set()
    with suppress(Error):  # it was left meanwhile
        await showing


async def test_elements_before_their_script(site: Site, page: Page) -> None:
    """What a server rendered keeps its place, and works as soon as the module has come."""
    [token] = await site.store(page, SSN)
    style = "<style>:not(:defined) { display: inline-block; block-size: 30px }</style>"
    form = FORM.format(attributes=f'token="{token}" required')
    async with before_the_script(site, page, style + form + text(token)):
        assert await page.locator("iframe").count() == 0
        height = "document.querySelector('#ssn').getBoundingClientRect().height"
        assert await page.evaluate(height) == 30
    await expect(filled(page)).to_have_text(SSN)
    await expect(shown(page)).to_have_text(SSN)
    await page.click("#go")
    assert await posted(site, page) == {"ssn": token}


async def test_a_form_that_is_sent_before_the_script(site: Site, page: Page) -> None:
    """An element that is none yet takes part in no form: nothing is posted in its name."""
    async with before_the_script(site, page, FORM.format(attributes="")):
        await page.click("#go", no_wait_after=True)
        assert await posted(site, page) == {}


@pytest.mark.parametrize("before", [True, False])
async def test_a_framework_that_makes_the_elements_anew(
    site: Site, page: Page, *, before: bool
) -> None:
    """Replaced by copies, before or after their frames stand, all values show, by one session."""
    tokens = await site.store(page, SSN, "other")
    bootstraps = asked(page, "/session/ensure")
    inside = FORM.format(attributes=f'token="{tokens[0]}"') + text(tokens[1])
    await site.show(page, f"<div id=root>{inside}</div>", wait=not before)
    for _ in range(2):
        await page.evaluate(HYDRATE)
    await expect(filled(page)).to_have_text(SSN)
    await expect(shown(page)).to_have_text("other")
    assert await page.locator("iframe:not([hidden])").count() == 2
    assert len(bootstraps) == 1
    await box(page).click()
    await page.keyboard.type("new")
    await page.click("#go")
    assert (await posted(site, page))["ssn"] not in {"", *tokens}


async def test_what_is_typed_is_lost_with_its_element_and_said_so(site: Site, page: Page) -> None:
    """A copy of a field that was typed into is empty: a value never goes through the page."""
    await site.show(page, f"<div id=root>{FORM.format(attributes='required')}</div>")
    await type_into(page, SSN)
    await page.evaluate(HYDRATE)
    await page.wait_for_selector("#ssn iframe.ready")
    await expect(box(page)).to_have_value("")
    await page.click("#go")
    await page.wait_for_timeout(300)
    assert not site.posts
    assert await page.evaluate("ssn.validity.valueMissing")
