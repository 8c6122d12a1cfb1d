"""Each preset takes the tokens of its proxy, to the letter, and no others."""

import uuid
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import pytest
from joserfc.jwk import ECKey, RSAKey

from lunasec import proxy
from lunasec.errors import ConfigurationInvalid
from lunasec.jose.presets import PRESETS
from lunasec.jose.proxied import ProxyTokens
from lunasec.tokenizer.providers import PresetName, ProviderTable, check
from tests.crypto.presets import (
    ARN,
    BACKEND,
    BY_NAME,
    EC,
    IDP,
    KINDS,
    NOW,
    RSA,
    UUID,
    Kind,
    named,
    published,
)

every = pytest.mark.parametrize("kind", KINDS, ids=[each.preset for each in KINDS])


def test_every_preset_is_known_everywhere() -> None:
    """By the configuration, by the table of data, by the SDK, and by these tests."""
    names = set(PRESETS)
    assert set(get_args(PresetName)) == names == set(BY_NAME)
    assert {each.replace("-", "_") for each in names} == set(proxy.__all__) - {
        "ProxyProvider",
        "oidc_session",
    }


@every
async def test_its_own_token(kind: Kind) -> None:
    """A token as the proxy's documentation shows one names its subject, from its own header."""
    found = await named(kind.tokens(), kind.token())
    assert found is not None
    assert found.subject == kind.subject
    assert PRESETS[kind.preset].header == kind.carrier


@every
async def test_t25_every_required_claim_is_required(kind: Kind) -> None:
    """Without its issuer, audience, end, subject or session, in either part, it is nobody's."""
    tokens, quirks = kind.tokens(), PRESETS[kind.preset].quirks
    session = kind.settings.get("session_claim", PRESETS[kind.preset].session_claim)
    required = {"iss", "exp", "sub", session or "sub", quirks.audience_claim}
    if quirks.dated:
        required.add("iat")
    for name in required:
        assert await named(tokens, kind.token({name: None}, **{name: None})) is None, name
        for wrong in ("", 0, True, None, ["a", "b"], {"a": "b"}):
            changed: dict[str, Any] = {name: wrong}
            within = name in quirks.header_claims
            text = kind.token(changed) if within else kind.token(**changed)
            assert await named(tokens, text) is None, (name, wrong)


# What the documentation of each says that it signs with, or lets its operator choose.
_PASSED_ON = ("RS256", "ES256", "PS256")
SIGNED: dict[str, tuple[str, ...]] = {
    "oathkeeper": ("RS256", "ES256"),
    "kratos": ("RS256", "ES256"),
    "pomerium": ("ES256",),
    "authentik": ("RS256", "ES256"),
    "cloudflare-access": ("RS256",),
    "aws-alb": ("ES256",),
    "google-iap": ("ES256",),
}


@every
async def test_each_algorithm_that_it_signs_with(kind: Kind) -> None:
    """A proxy may sign with any of them, with a key that fits; no preset lists another."""
    algorithms = SIGNED.get(kind.preset, _PASSED_ON)
    assert set(PRESETS[kind.preset].algorithms) == set(algorithms)
    for algorithm in algorithms:
        key = EC if algorithm == "ES256" else RSA
        text = kind.token({"alg": algorithm, "kid": key.kid}, key=key, algorithm=algorithm)
        assert await named(kind.tokens(), text) is not None, algorithm


@every
async def test_t25_no_other_algorithm_or_type(kind: Kind) -> None:
    """What the preset does not list is refused, with the right key and signature as well."""
    tokens, preset = kind.tokens(), PRESETS[kind.preset]
    others = (
        ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512") if kind.key is RSA else ("ES256",)
    )
    for algorithm in set(others) - set(preset.algorithms):
        text = kind.token({"alg": algorithm}, algorithm=algorithm)
        assert await named(tokens, text) is None, algorithm
    for typ in ("lunasec-app+jwt", "jwt", "dpop+jwt", "", 1, ["JWT"]):
        assert await named(tokens, kind.token({"typ": typ})) is None, typ


@every
async def test_t25_nobody_is_nobody(kind: Kind) -> None:
    """Who is not logged in has no session, however the proxy writes that."""
    tokens = kind.tokens()
    for subject in ("", " ", "anonymous", "guest", "Anonymous", "GUEST", " gue\u017ft "):
        assert await named(tokens, kind.token(sub=subject)) is None, subject


@every
async def test_t25_padding_where_it_belongs_alone(kind: Kind) -> None:
    """Only AWS pads; a text that is padded elsewhere is no JWT, though its signature is right."""
    padded = replace(kind, padded=True)
    # Claims of three lengths: of one of them the base64 has no padding.
    texts = [padded.token(note="n" * length) for length in range(3)]
    taken = [await named(kind.tokens(), each) is not None for each in texts if "=" in each]
    assert taken == [kind.preset == "aws-alb"] * len(taken) != []


@every
async def test_t25_claims_in_the_header_count_where_they_belong_alone(kind: Kind) -> None:
    """A JOSE header that says who, for whom and until when says nothing to other presets."""
    header = {"iss": IDP, "aud": "a", "signer": ARN, "exp": NOW + 100, "sub": "bob"}
    if kind.preset == "aws-alb":
        header = {"aud": "a", "sub": "bob"}
    found = await named(kind.tokens(), kind.token(header))
    assert found is not None
    assert found.subject == kind.subject


@pytest.mark.parametrize("preset", ["cloudflare-access", "aws-alb", "google-iap"])
def test_an_audience_that_is_no_origin_has_to_be_given(preset: PresetName) -> None:
    """The tokenizer's origin stands for none of these."""
    kind = BY_NAME[preset]
    settings: dict[str, Any] = {**kind.settings, "issuer": IDP, "jwks": "https://a.example/{kid}"}
    del settings["audience"]
    with pytest.raises(ConfigurationInvalid, match=r"provider\.audience: got nothing, wants "):
        check("provider", ProviderTable(preset=preset, **settings), IDP, Path())


# --- AWS ------------------------------------------------------------------------------------------

ALB = BY_NAME["aws-alb"]


@pytest.mark.parametrize(
    "signer",
    [ARN.replace("app/secure", "app/other"), ARN.upper(), ARN + "0", f" {ARN}", [ARN, ARN], None],
    ids=["another", "in capitals", "longer", "with a space", "twice", "absent"],
)
async def test_t25_another_load_balancer(signer: object) -> None:
    """All of a region's are signed alike: only the one before the tokenizer counts."""
    assert await named(ALB.tokens(), ALB.token({"signer": signer})) is None
    # What the identity provider says of a user stands beside, and is not the balancer's word.
    assert await named(ALB.tokens(), ALB.token({"signer": signer}, signer=ARN)) is None


async def test_t25_header_and_claims_that_disagree() -> None:
    """One token does not say two things of its end or its issuer."""
    other: list[dict[str, Any]] = [{"exp": NOW + 999}, {"iss": "https://a.example"}, {"signer": ""}]
    for claims in other:
        assert await named(ALB.tokens(), ALB.token(**claims)) is None


async def test_an_end_without_a_beginning() -> None:
    """It counts until its end, and not where that is further off than tokens live."""
    tokens = ProxyTokens(ALB.provider(longest_life=120), published, print)
    for life, taken in ((120, True), (121, False), (-29, True), (-30, False)):
        end: dict[str, Any] = {"exp": NOW + life}
        assert (await named(tokens, ALB.token(end, **end)) is not None) is taken, life


async def test_t22_a_key_of_aws_has_its_own_address() -> None:
    """The id is put into the address, and only where it is one."""
    asked: list[str] = []

    def read(source: object) -> bytes:
        asked.append(str(source))
        raise FileNotFoundError(404)

    for kid in (UUID, "../../evil", "a/b", "evil.example#", str(uuid.UUID(int=0))):
        assert await named(ALB.tokens(read), ALB.token({"kid": kid})) is None
    address = ALB.settings["jwks"].replace("{kid}", "")
    assert asked == [address + UUID, address + str(uuid.UUID(int=0))]


# --- Google ---------------------------------------------------------------------------------------

IAP = BY_NAME["google-iap"]
OTHER = ECKey.generate_key("P-256", {"kid": UUID})

# What `?gcp-iap-mode=SECURE_TOKEN_TEST&iap-secure-token-test-type=…` sends, by Google's page.
TESTS = {
    "NOT_SET": (IAP.token(), True),
    "FUTURE_ISSUE": (IAP.token(iat=NOW + 600, exp=NOW + 1200), False),
    "PAST_EXPIRATION": (IAP.token(iat=NOW - 1200, exp=NOW - 600), False),
    "ISSUER": (IAP.token(iss="https://cloud.google.com/not-iap"), False),
    "AUDIENCE": (IAP.token(aud=f"{BACKEND}0"), False),
    "SIGNATURE": (IAP.token(key=OTHER), False),
}


@pytest.mark.parametrize(("text", "taken"), TESTS.values(), ids=TESTS)
async def test_t25_the_tests_that_google_sends(text: str, taken: bool) -> None:  # noqa: FBT001
    """Of IAP's own test tokens, the good one alone is taken."""
    assert (await named(IAP.tokens(), text) is not None) is taken


# --- Others ---------------------------------------------------------------------------------------


async def test_t25_a_service_token_of_cloudflare() -> None:
    """It stands for no user: its subject is empty."""
    kind = BY_NAME["cloudflare-access"]
    machine = kind.token(sub="", identity_nonce=None, email=None, common_name="e367.access")
    assert await named(kind.tokens(), machine) is None


async def test_t25_a_token_that_is_signed_with_a_secret() -> None:
    """`X-authentik-jwt` and its kin: whoever can check such a token can make one."""
    kind = BY_NAME["authentik"]
    for header in ({"alg": "HS256"}, {"alg": "none"}):
        text = kind.token(header, key=RSAKey.generate_key(2048, {"kid": UUID}), algorithm="RS256")
        assert await named(kind.tokens(), text) is None
    assert PRESETS["authentik"].header == "authorization"
