"""Wycheproof's vectors, through our own functions: no false accept, no false refusal.

What is "acceptable" to Wycheproof may go either way.
"""

import pytest
from joserfc import jwk

from lunasec.encoding import to_base64url
from lunasec.jose.verification import REGISTRY
from lunasec.tokenizer import cipher
from lunasec.tokenizer.core.secret import Secret
from lunasec.tokenizer.core.tokens import Token
from tests.crypto.vectors import Case, wycheproof


def of(group: Case, name: str) -> bytes:
    """Read a hexadecimal member."""
    return bytes.fromhex(group[name])


def our_aes_gcm() -> list[Case]:
    """Give the vectors with the key, nonce and tag lengths that we use."""
    return [
        test
        for group in wycheproof("Cipher", "aes_gcm")
        if (group["keySize"], group["ivSize"], group["tagSize"]) == (256, 96, 128)
        for test in group["tests"]
    ]


def test_aes_256_gcm() -> None:
    """Valid vectors are sealed and opened as given; invalid ones never open."""
    tests = our_aes_gcm()
    assert {test["result"] for test in tests} >= {"valid", "invalid"}
    for test in tests:
        key, nonce = Secret(of(test, "key")), of(test, "iv")
        sealed, plain, bound = of(test, "ct") + of(test, "tag"), of(test, "msg"), of(test, "aad")
        if test["result"] == "valid":
            assert cipher.seal(key, nonce, plain, bound) == sealed, test["comment"]
            assert cipher.unseal(key, nonce, sealed, bound) == plain, test["comment"]
        else:
            with pytest.raises(ValueError, match="not sealed"):
                cipher.unseal(key, nonce, sealed, bound)


def test_hkdf_sha_256() -> None:
    """The first 32 bytes of each vector are what we derive from the same salt, key and label."""
    tests = [
        test
        for group in wycheproof("Protocol", "hkdf_sha256")
        for test in group["tests"]
        if test["result"] == "valid" and test["size"] >= 32
    ]
    assert len(tests) >= 20
    for test in tests:
        salt, token = cipher.keyed(of(test, "salt")), Token(secret=Secret(of(test, "ikm")))
        prk = cipher.keyed(cipher.extract(salt, token))
        assert cipher.expand(prk, of(test, "info")) == of(test, "okm")[:32], test["comment"]


def test_ed25519() -> None:
    """EdDSA signatures are accepted and refused as given, under both of its names."""
    seen = set[str]()
    for group in wycheproof("Signature", "ed25519"):
        public = group["publicKey"] if "publicKey" in group else group["key"]
        key = jwk.import_key(
            {"kty": "OKP", "crv": "Ed25519", "x": to_base64url(bytes.fromhex(public["pk"]))}
        )
        for test in group["tests"]:
            seen.add(test["result"])
            for name in ("EdDSA", "Ed25519"):
                check(name, key, test)
    assert seen >= {"valid", "invalid"}


def test_es256() -> None:
    """ECDSA signatures as JWS has them (r and s) are accepted and refused as given."""
    seen = set[str]()
    for group in wycheproof("Signature", "ecdsa_secp256r1_sha256_p1363"):
        public = group["publicKey"] if "publicKey" in group else group["key"]
        x, y = (
            bytes.fromhex(public[name]).lstrip(b"\x00").rjust(32, b"\x00") for name in ("wx", "wy")
        )
        key = jwk.import_key(
            {"kty": "EC", "crv": "P-256", "x": to_base64url(x), "y": to_base64url(y)}
        )
        for test in group["tests"]:
            seen.add(test["result"])
            check("ES256", key, test)
    assert seen >= {"valid", "invalid"}


def check(name: str, key: jwk.Key, test: Case) -> None:
    """Hold one verification against its vector; it answers, and never raises."""
    accepted = REGISTRY.get_alg(name).verify(of(test, "msg"), of(test, "sig"), key)
    if test["result"] != "acceptable":
        assert accepted == (test["result"] == "valid"), (name, test["tcId"], test["comment"])
