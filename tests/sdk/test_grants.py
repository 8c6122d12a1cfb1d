"""Grants in the words of an application."""

from typing import Any

import httpx
import msgspec
import pytest
from starlette.requests import Request

from lunasec.errors import NoSession, NotGranted, TokenMalformed
from lunasec.sdk.settings import GivenSettings
from lunasec.sdk.tokens import Tokens
from lunasec.starlette import Grant, LunaSec
from tests.sdk.scripted import ScriptedTokenizer, ok, token

ONE, TWO, THREE = token(1), token(2), token(3)
REQUEST = Request({"type": "http", "headers": []})
EMPTY: list[Tokens] = [None, "", [], [None, ""]]


def _lunasec(given: GivenSettings, tokenizer: ScriptedTokenizer, said: Any = "s" * 32) -> LunaSec:  # noqa: ANN401 - any answer of a provider
    return LunaSec(session_id_provider=lambda _: said, transport=tokenizer, **given)


def _refusing(*refused: str) -> ScriptedTokenizer:
    """Make a tokenizer that refuses these tokens, and no others."""

    def script(request: httpx.Request) -> httpx.Response:
        tokens = msgspec.json.decode(request.content)["tokens"]
        if request.url.path == "/grants/verify":
            return ok({"granted": [each not in refused for each in tokens]})
        indexes = [index for index, each in enumerate(tokens) if each in refused]
        return ok({"expires_at": 1_900_000_900, "refused": indexes})

    return ScriptedTokenizer(script)


async def test_a_grant_lasts_as_long_as_the_setting_says(
    given: GivenSettings, tokenizer: ScriptedTokenizer
) -> None:
    """Without a word 15 minutes; the setting or the call may say otherwise."""
    lunasec = _lunasec(given, tokenizer)
    await lunasec.grants.create(REQUEST, ONE)
    await lunasec.grants.create(REQUEST, ONE, expires_in=60, max_reads=1)
    await _lunasec({**given, "grant_duration": 120}, tokenizer).grants.create(REQUEST, [ONE])
    assert [body["expires_in"] for body in tokenizer.bodies] == [900, 60, 120]
    assert [body.get("max_reads") for body in tokenizer.bodies] == [None, 1, None]
    assert all(body["actions"] == ["read"] for body in tokenizer.bodies)


async def test_refused_tokens_are_named_by_the_callers_own_indexes(given: GivenSettings) -> None:
    """`refused` points into the list that was given, empty fields counted; the rest is granted."""
    granted = await _lunasec(given, _refusing(TWO)).grants.create(REQUEST, [None, ONE, "", TWO])
    assert granted == Grant(expires_at=1_900_000_900, refused=(3,))


@pytest.mark.parametrize("tokens", EMPTY)
async def test_empty_fields_ask_nothing(
    given: GivenSettings, tokenizer: ScriptedTokenizer, tokens: Tokens
) -> None:
    """A user without a number is no error, with or without a session; nothing is sent."""
    for said in ("s" * 32, None):
        grants = _lunasec(given, tokenizer, said).grants
        assert await grants.create(REQUEST, tokens) == Grant(expires_at=None, refused=())
        await grants.verify(REQUEST, tokens)
        await grants.revoke(REQUEST, tokens)
    assert tokenizer.requests == []


async def test_long_lists_go_as_several_requests(
    given: GivenSettings, tokenizer: ScriptedTokenizer
) -> None:
    """2,500 tokens are three requests, in order."""
    tokens = [token(number) for number in range(2500)]
    lunasec = _lunasec(given, tokenizer)
    await lunasec.grants.create(REQUEST, tokens)
    await lunasec.grants.verify(REQUEST, tokens)
    await lunasec.grants.revoke(REQUEST, tokens)
    assert [len(body["tokens"]) for body in tokenizer.bodies] == [1000, 1000, 500] * 3
    assert [each for body in tokenizer.bodies[:3] for each in body["tokens"]] == tokens


async def test_t16_a_token_of_another_session_is_refused(given: GivenSettings) -> None:
    """`verify` raises `NotGranted`, which names the index and not the token."""
    grants = _lunasec(given, _refusing(TWO, THREE)).grants
    with pytest.raises(NotGranted) as refused:
        await grants.verify(REQUEST, [None, TWO, ONE, THREE])
    assert "indexes 1, 3" in str(refused.value)
    assert "lunasec-" not in str(refused.value)
    await grants.verify(REQUEST, ONE)


@pytest.mark.parametrize("granted", [[], [True], [True, False], [True, True, True]])
async def test_a_short_answer_grants_nothing(given: GivenSettings, granted: list[bool]) -> None:
    """Only as many tokens as the tokenizer said `true` for are verified; in doubt, refuse."""
    grants = _lunasec(given, ScriptedTokenizer(lambda _: ok({"granted": granted}))).grants
    if granted[:2] == [True, True]:
        await grants.verify(REQUEST, [ONE, TWO])
    else:
        with pytest.raises(NotGranted):
            await grants.verify(REQUEST, [ONE, TWO])


async def test_a_refusal_in_a_later_request_counts(given: GivenSettings) -> None:
    """One refused token among 1,500 refuses them all, by its index."""
    tokens = [token(number) for number in range(1500)]
    grants = _lunasec(given, _refusing(tokens[1400])).grants
    with pytest.raises(NotGranted, match="index 1400"):
        await grants.verify(REQUEST, tokens)
    assert (await grants.create(REQUEST, tokens)).refused == (1400,)


async def test_without_a_session_nothing_is_granted(
    given: GivenSettings, tokenizer: ScriptedTokenizer
) -> None:
    """A request of nobody raises `NoSession`, and nothing is sent."""
    grants = _lunasec(given, tokenizer, None).grants
    for verb in (grants.create, grants.verify, grants.revoke):
        with pytest.raises(NoSession):
            await verb(REQUEST, ONE)
    assert tokenizer.requests == []


async def test_what_is_no_token_is_sent_nowhere(
    given: GivenSettings, tokenizer: ScriptedTokenizer
) -> None:
    """A value in a token's place raises `TokenMalformed`, and does not leave the application."""
    grants = _lunasec(given, tokenizer).grants
    for verb in (grants.create, grants.verify, grants.revoke):
        with pytest.raises(TokenMalformed):
            await verb(REQUEST, [ONE, "078-05-1120"])
    assert tokenizer.requests == []


async def test_revoking_takes_back_all_or_some(
    given: GivenSettings, tokenizer: ScriptedTokenizer
) -> None:
    """Without tokens all grants of the session end, with tokens those, with empty fields none."""
    lunasec = _lunasec(given, tokenizer)
    session = await lunasec.sessions.reference(REQUEST)
    await lunasec.grants.revoke(REQUEST)
    await lunasec.grants.revoke(REQUEST, [ONE, None])
    await lunasec.grants.revoke(REQUEST, None)
    assert tokenizer.bodies == [{"session": session}, {"session": session, "tokens": [ONE]}]
