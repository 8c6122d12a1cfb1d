"""The JWT corpus, against log-out tokens: its attacks are the same ones, whoever signs."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from lunasec.errors import LogOutInvalid
from lunasec.tokenizer.jose.log_out import EVENT, LogOutTokens
from lunasec.tokenizer.providers import check_log_out
from spec import jwt_attacks, jwt_signing, jwt_spellings, jwt_vectors
from spec.jwt_signing import AUDIENCE, CLAIMS, EC_HEADER, HEADER, NOW
from tests.crypto.presets import BY_NAME, IDP

JWKS = json.dumps(jwt_vectors.app_jwt()["jwks"]).encode()
TYPE = "logout+jwt"
TOLD: Mapping[str, Any] = {"jti": "one", "sid": "s-1", "sub": "ada", "events": {EVENT: {}}}

# What is right for a log-out, and would be wrong for an application.
OTHERWISE = {"typ missing", "exp missing", "a life of 301 s", "a life of 300 s and a bit"}


@pytest.fixture
def corpus(monkeypatch: pytest.MonkeyPatch) -> Mapping[str, Any]:
    """Make the corpus anew, of tokens that tell of a log-out."""
    for module in (jwt_signing, jwt_attacks, jwt_spellings, jwt_vectors):
        for name, own in (
            # With it, a token of every length that is asked for can be made.
            ("HEADER", {**HEADER, "typ": TYPE, "note": "ab"}),
            ("EC_HEADER", {**EC_HEADER, "typ": TYPE}),
            ("CLAIMS", {**CLAIMS, **TOLD}),
        ):
            monkeypatch.setattr(module, name, own, raising=False)
    made: Mapping[str, Any] = jwt_vectors.app_jwt()
    return made


def tokens() -> LogOutTokens:
    """Make what verifies them, with the keys and algorithms of the corpus."""
    kind = BY_NAME["oidc"]
    proxy = kind.provider()
    settings = {"issuer": IDP, "jwks": "https://a.example/", "logout_audience": AUDIENCE}
    table = kind.table(**settings, logout_issuer="payroll", logout_algorithms=["EdDSA", "ES256"])
    log_out = check_log_out("provider", table, proxy, Path("/"))
    assert log_out is not None
    # Its newer name can't be configured, and is the same algorithm.
    log_out = replace(log_out, algorithms=log_out.algorithms | {"Ed25519"})
    return LogOutTokens("payroll", proxy, log_out, lambda _: JWKS, print)


async def ends(text: str) -> bool:
    """Say whether a log-out token counts."""
    try:
        return (await tokens().verify(text, now=NOW)).application == "payroll"
    except LogOutInvalid:
        return False


async def test_t25_the_corpus(corpus: Mapping[str, Any]) -> None:
    """What is right ends a session, and what is wrong is refused."""
    right = {case["why"]: await ends(case["token"]) for case in corpus["valid"]}
    assert [why for why, each in right.items() if not each] == []
    wrong = {case["why"]: await ends(case["token"]) for case in corpus["invalid"]}
    assert {why for why, each in wrong.items() if each} == OTHERWISE
    assert len(wrong) > 150


async def test_a_huge_token_is_never_parsed() -> None:
    """However right it is."""
    assert not await ends("A" * 4097)
    assert not await ends("." * 1_000_000)
