"""ID tokens that are not right, and a provider that is not there: nobody is logged in."""

import hmac
import json
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import pytest_asyncio
from joserfc.jwk import RSAKey

from lunasec.encoding import to_base64url
from tests.crypto.signing import pem_of
from tests.http.parties import code
from tests.http.proxies import EVENT, own_key
from tests.http.relying import LOG_IN, Relying, RelyingBrowser, relying
from tests.http.scripted_provider import CLIENT


@pytest_asyncio.fixture
async def party(tmp_path: Path) -> AsyncGenerator[Relying]:
    """Give a tokenizer and its provider."""
    async with relying(tmp_path) as made:
        yield made


async def refused(party: Relying) -> RelyingBrowser:
    """See a log-in refused, without a session, and without a word of why."""
    browser = party.browser()
    response = await browser.logs_in()
    assert (response.status_code, code(response)) == (403, "log_in_invalid")
    assert "detail" not in response.json()
    assert "set-cookie" not in response.headers
    assert len(await party.reasons()) == 1
    return browser


WRONG: dict[str, dict[str, Any]] = {
    "another audience": {"aud": "another-client"},
    "no audience": {"aud": None},
    "a second audience": {"aud": [CLIENT, "another-client"]},
    "another authorized party": {"azp": "another-client"},
    "a number for an authorized party": {"azp": 7},
    "another issuer": {"iss": "https://other.example.com"},
    "expired": {"exp": 1},
    "without an end": {"exp": None},
    "without a beginning": {"iat": None},
    "of the future": {"iat": 4_000_000_000, "exp": 4_000_000_060},
    "another nonce": {"nonce": "A" * 43},
    "no nonce": {"nonce": None},
    "an empty nonce": {"nonce": ""},
    "a nonce beyond ASCII": {"nonce": "é" * 43},
    "a number for a nonce": {"nonce": 7},
    "no subject": {"sub": None},
    "an empty subject": {"sub": ""},
    "anonymous": {"sub": "anonymous"},
    "no session": {"sid": None},
    "a number for a session": {"sid": 7},
    "a log-out": {"events": {EVENT: {}}},
}


@pytest.mark.parametrize("claims", WRONG.values(), ids=WRONG)
async def test_a_token_of_something_else(party: Relying, claims: dict[str, Any]) -> None:
    """For somebody else, of somebody else, too old, of another log-in, about nobody: no session."""
    party.provider.claims = claims
    await refused(party)


@pytest.mark.parametrize("claims", [{"azp": CLIENT}, {"aud": [CLIENT]}], ids=["azp", "a list"])
async def test_a_token_that_says_more(party: Relying, claims: dict[str, Any]) -> None:
    """That it was made for us may be said twice."""
    party.provider.claims = claims
    assert await (await party.visitor()).lives()


async def test_an_algorithm_that_is_not_allowed(party: Relying) -> None:
    """Neither none nor one that is off counts."""
    for algorithm in ("none", "RS384"):
        party.provider.algorithm = algorithm
        assert code(await party.browser().logs_in()) == "log_in_invalid", algorithm
    assert len(await party.reasons()) == 2


async def test_a_public_key_that_is_taken_for_a_secret(party: Relying) -> None:
    """Anybody has it, and could sign with it."""
    browser = party.browser()
    location = await browser.begin()
    asked = dict(parse_qsl(urlsplit(location).query))
    now, key = party.parties.clock.now, own_key()
    claims: dict[str, Any] = {"iss": party.provider.issuer, "aud": CLIENT, "sub": "ada"}
    claims["sid"] = "s-1"
    claims |= {"iat": now, "exp": now + 60, "nonce": asked["nonce"]}
    parts = ({"alg": "HS256", "kid": key.kid}, claims)
    message = ".".join(to_base64url(json.dumps(each).encode()) for each in parts)
    signature = to_base64url(hmac.digest(pem_of(key), message.encode(), "sha256"))
    forged = json.dumps({"id_token": f"{message}.{signature}"}).encode()
    party.provider.answers["/token"] = (200, forged)
    assert code(await browser.come_back(party.provider.log_in(location))) == "log_in_invalid"
    assert len(await party.reasons()) == 1


async def test_a_key_that_is_not_the_providers(party: Relying) -> None:
    """Whatever it is called."""
    party.provider.signing = RSAKey.generate_key(2048)
    await refused(party)
    party.provider.header = {"kid": "another"}
    assert code(await party.browser().logs_in()) == "log_in_invalid"


async def test_a_type_that_is_not_an_id_tokens(party: Relying) -> None:
    """An access token is none, and neither is a log-out."""
    for typ in ("at+jwt", "logout+jwt", "lunasec-app+jwt"):
        party.provider.header = {"typ": typ}
        assert code(await party.browser().logs_in()) == "log_in_invalid", typ


async def test_a_key_that_was_rotated(party: Relying) -> None:
    """A new one is looked for where the provider says that its keys are."""
    await party.visitor()
    party.provider.key = RSAKey.generate_key(2048, {"kid": "newer"})
    party.parties.clock.now += 11
    assert await (await party.visitor("bob", "s-2")).lives()


DOWN: dict[str, tuple[int, bytes]] = {
    "an error": (500, b"{}"),
    "a redirect": (302, b"/keys"),
    "a refusal": (401, b'{"error": "invalid_client"}'),
    "no ID token": (200, b'{"access_token": "x"}'),
    "no text for one": (200, b'{"id_token": 7}'),
    "no JSON": (200, b"<html>"),
    "no object": (200, b"[]"),
    "too much": (200, b" " * (256 * 1024 + 1)),
}


@pytest.mark.parametrize("answer", DOWN.values(), ids=DOWN)
async def test_t22_a_token_endpoint_that_is_down(party: Relying, answer: tuple[int, bytes]) -> None:
    """Whatever it answers instead, nobody is logged in, and the code says why; it is asked once."""
    party.provider.answers["/token"] = answer
    browser = party.browser()
    response = await browser.logs_in()
    assert (response.status_code, code(response)) == (503, "unavailable")
    assert "__Host-lunasec-payroll" not in browser.cookies
    assert party.provider.asked.count("/token") == 1
    assert "/keys" not in party.provider.asked


@pytest.mark.parametrize("path", ["/keys", "/.well-known/openid-configuration"])
async def test_a_provider_that_is_down(party: Relying, path: str) -> None:
    """Without its keys, or its own description, nobody is logged in, and nobody waits for it."""
    party.provider.answers[path] = (503, b"{}")
    browser = party.browser()
    first = await browser.go(LOG_IN)
    if path == "/keys":
        first = await browser.come_back(party.provider.log_in(first.headers["location"]))
    assert (first.status_code, code(first)) == (503, "unavailable")
    # It is asked again when some seconds are over, and not before.
    asked = party.provider.asked.count(path)
    await browser.go(LOG_IN)
    assert party.provider.asked.count(path) == asked
    party.parties.clock.now += 11
    party.provider.answers.clear()
    assert (await browser.logs_in()).status_code == 303


async def test_a_description_that_is_old_counts_no_longer(party: Relying) -> None:
    """What the provider said of itself an hour ago may be somebody else's by now."""
    browser = party.browser()
    await browser.logs_in()
    party.provider.answers["/.well-known/openid-configuration"] = (503, b"{}")
    party.parties.clock.now += 9 * 60
    assert (await browser.go(LOG_IN)).status_code == 303
    party.parties.clock.now += 60
    assert code(await browser.go(LOG_IN)) == "unavailable"


ELSEWHERE: dict[str, dict[str, Any]] = {
    "another issuer": {"issuer": "https://other.example.com"},
    "a log-in page elsewhere": {"authorization_endpoint": "https://evil.example/auth"},
    "tokens elsewhere": {"token_endpoint": "https://evil.example/token"},
    "keys elsewhere": {"jwks_uri": "https://evil.example/keys"},
    "pushed requests elsewhere": {"pushed_authorization_request_endpoint": "https://evil.example/"},
    "another port": {"token_endpoint": "http://127.0.0.1:1/token"},
    "an open line": {"token_endpoint": "http://login.example.com/token"},
    "a name before the host": {"token_endpoint": "https://login.example.com@evil.example/"},
    "no address": {"authorization_endpoint": "javascript:alert(1)"},
    "a port that is none": {"authorization_endpoint": "https://login.example.com:x/"},
    "a fragment": {"authorization_endpoint": "https://login.example.com/#x"},
    "another header": {"authorization_endpoint": "https://login.example.com/\r\nSet-Cookie: a=b"},
    "a blank": {"authorization_endpoint": "https://login.example.com/ x"},
    "no token endpoint": {"token_endpoint": None},
    "a number for one": {"token_endpoint": 7},
    "no S256": {"code_challenge_methods_supported": ["plain"]},
}


@pytest.mark.parametrize("described", ELSEWHERE.values(), ids=ELSEWHERE)
async def test_t22_a_description_that_leads_elsewhere(
    tmp_path: Path, described: dict[str, Any]
) -> None:
    """A description names addresses on configured hosts, or nobody is sent or asked anywhere."""
    async with relying(tmp_path, 'hosts = ["login.example.com"]', **described) as party:
        assert code(await party.browser().go(LOG_IN)) == "unavailable"
        assert party.provider.asked == ["/.well-known/openid-configuration"]


@pytest.mark.parametrize(
    "name", ["pushed_authorization_request_endpoint", "token_endpoint", "authorization_endpoint"]
)
async def test_t22_the_same_server_by_another_name(party: Relying, name: str) -> None:
    """Where it would be reached as well: what counts is the name that is configured."""
    party.provider.described[name] = f"http://localhost:{party.provider.port}/push"
    assert code(await party.browser().go(LOG_IN)) == "unavailable"
    assert party.provider.asked == ["/.well-known/openid-configuration"]


async def test_a_host_that_is_configured_beside_the_issuers(tmp_path: Path) -> None:
    """Some providers have their pages on one host, and their tokens on another."""
    page = {"authorization_endpoint": "https://login.example.com/auth?tenant=1"}
    async with relying(tmp_path, 'hosts = ["login.example.com"]', **page) as party:
        location = await party.browser().begin()
        assert location.startswith("https://login.example.com/auth?tenant=1&response_type=code&")


async def test_nothing_secret_is_said(party: Relying, capsys: pytest.CaptureFixture[str]) -> None:
    """Neither codes, verifiers, tokens nor the client's secret are in what is logged or audited."""
    browser = await party.visitor()
    said = party.provider.log_in(await browser.begin())
    party.provider.answers["/token"] = (500, b"{}")
    await browser.come_back(said)
    party.provider.answers.clear()
    party.provider.claims = {"nonce": "another"}
    await browser.logs_in()
    told = json.dumps(await party.parties.audit()) + str(capsys.readouterr())
    for secret in (said["code"], said["state"], "known + to all", *browser.cookies.values()):
        assert secret not in told
