"""A site of the tests' own, and a person in a browser of their own who has a session there."""

from collections.abc import AsyncGenerator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from tests.browsers import WAIT_MILLISECONDS
from tests.web.attacker import LISTEN
from tests.web.site import Site, grouped, running_site

VALIDATORS = """
[applications.payroll.validators.employee-id]
pattern = "E[0-9]{6}"
message = "Enter an E and six digits."

[applications.payroll.validators.plate]
mask = "AA-9999"
message = "Enter two letters and four digits."
inputmode = "text"
"""


@pytest_asyncio.fixture(scope="session")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Site]:
    """Start the site, with a validator of its operator's own."""
    async with running_site(tmp_path_factory.mktemp("site"), VALIDATORS) as made:
        yield made


@pytest_asyncio.fixture(scope="session")
async def strict_site(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Site]:
    """Start a site whose operator demands a gesture, and a mask after two seconds."""
    settings = 'reveal = "click"\nremask_after = 2'
    async with running_site(tmp_path_factory.mktemp("strict"), settings) as made:
        yield made


@pytest_asyncio.fixture(scope="session")
async def masking_site(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Site]:
    """Start a site whose operator shows values at once, and masks them after two seconds."""
    async with running_site(tmp_path_factory.mktemp("masking"), "remask_after = 2") as made:
        yield made


@pytest_asyncio.fixture
async def page(
    site: Site, cookies_blocked: Browser, request: pytest.FixtureRequest
) -> AsyncGenerator[Page]:
    """Open a tab in a new browser, with a session of the site's."""
    context = await cookies_blocked.new_context()
    context.set_default_timeout(WAIT_MILLISECONDS)
    tab = await context.new_page()
    if getattr(request, "param", "alone") == "grouped":
        grouped[tab] = []
    await site.log_in(tab)
    yield tab
    await context.close()


@pytest_asyncio.fixture
async def bugged(page: Page) -> Page:
    """Give a page in which the attacker's script runs before any other."""
    await page.add_init_script(LISTEN)
    return page
