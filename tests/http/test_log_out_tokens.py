"""Log-out tokens: what the specification says counts, once, and nothing else does."""

from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from joserfc.jwk import ECKey, RSAKey

from lunasec.tokenizer.http import budgets
from lunasec.tokenizer.http.log_out import FORM_BYTES
from tests.http.local import START
from tests.http.parties import SCRIPTED, code
from tests.http.proxies import (
    BACK_CHANNEL,
    CLIENT,
    EVENT,
    ISSUER,
    LOG_OUT,
    PROVIDER,
    Behind,
    behind,
)

TOLD = {"sid": "s-1", "sub": "ada"}


@pytest_asyncio.fixture
async def proxied(tmp_path: Path) -> AsyncGenerator[Behind]:
    """Give a tokenizer behind a proxy whose identity provider logs users out."""
    async with behind(tmp_path, PROVIDER + LOG_OUT) as made:
        yield made


WRONG: dict[str, dict[str, Any]] = {
    "another audience": {"aud": ISSUER},
    "two audiences": {"aud": [CLIENT, "another"]},
    "another issuer": {"iss": "https://other.example.com"},
    "no issuer": {"iss": None},
    "no audience": {"aud": None},
    "no time": {"iat": None},
    "too old": {"iat": START - 330},
    "too old, with an end": {"iat": START - 330, "exp": START + 60},
    "of the future": {"iat": START + 31},
    "expired": {"iat": START - 100, "exp": START - 30},
    "an end that is no number": {"exp": "never"},
    "no id": {"jti": None},
    "an empty id": {"jti": ""},
    "a number for an id": {"jti": 7},
    "no event": {"events": None},
    "another event": {"events": {"http://schemas.example/event/other": {}}},
    "an event that is longer": {"events": {f"{EVENT}/": {}}},
    "events as a list": {"events": [EVENT]},
    "an event that is a text": {"events": {EVENT: ""}},
    "an event that is null": {"events": {EVENT: None}},
    "a nonce": {"nonce": "n-0S6_WzA2Mj"},
    "an empty nonce": {"nonce": ""},
    "nobody": {"sid": None, "sub": None},
    "an empty user": {"sub": "", "sid": None},
    "an empty session": {"sid": ""},
    "a number for a session": {"sid": 7},
    "a list of users": {"sub": ["ada"]},
    "an ID token's type": {"typ": "JWT"},
    "an access token's type": {"typ": "at+jwt"},
    "a type in other letters": {"typ": "Logout+JWT"},
    "a forged key": {"key": RSAKey.generate_key(2048, {"kid": "proxy-1"})},
    "an unknown key": {"key": RSAKey.generate_key(2048, {"kid": "another"})},
    "a key of another kind": {"key": ECKey.generate_key("P-256", {"kid": "proxy-1"})},
}


@pytest.mark.parametrize("claims", WRONG.values(), ids=WRONG)
async def test_t25_a_wrong_log_out_token_ends_nothing(
    proxied: Behind, claims: dict[str, Any]
) -> None:
    """Not a log-out, not for us, not by whom we believe, not now, or of nobody: 400."""
    ada = await proxied.visitor(sid="s-1")
    response = await proxied.log_out(**{**TOLD, **claims})
    assert (response.status_code, code(response)) == (400, "log_out_invalid")
    assert response.headers["cache-control"] == "no-store"
    assert await ada.lives()


RIGHT: dict[str, dict[str, Any]] = {
    "no type": {"typ": ""},
    "an audience in a list": {"aud": [CLIENT]},
    "an end": {"exp": START + 120},
    "almost too old": {"iat": START - 329},
    "a clock ahead": {"iat": START + 30},
    "more in the event": {"events": {EVENT: {"why": "x"}, "http://schemas.example/other": {}}},
}


@pytest.mark.parametrize("claims", RIGHT.values(), ids=RIGHT)
async def test_what_the_specification_allows(proxied: Behind, claims: dict[str, Any]) -> None:
    """And counts."""
    ada = await proxied.visitor(sid="s-1")
    assert (await proxied.log_out(**{**TOLD, **claims})).status_code == 200
    assert not await ada.lives()


async def test_t25_a_log_out_logs_nobody_in(proxied: Behind) -> None:
    """It names a user and is signed alike, but is no token of that user's."""
    ada = await proxied.visitor(sid="s-1")
    for typ in ("JWT", "logout+jwt", ""):
        told = ada.bearer(typ=typ, events={EVENT: {}}, jti="one")
        response = await ada.post("/session/ensure", {"session": ada.session}, authorization=told)
        assert code(response) == "not_proxied", typ
    told = proxied.proxy.log_out_token(START, aud=CLIENT, **TOLD, nonce="n", events=None)
    assert code(await proxied.log_out(told)) == "log_out_invalid"


async def test_the_form_and_nothing_else(proxied: Behind) -> None:
    """One token in a form, from no browser; other fields are ignored."""
    ada = await proxied.visitor(sid="s-1")
    client, token = proxied.parties.client, proxied.proxy.log_out_token(START, **TOLD)
    form = {"content-type": "application/x-www-form-urlencoded"}

    async def answered(content: str, **headers: str) -> httpx.Response:
        return await client.post(BACK_CHANNEL, content=content, headers={**form, **headers})

    given = f"logout_token={token}"
    for content in ("", "token=x", "logout_token=", f"{given}&{given}", "\u00e4", "a=%FF" * 2):
        assert code(await answered(content)) == "log_out_invalid", content
    assert code(await answered("&".join(["a=b"] * 16 + [given]))) == "log_out_invalid"
    for size in (FORM_BYTES + 1, 2**20 + 1):
        assert code(await answered("a" * size)) == "too_large"
    wrong = {"content-type": "application/json"}
    assert code(await answered(given, **wrong)) == "unsupported_media_type"
    for headers in (SCRIPTED, {"origin": proxied.parties.origin}, {"sec-fetch-site": "none"}):
        assert code(await answered(given, **headers)) == "browser_refused"
    assert code(await client.get(BACK_CHANNEL)) == "method_not_allowed"
    assert await ada.lives()
    # Node's own `fetch` says so, and nothing else that a browser says.
    assert (await answered(f"state=x&{given}", **{"sec-fetch-mode": "cors"})).is_success
    assert not await ada.lives()


async def test_t25_a_log_out_token_counts_once(proxied: Behind) -> None:
    """A replay is refused, ends nothing, and is written down; so is one of the same id."""
    token = proxied.proxy.log_out_token(START, sub="ada", jti="one")
    again = proxied.proxy.log_out_token(START, sub="bob", jti="one")
    assert (await proxied.log_out(token)).is_success
    proxied.parties.clock.now += 60
    people = [await proxied.visitor(), await proxied.visitor("bob")]
    for text in (token, again, token):
        response = await proxied.log_out(text)
        assert (response.status_code, code(response)) == (400, "log_out_invalid")
    assert [await each.lives() for each in people] == [True, True]
    entries = [each for each in await proxied.parties.audit() if "log_out" in each["action"]]
    assert [each["outcome"] for each in entries] == ["allowed"] + ["refused"] * 3


async def test_replays_do_not_fill_the_log(
    proxied: Behind, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beyond a budget they are refused as before, and not written down."""
    monkeypatch.setattr(budgets, "UNPROVEN", 2)
    token = proxied.proxy.log_out_token(START, **TOLD)
    told = [await proxied.log_out(token) for _ in range(9)]
    assert [each.status_code for each in told] == [200] + [400] * 8
    assert {each.text for each in told[1:]} == {told[1].text}
    entries = [each["outcome"] for each in await proxied.parties.audit()]
    assert entries == ["allowed", "refused", "refused"]


async def test_t25_a_used_token_is_remembered_while_it_is_valid(proxied: Behind) -> None:
    """To its last second, through upkeep; afterwards it is too old, and forgotten."""
    token = proxied.proxy.log_out_token(START + 30, sub="ada")
    assert (await proxied.log_out(token)).is_success
    clock, store = proxied.parties.clock, vars(proxied.parties.tokenizer.store)
    for now, details in ((START + 359, "used before"), (START + 360, "has expired")):
        clock.now = now
        await proxied.parties.tokenizer.upkeep()
        assert details in (await proxied.log_out(token)).json()["detail"]
    assert store["log_out_tokens"] == {}
