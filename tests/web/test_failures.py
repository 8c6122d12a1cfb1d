"""What is said when there is no session, or nobody who could give one."""

import pytest
from playwright.async_api import Browser, Page, Route, expect

from tests.web.elements import (
    LIBRARY,
    SSN,
    alone_and_grouped,
    asked,
    field,
    filled,
    hear,
    problem,
    shown,
    text,
)
from tests.web.site import Site, grouped

NOBODYS = "lunasec-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAbP_uA0"
PLUGIN = "**/.lunasec/secure-frame*"


@alone_and_grouped
async def test_nobody_is_logged_in(site: Site, page: Page) -> None:
    """Without a session every element says so, no frame is made, and a log-in is noticed."""
    await page.context.clear_cookies()
    await site.show(page, text(NOBODYS) + field())
    await problem(page, "no_session")
    await problem(page, "no_session", "secure-input")
    await expect(page.locator("iframe")).to_have_count(0)
    await site.log_in(page)
    # The application's word, not the page's old one, is asked for.
    await page.evaluate(LIBRARY + "lunasec.refresh())")
    await problem(page, "not_granted")


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (401, "no_session"),
        (404, "plugin_not_found"),
        (200, "plugin_not_reached"),
        (403, "plugin_refused"),
        (None, "blocked"),
    ],
)
async def test_failures_of_the_bootstrap(
    site: Site, page: Page, status: int | None, code: str
) -> None:
    """Each has a code of its own, and one bootstrap a page is all there is."""

    async def instead(route: Route) -> None:
        await (route.fulfill(status=status, body="<h1>Log in") if status else route.abort())

    bootstraps = asked(page, "/secure-frame")
    await page.route(PLUGIN, instead)
    await site.show(page, text(NOBODYS))
    await problem(page, code)
    await page.wait_for_timeout(1_500)
    assert len(bootstraps) == 1


async def test_cookies_that_do_not_come_back(site: Site, page: Page) -> None:
    """The redirect was followed and T still knows nobody: it goes on without, where it can."""
    elsewhere = {"Location": f"{site.tokenizer.origin}/lunasec.js"}
    await page.route(PLUGIN, lambda route: route.fulfill(status=303, headers=elsewhere))
    await site.show(page, text(NOBODYS))
    await problem(page, "not_granted")
    await page.route("**/.lunasec/coordinator", lambda route: route.fulfill(status=404))
    await site.show(page, text(NOBODYS))
    await problem(page, "cookies_blocked")


async def test_an_application_that_is_away_is_tried_again(site: Site, page: Page) -> None:
    """A 503 is `unavailable`, and the page recovers by itself."""
    bootstraps = asked(page, "/secure-frame")

    async def once(route: Route) -> None:
        await (route.fulfill(status=503) if len(bootstraps) == 1 else route.continue_())

    await page.route(PLUGIN, once)
    await site.show(page, text(NOBODYS))
    await problem(page, "unavailable")
    await problem(page, "not_granted")
    assert len(bootstraps) == 2


@alone_and_grouped
async def test_a_tokenizer_that_is_away_is_tried_again(site: Site, page: Page) -> None:
    """The rest of the page works on, and the value is shown as soon as it can be had."""
    [token] = await site.store(page, SSN)
    addresses = ("**/session/ensure", "**/detokenize")
    for address in addresses:
        await page.route(address, lambda route: route.fulfill(status=503))
    await site.show(page, text(token))
    await problem(page, "unavailable")
    for address in addresses:
        await page.unroute(address)
    await expect(shown(page)).to_have_text(SSN, timeout=10_000)
    await expect(page.locator("secure-text")).not_to_have_attribute("aria-invalid", "true")


@alone_and_grouped
async def test_a_frame_that_does_not_load_is_tried_again(site: Site, page: Page) -> None:
    """A document that never answers is `unavailable`, and asked for again."""
    [token] = await site.store(page, SSN)
    address = "/frame/payroll/group" if page in grouped else "/frame/payroll/text"
    documents = asked(page, address)

    async def once(route: Route) -> None:
        await (route.abort() if len(documents) == 1 else route.continue_())

    await page.route(f"**{address}", once)
    await site.show(page, text(token), wait=False)
    await page.wait_for_function(
        "document.querySelector('secure-text').problem?.code === 'unavailable'", timeout=15_000
    )
    await expect(shown(page)).to_have_text(SSN)
    await expect(page.locator("secure-text")).not_to_have_attribute("aria-invalid", "true")


@pytest.mark.parametrize("module", ["frame/rules.js", "frame/extras.js", "elements/group.js"])
@alone_and_grouped
async def test_a_module_that_does_not_load(site: Site, page: Page, module: str) -> None:
    """Fields that lack a part of theirs say so, in place of showing nothing, and try again."""
    [token] = await site.store(page, SSN)
    is_text = module != "frame/rules.js"
    element = text(token, "id=ssn copy") if is_text else field(token, "id=ssn validator=ssn")
    if module == "elements/group.js" and page not in grouped:
        grouped[page] = []
    refused: list[Route] = []
    # The page asks for the group's before its fields do.
    times = 2 if module == "elements/group.js" else 1

    async def first(route: Route) -> None:
        refused.append(route)
        await (route.abort() if len(refused) <= times else route.continue_())

    await page.route(f"**/{module}", first)
    await hear(page, "secure-error")
    await site.show(page, element, wait=False)
    await page.wait_for_function("heard.length")
    assert (await page.evaluate("heard"))[0][3]["code"] == "unavailable"
    await expect((shown if is_text else filled)(page, "#ssn").first).to_have_text(SSN)
    await expect(page.locator("#ssn")).not_to_have_attribute("aria-invalid", "true")


async def test_an_insecure_page(site: Site, cookies_blocked: Browser) -> None:
    """Plain http elsewhere than on localhost has no WebCrypto: the element says so."""
    context = await cookies_blocked.new_context()
    page = await context.new_page()
    site.pages["insecure"] = text(NOBODYS)
    origin = site.origin.replace("app.lunasec.localhost", "app.lunasec.example")
    await page.goto(f"{origin}/page/insecure")
    await problem(page, "insecure_context")
    await context.close()
