"""A real identity provider and a browser: log in there, and values are typed and shown."""

from playwright.async_api import Page, expect

from tests.conftest import NewVisitor
from tests.oidc.conftest import Relying

SSN = "219-09-9999"
LINK = "#ssn >> text=Sign in to go on"


async def log_in(page: Page, relying: Relying, user: str = "ada", then: str = "/") -> None:
    """Log in at the provider, by its own pages, for the application."""
    await page.goto(f"{relying.application}/log-in?then={then}")
    await page.fill("input[name=login]", user)
    await page.fill("input[name=password]", "any")
    await page.click("button[type=submit]")
    await page.click("text=Continue")
    await expect(page.locator("#user")).to_have_text(user)


async def save(page: Page, value: str = SSN) -> None:
    """Type a value, save it, and see it."""
    await page.wait_for_selector("#ssn iframe.ready")
    await page.frame_locator("#ssn iframe").locator("input").fill(value)
    await page.click("#save")
    await expect(page.frame_locator("#shown iframe").locator("span")).to_have_text(value)


async def test_a_person_logs_in_and_a_value_is_typed_and_shown(
    relying: Relying, new_visitor: NewVisitor
) -> None:
    """The element says that a log-in is needed, its link leads there, and it comes back."""
    ada = await new_visitor()
    await log_in(ada.page, relying)
    await ada.page.click(LINK)
    await save(ada.page)
