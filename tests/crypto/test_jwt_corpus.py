"""The JWT corpus: every forged, stale or odd credential is refused, and in one way only."""

import json
from itertools import pairwise
from string import ascii_letters, digits

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lunasec.encoding import from_base64url, to_base64url
from lunasec.errors import CredentialInvalid
from lunasec.jose import KeySet
from lunasec.tokenizer.jose import verify_application_token
from spec.jwt_attacks import EC_ORDER
from spec.jwt_signing import EC_HEADER, claimed, es256, headed, token
from tests.crypto.vectors import Case, vectors

VECTORS = vectors("app-jwt")
KEYS = KeySet.parse(json.dumps(VECTORS["jwks"]).encode())
NOW: int = VECTORS["now"]
GOOD = {case["why"]: str(case["token"]) for case in VECTORS["valid"]}
ALPHABET = ascii_letters + digits + "-_"


def verified(text: str, now: float = NOW) -> str:
    """Verify a credential and give its application's name."""
    claims = verify_application_token(
        text,
        keys=KEYS,
        application=VECTORS["application"],
        audience=VECTORS["audience"],
        now=now,
    )
    return claims.application


def refused(text: str, now: float = NOW) -> bool:
    """Say whether a text is refused as it should be; any other error is a failure.

    Nothing of the credential, nor of the library's own error, may come along.
    """
    try:
        verified(text, now)
    except CredentialInvalid as error:
        quoted = [part for part in text.split(".") if len(part) > 20 and part in str(error)]
        return error.__cause__ is None and not quoted
    return False


@pytest.mark.parametrize("case", VECTORS["valid"], ids=lambda case: case["why"])
def test_what_is_right_is_accepted(case: Case) -> None:
    """Each right credential names its application; the corpus is not refused for nothing."""
    assert verified(case["token"]) == "payroll"


@pytest.mark.parametrize("case", VECTORS["invalid"], ids=lambda case: case["why"])
def test_what_is_wrong_is_refused(case: Case) -> None:
    """Each entry of the corpus is refused with `credential_invalid`."""
    assert case["error"] == CredentialInvalid.code
    assert refused(case["token"])


OURS = {
    "EdDSA with the EC key": '"alg"',
    "ES256 with the Ed25519 key": '"alg"',
    "alg 'none', no signature": '"alg"',
    "alg 'RS256'": '"alg"',
    "HS256 with the public point": '"alg"',
    "stray bits in the signature": "not a signed JWT",
    "padding": "not a signed JWT",
    "no signature": "signature",
    "alg named twice": "not a signed JWT",
}


@pytest.mark.parametrize(("why", "reason"), OURS.items(), ids=OURS.keys())
def test_the_library_is_not_asked_first(why: str, reason: str) -> None:
    """Key confusion and second spellings are refused by our own steps, for their own reason.

    `joserfc` would refuse most of these as well: that is the second lock, not the first.
    """
    text = next(case["token"] for case in VECTORS["invalid"] if case["why"] == why)
    with pytest.raises(CredentialInvalid, match=reason):
        verified(text)


@pytest.mark.parametrize("size", [5_000, 100_000, 1_000_000])
def test_a_huge_header_is_never_parsed(size: int) -> None:
    """Headers, claims and signatures of up to 1 MB are refused, signed by us or not."""
    assert refused(headed(note="n" * size))
    assert refused(claimed(note="n" * size))
    assert refused(token() + "A" * size)
    assert refused("." * size)
    assert refused("[" * size)


@pytest.mark.parametrize("why", ["EdDSA", "ES256"])
def test_every_changed_character_is_noticed(why: str) -> None:
    """Any one character replaced by any other of the alphabet makes a credential invalid."""
    good = GOOD[why]
    for at, old in enumerate(good):
        # All 64 letters for the end of each part, where stray bits could hide; 8 elsewhere.
        letters = ALPHABET if good[at + 1 : at + 2] in {"", "."} else ALPHABET[at % 8 :: 8]
        for letter in {*letters, "."} - {old}:
            assert refused(good[:at] + letter + good[at + 1 :]), (at, letter)


@pytest.mark.parametrize("why", ["EdDSA", "ES256"])
def test_every_cut_is_noticed(why: str) -> None:
    """A credential cut short or with one character too few or doubled is invalid."""
    good = GOOD[why]
    for at, (one, other) in enumerate(pairwise(good)):
        assert refused(good[:at])
        assert refused(good[:at] + good[at + 1 :])
        assert refused(good[:at] + one + good[at:])
        assert one == other or refused(good[:at] + other + one + good[at + 2 :])


@given(
    st.sampled_from(sorted(GOOD.values())),
    st.data(),
    st.text(max_size=6) | st.text(ALPHABET + ".=", max_size=6),
)
def test_any_mutation_is_refused(good: str, data: st.DataObject, piece: str) -> None:
    """Whatever replaces whatever stretch of a valid credential, it is refused.

    The one exception in theory is no forgery: whoever has a signature (r, s) of ES256 can write it
    as (r, n - s). Nobody finds that by chance, and the claims are the same.
    """
    start = data.draw(st.integers(0, len(good)))
    end = data.draw(st.integers(start, min(len(good), start + 8)))
    mutated = good[:start] + piece + good[end:]
    assert mutated == good or refused(mutated)


@given(st.text(max_size=200) | st.lists(st.text(ALPHABET, max_size=80)).map(".".join))
def test_any_text_is_refused(text: str) -> None:
    """No text at all raises anything but the refusal."""
    assert refused(text)


@given(st.binary(max_size=100), st.binary(max_size=100))
def test_any_signed_bytes_are_refused(header: bytes, claims: bytes) -> None:
    """What our own key signed is refused as well when it says nothing that makes sense."""
    assert refused(token(header, claims))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=5,
)


@given(st.sampled_from(["iss", "aud", "iat", "exp", "nbf"]), JSON)
def test_claims_of_any_type_raise_no_other_error(name: str, value: object) -> None:
    """A signed claim of any JSON type is accepted or refused; it never breaks the verifier."""
    refused(claimed(**{name: value}))


@given(st.sampled_from(["alg", "kid", "typ"]), JSON)
def test_header_members_of_any_type_raise_no_other_error(name: str, value: object) -> None:
    """A header's member of any JSON type is refused, and never breaks the verifier."""
    assert refused(headed(**{name: value})) or value in {"EdDSA", "Ed25519", "ed"}


@pytest.mark.parametrize("why", ["EdDSA", "ES256"])
@pytest.mark.parametrize(
    ("at", "valid"),
    [(-31, False), (-30, True), (0, True), (299, True), (329.9, True), (330, False), (1e9, False)],
)
def test_a_credential_lives_from_iat_to_exp(why: str, at: float, valid: bool) -> None:  # noqa: FBT001
    """It is valid from 30 s before `iat` to 30 s after `exp`, to the second."""
    assert refused(GOOD[why], NOW + at) is not valid


def test_the_other_half_of_an_ecdsa_pair_proves_the_same() -> None:
    """(r, n - s) is accepted, as the standard says; it opens nothing that (r, s) does not."""
    message, _, signature = token(EC_HEADER, sign=es256).rpartition(".")
    pair = from_base64url(signature)
    other = pair[:32] + (EC_ORDER - int.from_bytes(pair[32:], "big")).to_bytes(32, "big")
    assert verified(f"{message}.{to_base64url(other)}") == "payroll"
