"""A real identity provider and a browser: log in there, and values are typed and shown."""

import json

import httpx
import pytest
from playwright.async_api import Page, Route, expect

from tests.browser.people import frames_show
from tests.browsers import inaccessible, submit
from tests.conftest import NewVisitor
from tests.logged_in import REFERENCE, SSN, are_two_sessions, shown_in
from tests.oidc.conftest import FRESH_SECONDS, Relying

ASKED = "Confirm it is you"
LINK = "#ssn >> text=Sign in to go on"


async def log_in(page: Page, relying: Relying, user: str = "ada", then: str = "/") -> None:
    """Log in at the provider, by its own pages, for the application."""
    await page.goto(f"{relying.application}/log-in?then={then}")
    await page.fill("input[name=login]", user)
    await page.fill("input[name=password]", "any")
    await page.click("button[type=submit]")
    await page.click("text=Continue")
    await expect(page.locator("#user")).to_have_text(user)


async def cookie_of(page: Page, relying: Relying) -> str:
    """Give the secret of the browser's session at the tokenizer."""
    kept = await page.context.cookies(relying.secure)
    values = {each.get("name"): each.get("value", "") for each in kept}
    return values["__Host-lunasec-payroll"]


async def save(page: Page, value: str = SSN) -> None:
    """Type a value, save it, and see it."""
    await page.wait_for_selector("#ssn iframe.ready")
    await page.frame_locator("#ssn iframe").locator("input").fill(value)
    await submit(page, "#save")
    await expect(page.frame_locator("#shown iframe").locator("span")).to_have_text(value)


async def test_a_person_logs_in_and_a_value_is_typed_and_shown(
    relying: Relying, new_visitor: NewVisitor
) -> None:
    """The element says that a log-in is needed, its link leads there, and it comes back."""
    ada = await new_visitor()
    await log_in(ada.page, relying)
    await ada.page.click(LINK)
    await save(ada.page)


async def test_a_log_in_at_the_application_leads_through(
    relying: Relying, new_visitor: NewVisitor
) -> None:
    """An application that sends its users on to the tokenizer needs no click of theirs."""
    ada = await new_visitor()
    await log_in(ada.page, relying, "ada-2", then="tokenizer")
    await save(ada.page)
    assert await ada.page.evaluate("ssn.problem ?? null") is None


async def test_a_log_out_at_the_provider_ends_one_of_two_sessions(
    relying: Relying, new_visitor: NewVisitor
) -> None:
    """It tells the tokenizer by itself: one page goes blank, and that user's other one does not."""
    here, there = [await new_visitor() for _ in range(2)]
    await are_two_sessions(
        here, there, lambda page: log_in(page, relying, "ada-3", then="tokenizer"), save
    )
    provider = await here.context.new_page()
    await provider.goto(f"{relying.issuer}/session/end")
    await provider.click("button[name=logout]")
    await here.page.bring_to_front()
    await here.page.wait_for_function("shown.problem?.code === 'log_in_required'")
    assert not await frames_show(here.page, SSN)
    assert await here.page.locator("#shown").get_by_role("link").count() == 1
    await there.page.bring_to_front()
    await there.page.reload()
    await expect(shown_in(there.page)).to_have_text(SSN)


async def test_another_user_sees_nothing(relying: Relying, new_visitor: NewVisitor) -> None:
    """Granted to him by a server that was taken over, and put into his page, it stays shut."""
    ada, bob = [await new_visitor() for _ in range(2)]
    await log_in(ada.page, relying, "ada-4", then="tokenizer")
    await save(ada.page)
    token = await ada.page.get_attribute("#shown", "token")
    await log_in(bob.page, relying, "bob-4", then="tokenizer")
    await bob.page.goto(f"{relying.application}/?stolen={token}")
    await bob.page.wait_for_function("shown.problem?.code === 'not_granted'")
    assert not await frames_show(bob.page, SSN)


async def test_a_session_is_renewed_unseen(relying: Relying, new_visitor: NewVisitor) -> None:
    """While the provider knows the browser, a page that is open renews its session by itself."""
    ada = await new_visitor()
    await log_in(ada.page, relying, "ada-5", then="tokenizer")
    renewed: list[str] = []

    async def soon(route: Route) -> None:
        """Say that the session is to be renewed, as after ten minutes."""
        asked = json.loads(route.request.post_data or "{}")
        headers = await route.request.all_headers()
        headers["host"] = relying.secure.removeprefix("http://")
        async with httpx.AsyncClient(trust_env=False) as client:
            address = f"{relying.around_tokenizer}/session/ensure"
            answer = await client.post(address, headers=headers, content=json.dumps(asked))
        told = answer.json()
        renewed.extend(["asked"] if asked.get("renew") else [])
        body = json.dumps(told | ({"renew_in": 0} if told["active"] else {}))
        await route.fulfill(status=answer.status_code, headers=dict(answer.headers), body=body)

    await ada.page.route("**/session/ensure", soon)
    before = await cookie_of(ada.page, relying)
    await ada.page.reload()
    await ada.page.wait_for_selector("#ssn iframe.ready")
    while await cookie_of(ada.page, relying) == before:
        await ada.page.wait_for_timeout(200)
    assert renewed
    await ada.page.unroute_all(behavior="wait")
    await save(ada.page)
    assert ada.page.url == f"{relying.application}/"


async def test_what_is_said_is_reached_by_a_keyboard(
    relying: Relying, new_visitor: NewVisitor
) -> None:
    """The message is a link with a name, in the element itself; and axe finds nothing wrong."""
    ada = await new_visitor()
    await log_in(ada.page, relying, "ada-6")
    link = ada.page.locator("#ssn").get_by_role("link", name="Sign in to go on")
    await expect(link).to_be_visible()
    assert await link.get_attribute("href") == f"{relying.secure}/session/log-in/payroll"
    assert await inaccessible(ada.page) == []
    await link.focus()
    await ada.page.keyboard.press("Enter")
    await ada.page.wait_for_selector("#ssn iframe.ready")


async def test_an_element_asks_who_that_is(relying: Relying, new_visitor: NewVisitor) -> None:
    """What a policy wants confirmed stays shut; the message leads to the provider, which asks."""
    ada = await new_visitor()
    await log_in(ada.page, relying, "ada-8", then="tokenizer")
    await ada.page.goto(f"{relying.application}/?kind=ssn")
    await save(ada.page)
    before = await ada.page.evaluate(REFERENCE)
    await ada.page.wait_for_timeout(FRESH_SECONDS * 1000)
    await ada.page.reload()
    link = ada.page.locator("#shown").get_by_role("link", name=ASKED)
    await expect(link).to_be_visible()
    assert await ada.page.evaluate("shown.problem.code") == "step_up_required"
    assert not await frames_show(ada.page, SSN)
    assert await inaccessible(ada.page) == []
    await link.focus()
    await ada.page.keyboard.press("Enter")
    await ada.page.fill("input[name=login]", "ada-8")
    await ada.page.fill("input[name=password]", "any")
    await ada.page.click("button[type=submit]")
    await expect(ada.page.frame_locator("#shown iframe").locator("span")).to_have_text(SSN)
    assert await ada.page.evaluate(REFERENCE) == before
    assert await ada.page.evaluate("shown.problem ?? null") is None


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
async def test_a_log_in_that_is_refused_is_a_page(
    relying: Relying, new_visitor: NewVisitor, scheme: str, width: int
) -> None:
    """It says what happened, in every light and size, and its link goes on."""
    ada = await new_visitor()
    await log_in(ada.page, relying, f"ada-7-{scheme}-{width}")
    await ada.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    await ada.page.set_viewport_size({"width": width, "height": 640})
    callback = f"{relying.secure}/session/log-in/payroll/callback"
    told = await ada.page.goto(f"{callback}?code=x&state=y")
    assert told is not None
    assert told.status == 403
    assert not [each for each in ada.console if "Content Security Policy" in each]
    await expect(ada.page).to_have_title("Sign-in was not finished")
    await expect(ada.page.get_by_text("log_in_invalid")).to_be_visible()
    assert await inaccessible(ada.page) == []
    assert await ada.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    light = await ada.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert light == {"light": "rgb(243, 244, 246)", "dark": "rgb(16, 19, 23)"}[scheme]
    await ada.page.keyboard.press("Tab")
    await ada.page.keyboard.press("Enter")
    await expect(ada.page).to_have_url(f"{relying.application}/")
    await save(ada.page)
