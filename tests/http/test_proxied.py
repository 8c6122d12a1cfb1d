"""Sessions from an auth proxy: nobody vouches, no redirect, and only the signed token counts."""

import secrets
from collections.abc import AsyncGenerator, Mapping
from pathlib import Path

import pytest
import pytest_asyncio
from joserfc.jwk import ECKey, RSAKey

from lunasec.tokenizer.core.stream import sealed_size
from tests.http.parties import CLINIC, PAYROLL, Browser, code, sealed
from tests.http.proxies import ISSUER, Behind, ProxiedBrowser, behind

SSN = "219-09-9999"


@pytest_asyncio.fixture
async def proxied(tmp_path: Path) -> AsyncGenerator[Behind]:
    """Give a tokenizer behind a proxy."""
    async with behind(tmp_path) as made:
        yield made


async def test_the_main_job_without_a_redirect(proxied: Behind) -> None:
    """A value is stored and, once granted, read: one request sets the session up."""
    ada = await proxied.visitor()
    [token] = await ada.store(SSN)
    verify = proxied.parties.told
    made = await verify("/grants/verify", session=ada.session, tokens=[token], action="store")
    assert made["granted"] == [True]
    assert await ada.read(token) == [None]
    await proxied.parties.grant(ada.session, [token])
    assert await ada.read(token) == [SSN]


async def test_others_and_other_sessions_read_nothing(proxied: Behind) -> None:
    """Another user, and another log-in of the same one, are other sessions."""
    ada = await proxied.visitor()
    [token] = await ada.store(SSN)
    await proxied.parties.grant(ada.session, [token])
    for other in (await proxied.visitor("bob"), await proxied.visitor("ada")):
        assert await other.read(token) == [None]


async def test_a_page_of_another_session(proxied: Behind) -> None:
    """A page that was made for one session gets nothing with another one's token."""
    ada, bob = await proxied.visitor(), await proxied.visitor("bob")
    [token] = await ada.store(SSN)
    await proxied.parties.grant(ada.session, [token])
    bob.session = ada.session
    for path, body in (("/session/ensure", {}), ("/detokenize", {"tokens": [token]})):
        assert code(await bob.asks(path, **body)) == "session_changed"


async def test_a_log_out_at_the_application(proxied: Behind) -> None:
    """What the application ended is over, whatever the proxy still signs."""
    ada = await proxied.visitor()
    await proxied.parties.told("/session/end", session=ada.session)
    assert code(await ada.asks("/session/ensure")) == "session_ended"
    assert code(await ada.asks("/tokenize", values=[])) in {"no_session", "malformed_request"}
    assert not await ada.lives()


async def test_the_first_request_enters_the_session(proxied: Behind) -> None:
    """A page asks for its values at once: no request comes before the one that it waits for."""
    ada = proxied.browser()
    [token] = await ada.store(SSN)
    await proxied.parties.grant(ada.session, [token])
    again = proxied.browser(sid=ada.sid)
    proxied.parties.clock.now += 15 * 60  # what was entered is over
    await proxied.parties.grant(ada.session, [token])
    assert await again.read(token) == [SSN]


async def test_t25_the_first_request_enters_nothing_that_was_ended(proxied: Behind) -> None:
    """After a log-out at the application each request is refused, whatever it asks for."""
    ada = await proxied.visitor()
    [token] = await ada.store(SSN)
    await proxied.parties.told("/session/end", session=ada.session)
    for path, body in (
        ("/detokenize", {"tokens": [token]}),
        ("/tokens/describe", {"tokens": [token]}),
        ("/tokenize", {"values": [sealed("x")]}),
        ("/files", {"size": sealed_size(1)}),
    ):
        assert code(await ada.asks(path, **body)) == "session_ended", path


async def test_a_session_lives_on_while_the_proxy_vouches(proxied: Behind) -> None:
    """After ten minutes it is renewed, after fifteen without that it is entered anew."""
    ada = await proxied.visitor()
    clock = proxied.parties.clock
    clock.now += 11 * 60
    ensured = (await ada.asks("/session/ensure", renew=True)).json()
    assert (ensured["expires_in"], ensured["renew_in"]) == (15 * 60, 10 * 60)
    clock.now += 14 * 60
    assert await ada.lives()
    assert len(await entries(proxied)) == 2
    clock.now += 60
    assert await ada.lives()
    assert [each["outcome"] for each in await entries(proxied)] == ["allowed"] * 3


async def entries(proxied: Behind) -> list[Mapping[str, str]]:
    """Read of each session that was entered, or entered anew."""
    return [each for each in await proxied.parties.audit() if each["action"] == "session.enter"]


WRONG: dict[str, dict[str, object]] = {
    "another audience": {"aud": "https://app.example.com"},
    "no audience": {"aud": None},
    "another issuer": {"iss": "https://other.example.com"},
    "expired": {"exp": 1},
    "without an end": {"exp": None},
    "without a beginning": {"iat": None},
    "of the future": {"iat": 4_000_000_000},
    "no subject": {"sub": None},
    "an empty subject": {"sub": ""},
    "a blank subject": {"sub": " "},
    "anonymous": {"sub": "anonymous"},
    "guest": {"sub": "guest"},
    "a list for a subject": {"sub": ["ada"]},
    "no session": {"sid": None},
    "an empty session": {"sid": ""},
    "a number for a session": {"sid": 7},
    "another type": {"typ": "lunasec-app+jwt"},
    "a forged key": {"key": RSAKey.generate_key(2048, {"kid": "proxy-1"})},
    "an unknown key": {"key": RSAKey.generate_key(2048, {"kid": "another"})},
    "a key of another kind": {"key": ECKey.generate_key("P-256", {"kid": "proxy-1"})},
}


@pytest.mark.parametrize("claims", WRONG.values(), ids=WRONG)
async def test_t25_a_token_of_somebody_else(proxied: Behind, claims: dict[str, object]) -> None:
    """For somebody else, of somebody else, too old, about nobody, or of no session: 401."""
    ada = await proxied.visitor()
    forged = ada.bearer(**claims)
    response = await ada.post("/detokenize", {"session": ada.session}, authorization=forged)
    assert (response.status_code, code(response)) == (401, "not_proxied")
    assert ada.sid not in response.text


async def test_t25_only_the_signed_token_counts(proxied: Behind) -> None:
    """Around the proxy, with headers that name somebody, with a cookie or a signature: 401."""
    ada = await proxied.visitor()
    plain = Browser(parties=proxied.parties, application=PAYROLL, session=ada.session)
    plain.cookies["__Host-lunasec-payroll"] = secrets.token_urlsafe(32)
    for headers in (
        {},
        {"x-user": "ada", "x-forwarded-user": "ada"},
        {"authorization": "Basic YWRhOmFkYQ=="},
        {"authorization": "Bearer"},
        {"authorization": ada.bearer().removeprefix("Bearer ")},
        {"x-authorization": ada.bearer()},
    ):
        response = await plain.post("/session/ensure", {"session": ada.session}, **headers)
        assert (response.status_code, code(response)) == (401, "not_proxied"), headers


@pytest.mark.parametrize("alias", ["X_Assertion", "X.Assertion", "x-assertion "])
async def test_t25_aliases_of_the_header(tmp_path: Path, alias: str) -> None:
    """What another server may take for the same header is refused, with the true one beside it."""
    lines = ["[applications.payroll.provider]", 'preset = "oidc"', f'issuer = "{ISSUER}"']
    lines += ['jwks = "proxy.jwks.json"', 'header = "X-Assertion"', 'algorithms = ["RS256"]']
    async with behind(tmp_path, "\n".join(lines)) as proxied:
        ada = proxied.browser()
        token = ada.bearer().removeprefix("Bearer ")
        good = {"authorization": "", "x-assertion": token}
        assert (await ada.post("/session/ensure", {"session": ada.session}, **good)).is_success
        bad = await ada.post("/session/ensure", {"session": ada.session}, **good, **{alias: token})
        assert code(bad) == "malformed_request"


async def test_t25_twice_the_header(proxied: Behind) -> None:
    """Two tokens are none."""
    ada = await proxied.visitor()
    headers = [("authorization", ada.bearer()), ("authorization", ada.bearer())]
    own = {"sec-fetch-site": "same-origin", "lunasec-application": PAYROLL}
    response = await proxied.parties.client.post(
        "/session/ensure", json={"session": ada.session}, headers=[*own.items(), *headers]
    )
    assert code(response) == "malformed_request"


async def test_t2b_the_application_can_not_make_sessions(proxied: Behind) -> None:
    """With its key in hand, an application behind a proxy vouches for nobody."""
    ada = await proxied.visitor()
    stated = {"state": "A" * 43, "session": ada.session, "origin": "http://app.lunasec.localhost:1"}
    offered = await proxied.parties.ask("/session/handles", **stated, expires_in=60)
    assert code(offered) == "scheme_disabled"
    upgrade = {"from": ada.session, "session": "B" * 43}
    moved = await proxied.parties.ask("/session/upgrade", **upgrade)
    assert code(moved) == "scheme_disabled"
    followed = await ada.follow("A" * 43)
    assert code(followed) == "scheme_disabled"
    document = await proxied.parties.client.get(f"/frame/{PAYROLL}/coordinator?handle={'A' * 43}")
    assert code(document) == "scheme_disabled"


async def test_one_identity_provider_for_each_application(proxied: Behind) -> None:
    """The other application of the tokenizer goes on as before, and no proxy's token opens it."""
    assert await (await proxied.parties.visitor(CLINIC)).lives()
    ada = proxied.browser()
    theirs = ProxiedBrowser(parties=ada.parties, application=CLINIC, proxy=ada.proxy)
    assert (await theirs.asks("/session/ensure")).json()["active"] is False


async def test_a_back_end_that_describes(proxied: Behind) -> None:
    """`/tokens/describe` tells a frame from a back end, though both send `Authorization`."""
    ada = await proxied.visitor()
    [token] = await ada.store(SSN)
    await proxied.parties.grant(ada.session, [token])
    seen = (await ada.asks("/tokens/describe", tokens=[token])).json()
    known = await proxied.parties.told("/tokens/describe", session=ada.session, tokens=[token])
    assert seen == known
