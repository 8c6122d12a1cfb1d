"""The JWT corpus, against every preset: its attacks are the same ones, whoever signs."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from lunasec.jose.presets import PRESETS
from lunasec.jose.proxied import ProxyTokens
from lunasec.jose.verification import MAX_PROXY_TOKEN_BYTES
from lunasec.tokenizer.providers import PresetName
from spec import jwt_attacks, jwt_signing, jwt_spellings, jwt_vectors
from spec.jwt_signing import AUDIENCE, CLAIMS, EC_HEADER, HEADER, NOW, TYPE
from tests.crypto.presets import KINDS, named

JWKS = json.dumps(jwt_vectors.app_jwt()["jwks"]).encode()
WHO = {"sub": "ada", "sid": "s-1"}

# What is right for proxies, and would be wrong for an application.
LONGER = {"4097 characters"}
# AWS pads, has no `aud`, and no `iat`.
ALB = LONGER | {"padding", "aud null", "iat missing"}


@pytest.fixture
def corpus(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Mapping[str, Any]:
    """Make the corpus anew, of tokens that name somebody, where this preset's have their claims."""
    inside = PRESETS[request.param].quirks.header_claims
    audience = PRESETS[request.param].quirks.audience_claim
    moved = {name: CLAIMS["aud" if name == audience else name] for name in inside - {"client"}}
    stay = {name: each for name, each in CLAIMS.items() if name != "aud" or audience == "aud"}
    for module in (jwt_signing, jwt_attacks, jwt_spellings, jwt_vectors):
        for name, own in (
            ("HEADER", {**HEADER, **moved}),
            ("EC_HEADER", {**EC_HEADER, **moved}),
            ("CLAIMS", {**stay, **WHO}),
        ):
            monkeypatch.setattr(module, name, own, raising=False)
    if inside:
        claimed = _claimed(inside, audience, moved, stay)

        def grown(length: int) -> str:
            """Be longer than that: with this header, not every length can be made."""
            return str(claimed(note="n" * length))

        for module in (jwt_attacks, jwt_spellings, jwt_vectors):
            monkeypatch.setattr(module, "claimed", claimed)
            monkeypatch.setattr(module, "grown", grown, raising=False)
    made: Mapping[str, Any] = jwt_vectors.app_jwt()
    return made


def _claimed(
    inside: frozenset[str], audience: str, moved: Mapping[str, Any], stay: Mapping[str, Any]
) -> Any:  # noqa: ANN401 - a function of any claims
    def claimed(**changes: object) -> str:
        changed = {audience if name == "aud" else name: each for name, each in changes.items()}
        header = {**HEADER, **moved, **{n: each for n, each in changed.items() if n in inside}}
        claims = {**stay, **WHO, **{n: each for n, each in changed.items() if n != audience}}
        return jwt_signing.token(
            {name: each for name, each in header.items() if each is not None},
            {name: each for name, each in claims.items() if each is not None},
        )

    return claimed


def tokens(preset: PresetName) -> ProxyTokens:
    """Make what verifies this preset's tokens, but for the names and algorithms of the corpus."""
    kind = next(each for each in KINDS if each.preset == preset)
    made = kind.provider()
    provider = replace(
        made,
        issuer="payroll",
        audience=AUDIENCE,
        jwks="https://a.example/",
        types=frozenset({TYPE}),
        algorithms=made.algorithms | {"EdDSA", "Ed25519", "ES256"},
        session_claim="sid",
        longest_life=300,
    )

    def read(_source: str | Path) -> bytes:
        return JWKS

    return ProxyTokens(provider, read, print)


@pytest.mark.parametrize("corpus", PRESETS, ids=PRESETS, indirect=True)
async def test_t25_the_corpus(request: pytest.FixtureRequest, corpus: Mapping[str, Any]) -> None:
    """What is right names its subject, and what is wrong is refused, by every preset."""
    preset = request.node.callspec.params["corpus"]
    proxy, now = tokens(preset), float(NOW)

    async def taken(text: str) -> bool:
        return await named(proxy, text, now) is not None

    right = {case["why"]: await taken(case["token"]) for case in corpus["valid"]}
    assert [why for why, each in right.items() if not each] == []
    wrong = {case["why"]: await taken(case["token"]) for case in corpus["invalid"]}
    expected = ALB if PRESETS[preset].quirks.padded else LONGER
    assert {why for why, each in wrong.items() if each} == expected
    assert len(wrong) > 150


@pytest.mark.parametrize("preset", PRESETS, ids=PRESETS)
async def test_a_huge_token_is_never_parsed(preset: PresetName) -> None:
    """However right it is."""
    made = "A" * (MAX_PROXY_TOKEN_BYTES + 1)
    assert await named(tokens(preset), made, NOW) is None
    assert await named(tokens(preset), "." * 1_000_000, NOW) is None
