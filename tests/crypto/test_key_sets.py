"""Public keys: weak, private and unknown ones are refused when they are read, not when used."""

import json
import warnings
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwk

from lunasec.encoding import to_base64url
from lunasec.errors import ConfigurationInvalid
from lunasec.jose import KeySet

ED = jwk.generate_key("OKP", "Ed25519", {"kid": "ed"})
EC = jwk.generate_key("EC", "P-256", {"kid": "ec"})
RSA = jwk.generate_key("RSA", 2048, {"kid": "rsa"})
Member = dict[str, Any]
ED_PUBLIC: Member = {**ED.as_dict(private=False)}
EC_PUBLIC: Member = {**EC.as_dict(private=False)}
RSA_PUBLIC: Member = {**RSA.as_dict(private=False)}
with warnings.catch_warnings():
    # joserfc warns of the very keys that have to be refused here.
    warnings.simplefilter("ignore")
    WEAK: Member = jwk.generate_key("RSA", 1024, {"kid": "weak"}).as_dict(private=False)


def parsed(*members: object) -> KeySet:
    """Read a key set of these keys."""
    return KeySet.parse(json.dumps({"keys": members}).encode())


def test_each_type_of_key_has_its_algorithms() -> None:
    """A key verifies what its type is for, and no other algorithm, whatever a token says."""
    keys = parsed(ED_PUBLIC, EC_PUBLIC, RSA_PUBLIC).keys
    assert {name: set(key.algorithms) for name, key in keys.items()} == {
        "ed": {"EdDSA", "Ed25519"},
        "ec": {"ES256"},
        "rsa": {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"},
    }


def test_a_key_may_name_its_algorithm() -> None:
    """`alg` narrows what a key verifies; `use`, `key_ops` and unknown members change nothing."""
    narrow = parsed(
        {**RSA_PUBLIC, "alg": "PS256"},
        {**EC_PUBLIC, "use": "sig", "key_ops": ["verify"], "x5t": "AA", "note": 1},
    ).keys
    assert narrow["rsa"].algorithms == {"PS256"}
    assert narrow["ec"].algorithms == {"ES256"}


REFUSED: dict[str, list[Member]] = {
    "private Ed25519": [{**ED.as_dict(private=True), "kid": "1"}],
    "private P-256": [{**EC.as_dict(private=True), "kid": "1"}],
    "private RSA": [{**RSA.as_dict(private=True), "kid": "1"}],
    "one private key among good ones": [ED_PUBLIC, {**EC.as_dict(private=True), "kid": "1"}],
    "symmetric": [{"kty": "oct", "k": "c2VjcmV0", "kid": "1"}],
    "symmetric without its key": [{"kty": "oct", "kid": "1"}],
    "RSA of 1024 bits": [{**WEAK, "kid": "1"}],
    "RSA of no bits": [{"kty": "RSA", "n": "AQAB", "e": "AQAB", "kid": "1"}],
    "unknown type": [{**ED_PUBLIC, "kty": "AKP"}],
    "type missing": [{"kid": "1", "crv": "Ed25519", "x": ED_PUBLIC["x"]}],
    "type a list": [{**ED_PUBLIC, "kty": ["OKP"]}],
    "X25519": [{**ED_PUBLIC, "crv": "X25519"}],
    "Ed448": [{**ED_PUBLIC, "crv": "Ed448"}],
    "P-384": [{**EC_PUBLIC, "crv": "P-384"}],
    "secp256k1": [{**EC_PUBLIC, "crv": "secp256k1"}],
    "curve missing": [{"kty": "EC", "kid": "1", "x": EC_PUBLIC["x"], "y": EC_PUBLIC["y"]}],
    "RSA with a curve": [{**RSA_PUBLIC, "crv": "P-256"}],
    "no kid": [{"kty": "OKP", "crv": "Ed25519", "x": ED_PUBLIC["x"]}],
    "empty kid": [{**ED_PUBLIC, "kid": ""}],
    "kid a number": [{**ED_PUBLIC, "kid": 1}],
    "the same kid twice": [{**ED_PUBLIC, "kid": "1"}, {**EC_PUBLIC, "kid": "1"}],
    "for encryption": [{**RSA_PUBLIC, "use": "enc"}],
    "for signing": [{**ED_PUBLIC, "key_ops": ["sign"]}],
    "for signing too": [{**ED_PUBLIC, "key_ops": ["verify", "sign"]}],
    "alg of another type": [{**ED_PUBLIC, "alg": "ES256"}],
    "alg none": [{**ED_PUBLIC, "alg": "none"}],
    "alg HS256": [{**RSA_PUBLIC, "alg": "HS256"}],
    "x missing": [{"kty": "OKP", "crv": "Ed25519", "kid": "1"}],
    "y missing": [{"kty": "EC", "crv": "P-256", "x": EC_PUBLIC["x"], "kid": "1"}],
    "x too short": [{**ED_PUBLIC, "x": ED_PUBLIC["x"][:-2]}],
    "x padded": [{**ED_PUBLIC, "x": ED_PUBLIC["x"] + "="}],
    "x a number": [{**ED_PUBLIC, "x": 1}],
    "a point off the curve": [{**EC_PUBLIC, "x": to_base64url(bytes(31) + b"\x07")}],
    "the point at infinity": [{**EC_PUBLIC, "x": "A" * 43, "y": "A" * 43}],
    "no keys": [],
}


@pytest.mark.parametrize("members", REFUSED.values(), ids=REFUSED.keys())
def test_bad_keys_refuse_the_set(members: list[Member]) -> None:
    """Each bad key refuses the whole set at the start, and the refusal shows no private part."""
    with pytest.raises(ConfigurationInvalid) as caught:
        parsed(*members)
    private = [str(member[name]) for member in members for name in ("d", "k") if name in member]
    assert not any(each in str(caught.value) for each in private)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        "{}",
        '{"keys": {}}',
        '{"keys": null}',
        '{"keys": [1]}',
        '{"keys": [[]]}',
        '{"keys": [], "keys": []}',
        '{"keys": [{"kty": "OKP", "kty": "EC"}]}',
        "-----BEGIN PUBLIC KEY-----",
        "\ufeff{}",
    ],
)
def test_what_is_no_key_set_is_refused(text: str) -> None:
    """Anything but a JSON object with a list of keys is refused."""
    with pytest.raises(ConfigurationInvalid):
        KeySet.parse(text.encode())


VALUES = st.none() | st.integers() | st.text(max_size=5) | st.lists(st.text(max_size=3), max_size=2)


@given(
    st.sampled_from([ED_PUBLIC, EC_PUBLIC, RSA_PUBLIC]),
    st.sampled_from(["kty", "crv", "x", "y", "n", "e", "kid", "alg", "use", "key_ops"]),
    VALUES,
)
def test_members_of_any_type_raise_no_other_error(member: Member, name: str, value: object) -> None:
    """A member of any type makes a key that is accepted or refused, and never another error."""
    try:
        parsed({**member, name: value})
    except ConfigurationInvalid:
        return


def test_a_key_set_is_frozen() -> None:
    """Nobody adds a key to a set after it was read."""
    with pytest.raises(TypeError):
        parsed(ED_PUBLIC).keys["thief"] = parsed(EC_PUBLIC).keys["ec"]  # type: ignore[index]
