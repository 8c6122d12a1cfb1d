"""Real proxies before both, in a browser: values without a redirect, and nothing around them."""

import base64
import json
from collections.abc import Mapping

import httpx
import pytest
from playwright.async_api import Page, expect

from tests.browser.people import frames_show
from tests.conftest import NewVisitor
from tests.logged_in import SSN, are_two_sessions, goes_blank, save
from tests.proxies.scene import Proxied

BACK_CHANNEL = "/session/back-channel-logout/payroll"
ASKED = "Confirm it is you"

one_front = pytest.mark.parametrize("proxied", ["caddy"], indirect=True)
"""What the tokenizer decides alone is the same behind each of them."""


async def log_in(page: Page, proxied: Proxied, name: str = "ada") -> None:
    """Log in at the proxy, and go to the application; each proxy has users of its own."""
    user = f"{name}-{proxied.front}"
    await page.goto(f"{proxied.application}/proxy/log-in/{user}")
    await page.goto(proxied.application)
    await expect(page.locator("#user")).to_have_text(user)


async def test_a_value_is_typed_and_shown_without_a_redirect(
    proxied: Proxied, new_visitor: NewVisitor
) -> None:
    """Nobody vouches: no `/session/create`, no `/.lunasec/`; each user sees his own value."""
    ada, bob = await new_visitor(), await new_visitor()
    await log_in(ada.page, proxied)
    await save(ada.page)
    await log_in(bob.page, proxied, "bob")
    await expect(bob.page.locator("#shown")).to_have_count(0)
    asked = [each.url for each in ada.requests]
    assert not [each for each in asked if "/.lunasec/" in each or "/session/create" in each]
    token = await ada.page.get_attribute("#shown", "token")
    body = f"<secure-text id=stolen token={token}></secure-text>"
    await bob.page.evaluate("(html) => document.body.insertAdjacentHTML('beforeend', html)", body)
    await bob.page.wait_for_function("stolen.problem?.code === 'not_granted'")
    assert not await frames_show(bob.page, SSN)


@one_front
async def test_a_value_is_there_after_one_request(
    proxied: Proxied, new_visitor: NewVisitor
) -> None:
    """The proxy vouches for the request that asks for the value: none has to come before it."""
    ada, again = await new_visitor(), await new_visitor()
    await log_in(ada.page, proxied)
    await save(ada.page)
    await again.page.goto(f"{proxied.application}/proxy/log-in/ada-{proxied.front}")
    await again.page.route("**/session/ensure", lambda route: route.abort())
    await again.page.goto(f"{proxied.application}/value")
    await expect(again.page.frame_locator("#shown iframe").locator("span")).to_have_text(SSN)


async def test_a_log_out_at_the_proxy_blanks_open_frames(
    proxied: Proxied, new_visitor: NewVisitor
) -> None:
    """Within ten seconds, and a log-in of the same user is another session."""
    ada = await new_visitor()
    await log_in(ada.page, proxied, "ada-2")
    await save(ada.page)
    before = await ada.page.get_attribute("meta[name=lunasec-session]", "content")
    other = await ada.context.new_page()
    await other.goto(f"{proxied.application}/proxy/log-out")
    await ada.page.bring_to_front()
    blank = "shown.problem?.code === 'no_session' && ssn.problem?.code === 'no_session'"
    await ada.page.wait_for_function(blank, timeout=11_000)
    assert not await frames_show(ada.page, SSN)
    await log_in(ada.page, proxied, "ada-2")
    await expect(ada.page.frame_locator("#shown iframe").locator("span")).to_have_text(SSN)
    assert await ada.page.get_attribute("meta[name=lunasec-session]", "content") != before


async def test_a_log_out_of_the_identity_provider_gets_through(proxied: Proxied) -> None:
    """It has no session at the proxy; the tokenizer is who judges it, with nobody's token."""
    local = proxied.secure.replace("secure.lunasec.localhost", "127.0.0.1")
    secure = {"host": proxied.secure.removeprefix("http://")}
    async with httpx.AsyncClient(trust_env=False) as provider:
        form = {"logout_token": "x"}
        answer = await provider.post(f"{local}{BACK_CHANNEL}", data=form, headers=secure)
        assert (answer.status_code, answer.json()["code"]) == (400, "log_out_invalid")
        elsewhere = await provider.post(f"{local}/session/end", headers=secure)
        assert elsewhere.status_code == 401


@pytest.mark.parametrize("proxied", ["caddy"], indirect=True)
async def test_a_log_out_by_the_identity_provider_blanks_one_of_two_sessions(
    proxied: Proxied, new_visitor: NewVisitor
) -> None:
    """Within ten seconds, though the proxy goes on signing for both."""
    here, there = [await new_visitor() for _ in range(2)]
    await are_two_sessions(here, there, lambda page: log_in(page, proxied, "ada-3"))
    token = await here.page.evaluate("fetch('/proxy/log-out-token').then((told) => told.text())")
    address = f"{proxied.around_tokenizer}{BACK_CHANNEL}"
    async with httpx.AsyncClient(trust_env=False) as provider:
        answer = await provider.post(address, data={"logout_token": token})
    assert answer.status_code == 200, answer.text
    await goes_blank(here, there, "session_ended")


async def test_t25_what_the_application_is_sent_opens_nothing(
    proxied: Proxied, new_visitor: NewVisitor
) -> None:
    """Who took the application's server over has a visitor's headers; the tokenizer takes none."""
    ada = await new_visitor()
    await log_in(ada.page, proxied)
    session = await ada.page.get_attribute("meta[name=lunasec-session]", "content")
    await ada.page.goto(f"{proxied.application}/headers")
    stolen = await ada.page.evaluate("JSON.parse(document.body.innerText)")
    assert "proxy_session" not in str(stolen)
    own = {
        "host": proxied.secure.removeprefix("http://"),
        "sec-fetch-site": "same-origin",
        "sec-fetch-mode": "cors",
        "lunasec-application": "payroll",
    }
    async with httpx.AsyncClient(trust_env=False) as thief:
        for headers in ({}, {"authorization": stolen["authorization"]}):
            answer = await thief.post(
                f"{proxied.around_tokenizer}/session/ensure",
                json={"session": session},
                headers={**own, **headers},
            )
            assert (answer.status_code, answer.json()["code"]) == (401, "not_proxied")


FORGED = ["x-forwarded-host", "x-forwarded-uri", "x-original-url", "forwarded", "host"]


@pytest.mark.parametrize("header", FORGED)
async def test_t25_no_address_of_a_client_changes_whom_a_token_is_for(
    proxied: Proxied, header: str
) -> None:
    """Oathkeeper believes what it is told of a request's address: the proxy alone tells it.

    Otherwise whoever took the application's server over would have his visitors' tokens made out
    to the tokenizer, by a page that asks for them, or a client of his own.
    """
    secure = proxied.secure.removeprefix("http://")
    forged = {
        "x-forwarded-uri": f"{proxied.secure}/",
        "x-original-url": f"{proxied.secure}/",
        "forwarded": f"host={secure};proto=http",
    }.get(header, secure)
    async with httpx.AsyncClient(trust_env=False) as client:
        at_app = proxied.application.replace("app.lunasec.localhost", "127.0.0.1")
        app = {"host": proxied.application.removeprefix("http://")}
        logged_in = await client.get(f"{at_app}/proxy/log-in/mallory", headers=app)
        cookie = {"cookie": logged_in.headers["set-cookie"].partition(";")[0]}
        honest = await client.get(f"{at_app}/headers", headers=app | cookie)
        assert _audience(honest.json()) == [proxied.application]
        told = app | cookie | {header: forged, "x-forwarded-proto": "http"}
        answer = await client.get(f"{at_app}/headers", headers=told)
        if answer.status_code == 200 and answer.content:
            assert _audience(answer.json()) == [proxied.application]


async def test_t25_a_token_of_a_client_is_replaced(proxied: Proxied) -> None:
    """Whatever a client puts where the proxy's token goes, the application sees the proxy's."""
    at_app = proxied.application.replace("app.lunasec.localhost", "127.0.0.1")
    app = {"host": proxied.application.removeprefix("http://")}
    async with httpx.AsyncClient(trust_env=False) as client:
        logged_in = await client.get(f"{at_app}/proxy/log-in/mallory", headers=app)
        cookie = {"cookie": logged_in.headers["set-cookie"].partition(";")[0]}
        own = {"authorization": "Bearer own"}
        answer = await client.get(f"{at_app}/headers", headers=app | cookie | own)
        assert _audience(answer.json()) == [proxied.application]
        assert (await client.get(f"{at_app}/headers", headers=app | own)).status_code == 401


def _audience(headers: Mapping[str, str]) -> object:
    payload = headers["authorization"].removeprefix("Bearer ").split(".")[1]
    return json.loads(base64.urlsafe_b64decode(payload + "=="))["aud"]


@one_front
async def test_an_element_asks_for_a_fresh_log_in(
    proxied: Proxied, new_visitor: NewVisitor
) -> None:
    """An hour after the log-in a value stays shut, and says what would help; then it opens."""
    ada = await new_visitor()
    await log_in(ada.page, proxied, "ada-3")
    await save(ada.page)
    await ada.page.goto(f"{proxied.application}/proxy/log-in/ada-3-{proxied.front}?ago=3600")
    await ada.page.goto(proxied.application)
    await ada.page.wait_for_function("shown.problem?.code === 'step_up_required'")
    await expect(ada.page.locator("#shown").get_by_text(ASKED)).to_be_visible()
    assert not await frames_show(ada.page, SSN)
    assert "/errors#step_up_required" in await ada.page.evaluate("shown.problem.docs")
    await log_in(ada.page, proxied, "ada-3")
    await expect(ada.page.frame_locator("#shown iframe").locator("span")).to_have_text(SSN)
    assert await ada.page.evaluate("shown.problem ?? null") is None


@one_front
async def test_t2b_a_page_of_a_stolen_server_shows_nothing_of_others(
    proxied: Proxied, new_visitor: NewVisitor
) -> None:
    """Granted to a visitor's session and put into the page, another's token stays shut."""
    ada, bob = await new_visitor(), await new_visitor()
    await log_in(ada.page, proxied, "ada-4")
    await save(ada.page)
    token = await ada.page.get_attribute("#shown", "token")
    await log_in(bob.page, proxied, "bob-4")
    await bob.page.goto(f"{proxied.application}/?stolen={token}")
    await bob.page.wait_for_function("shown.problem?.code === 'not_granted'")
    assert not await frames_show(bob.page, SSN)
    await ada.page.reload()
    await expect(ada.page.frame_locator("#shown iframe").locator("span")).to_have_text(SSN)
