"""Log-in with an identity provider: once, in one browser, for whom that provider says it is."""

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
import pytest_asyncio

from lunasec.tokenizer.core.log_in import LOG_IN_SECONDS
from tests.http.local import ORIGIN
from tests.http.parties import CLINIC, ORIGINS, PAYROLL, code
from tests.http.relying import CALLBACK, HIDDEN, LOG_IN, Relying, relying
from tests.http.scripted_provider import CLIENT

SSN = "219-09-9999"
LANDING = f"{ORIGINS[PAYROLL]}/"


@pytest_asyncio.fixture
async def party(tmp_path: Path) -> AsyncGenerator[Relying]:
    """Give a tokenizer and its provider."""
    async with relying(tmp_path) as made:
        yield made


async def test_the_main_job(party: Relying) -> None:
    """Whoever logged in stores a value and, once granted, reads it; others read nothing."""
    ada = await party.visitor()
    [token] = await ada.store(SSN)
    assert await ada.read(token) == [None]
    await party.parties.grant(ada.session, [token])
    assert await ada.read(token) == [SSN]
    for other in (await party.visitor("bob", "s-2"), await party.visitor("ada", "s-3")):
        assert await other.read(token) == [None]


async def test_where_a_browser_is_sent(party: Relying) -> None:
    """To the provider, with a code asked for, S256, a nonce, and our exact address to come back."""
    location = await party.browser().begin()
    asked = dict(parse_qsl(urlsplit(location).query))
    assert location.startswith(f"{party.provider.issuer}/auth?")
    assert asked.pop("redirect_uri") == f"{ORIGIN}{CALLBACK}"
    assert {asked.pop(name) for name in ("response_type", "response_mode")} == {"code", "query"}
    assert (asked.pop("client_id"), asked.pop("scope")) == (CLIENT, "openid")
    assert (asked.pop("code_challenge_method"), len(asked.pop("code_challenge"))) == ("S256", 43)
    assert (len(asked.pop("nonce")), len(asked.pop("state"))) == (43, 75)
    assert asked == {}


async def test_a_request_is_pushed_where_that_is_offered(tmp_path: Path) -> None:
    """Then the browser sees a name for it, and nothing that it says."""
    async with relying(tmp_path) as party:
        where = f"{party.provider.issuer}/push"
        party.provider.described["pushed_authorization_request_endpoint"] = where
        browser = party.browser()
        location = await browser.begin()
        assert dict(parse_qsl(urlsplit(location).query)).keys() == {"client_id", "request_uri"}
        assert (await browser.come_back(party.provider.log_in(location))).status_code == 303
        party.provider.answers["/push"] = (400, b'{"error": "invalid_request"}')
        assert code(await browser.go(LOG_IN)) == "unavailable"


async def test_no_session_before_the_log_in(party: Relying) -> None:
    """A frame hears that it takes one, in the place of a state; it renews in the same way."""
    browser = party.browser()
    asked = (await browser.asks("/session/ensure")).json()
    assert asked == {"active": False, "state": "log-in"}
    await browser.logs_in()
    lives = (await browser.asks("/session/ensure")).json()
    assert (lives["active"], lives["expires_in"], lives["renew_in"]) == (True, 900, 600)
    assert (await browser.asks("/session/ensure", renew=True)).json() == asked
    browser.session = browser.provider_reference("ada", "s-2")
    assert (await browser.asks("/session/ensure")).json() == asked


async def test_t15_where_it_comes_back(party: Relying) -> None:
    """To the configured address, whatever the request says; and its cookie is no script's."""
    browser = party.browser()
    evil = "https://evil.example/"
    assert (await browser.go(f"{LOG_IN}?landing={evil}&redirect_uri={evil}")).is_redirect
    said = party.provider.log_in(await browser.begin())
    more = dict.fromkeys(("next", "landing", "redirect_uri", "return_to", "target"), evil)
    response = await browser.come_back({**said, **more}, referer=evil, origin="null")
    assert (response.status_code, response.headers["location"]) == (303, LANDING)
    assert response.headers["cache-control"] == "no-store"
    [cookie] = response.headers.get_list("set-cookie")
    attributes = "; Path=/; Secure; HttpOnly; Max-Age=900; SameSite=Lax"
    assert cookie.startswith("__Host-lunasec-payroll=")
    assert cookie.endswith(attributes)


async def test_t11_another_browser(party: Relying) -> None:
    """A log-in that an attacker began is worth nothing under a victim's page, his own code with it.

    Neither in a browser that never began one, nor in one that did.
    """
    mallory, victim = party.browser(), party.browser()
    said = party.provider.log_in(await mallory.begin(), "mallory", "s-m")
    own = party.provider.log_in(await victim.begin())
    strange = party.browser()
    for browser in (strange, victim):
        response = await browser.come_back(said)
        assert (response.status_code, code(response)) == (403, "log_in_invalid")
        assert "set-cookie" not in response.headers
    assert "/token" not in party.provider.asked
    # With the victim's own state, the attacker's code is not of the victim's verifier.
    response = await victim.come_back({**said, "state": own["state"]})
    assert code(response) == "log_in_invalid"
    assert "__Host-lunasec-payroll" not in victim.cookies
    assert (await party.reasons())[-1] == "The provider refuses the code."


async def test_t14_a_state_counts_once(party: Relying) -> None:
    """Of a hundred at once, one opens a session."""
    browser = party.browser()
    said = party.provider.log_in(await browser.begin())
    answers = await asyncio.gather(*[browser.come_back(said) for _ in range(100)])
    assert sorted(each.status_code for each in answers) == [303] + [403] * 99
    assert party.provider.asked.count("/token") == 1
    assert "used state" in await party.reasons()


async def test_t14_a_state_that_opened_a_session_opens_no_other(party: Relying) -> None:
    """Later neither, with another code; what failed before has used nothing up."""
    browser = party.browser()
    location = await browser.begin()
    said = party.provider.log_in(location)
    assert code(await browser.come_back({**said, "iss": "https://other.example.com"}))
    assert (await browser.come_back(said)).status_code == 303
    again = party.provider.log_in(location, "bob", "s-2")
    assert code(await browser.come_back(again)) == "log_in_invalid"
    assert await party.reasons() == ["another issuer's answer", "used state"]


async def test_a_code_counts_once(party: Relying) -> None:
    """The provider refuses a code that was used, whatever state it comes with."""
    browser = party.browser()
    first = party.provider.log_in(await browser.begin())
    await browser.come_back(first)
    second = party.provider.log_in(await browser.begin())
    response = await browser.come_back({**second, "code": first["code"]})
    assert code(response) == "log_in_invalid"


async def test_a_state_has_its_time(party: Relying) -> None:
    """Ten minutes are enough for a password and a second factor."""
    browser = party.browser()
    said = [party.provider.log_in(await browser.begin()) for _ in range(2)]
    party.parties.clock.now += LOG_IN_SECONDS - 1
    assert (await browser.come_back(said[0])).status_code == 303
    party.parties.clock.now += 1
    assert code(await browser.come_back(said[1])) == "log_in_invalid"
    assert await party.reasons() == ["expired state"]


@pytest.mark.parametrize("iss", ["https://other.example.com", "", None])
async def test_another_issuers_answer(party: Relying, iss: str | None) -> None:
    """Where answers name their issuer, one that does not is mixed up (RFC 9207)."""
    browser = party.browser()
    said = party.provider.log_in(await browser.begin())
    said = {name: each for name, each in {**said, "iss": iss}.items() if each is not None}
    assert code(await browser.come_back(said)) == "log_in_invalid"
    assert "/token" not in party.provider.asked


async def test_an_issuer_that_need_not_be_named(tmp_path: Path) -> None:
    """Where answers don't name it, none is needed; one that is named has to be right."""
    async with relying(tmp_path, authorization_response_iss_parameter_supported=False) as party:
        browser = party.browser()
        said = party.provider.log_in(await browser.begin())
        del said["iss"]
        assert (await browser.come_back(said)).status_code == 303
        other = party.provider.log_in(await browser.begin())
        response = await browser.come_back({**other, "iss": "https://other.example.com"})
        assert code(response) == "log_in_invalid"


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-dest": "empty", "sec-fetch-mode": "no-cors"},
        {"sec-fetch-dest": "image", "sec-fetch-mode": "no-cors"},
        {"sec-fetch-dest": "document", "sec-fetch-mode": "cors"},
        {"sec-fetch-dest": "object", "sec-fetch-mode": "navigate"},
        {"host": "evil.example"},
    ],
)
async def test_t11_it_takes_a_navigation(party: Relying, headers: dict[str, str]) -> None:
    """No image, script or plugin begins or finishes a log-in, nor a name that leads here."""
    browser = party.browser()
    assert code(await browser.go(LOG_IN, **headers)) == "cross_origin_refused"
    said = party.provider.log_in(await browser.begin())
    assert code(await browser.come_back(said, **headers)) == "cross_origin_refused"
    assert (await browser.come_back(said)).status_code == 303


async def test_who_looks_beforehand_uses_nothing_up(party: Relying) -> None:
    """`HEAD` begins nothing and finishes nothing."""
    for path in (LOG_IN, CALLBACK):
        response = await party.parties.client.head(path)
        assert response.status_code == 405


async def test_a_hidden_frame_asks_for_no_page(party: Relying) -> None:
    """It renews unseen, and only the application may frame the answer."""
    ada = await party.visitor()
    location = await ada.begin(**HIDDEN)
    assert dict(parse_qsl(urlsplit(location).query))["prompt"] == "none"
    response = await ada.come_back(party.provider.log_in(location), **HIDDEN)
    assert response.status_code == 200
    policy = response.headers["content-security-policy"]
    assert policy == f"default-src 'none'; frame-ancestors {ORIGINS[PAYROLL]}"
    assert await ada.lives()


async def test_t2b_the_application_can_not_make_sessions(party: Relying) -> None:
    """With its key in hand, it vouches for nobody."""
    ada = await party.visitor()
    stated = {"state": "A" * 43, "session": ada.session, "origin": ORIGINS[PAYROLL]}
    offered = await party.parties.ask("/session/handles", **stated, expires_in=60)
    moved = await party.parties.ask(
        "/session/upgrade", **{"from": ada.session, "session": "B" * 43}
    )
    followed = await ada.follow("A" * 43)
    document = await party.parties.client.get(f"/frame/{PAYROLL}/coordinator?handle={'A' * 43}")
    assert {code(each) for each in (offered, moved, followed, document)} == {"scheme_disabled"}


async def test_an_application_without_a_provider_has_no_log_in(party: Relying) -> None:
    """Nor has one that is not there."""
    browser = party.browser()
    other = LOG_IN.replace(PAYROLL, CLINIC)
    for path in (other, f"{other}/callback"):
        assert code(await browser.go(path)) == "scheme_disabled"
    assert code(await browser.go(LOG_IN.replace(PAYROLL, "nobody"))) == "application_unknown"
