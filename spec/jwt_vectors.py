"""Vectors of the application's credential."""

import json

from spec.jwt_attacks import wrong_algorithms, wrong_keys, wrong_signatures
from spec.jwt_signing import (
    AUDIENCE,
    EC_HEADER,
    EC_KEY,
    ED_POINT,
    NOW,
    claimed,
    es256,
    headed,
    token,
)
from spec.jwt_spellings import grown, wrong_names, wrong_spellings, wrong_times
from spec.writing import Case, b64


def app_jwt() -> Case:
    """Credentials of an application: some valid at `now`, and a corpus of attacks."""
    x, y = (
        b64(each.to_bytes(32, "big"))
        for each in (
            EC_KEY.public_key().public_numbers().x,
            EC_KEY.public_key().public_numbers().y,
        )
    )
    keys = [
        {"kty": "OKP", "crv": "Ed25519", "kid": "ed", "x": b64(ED_POINT)},
        {"kty": "EC", "crv": "P-256", "kid": "ec", "x": x, "y": y, "alg": "ES256", "use": "sig"},
    ]
    wrong = {
        **wrong_algorithms(),
        **wrong_keys(),
        **wrong_signatures(),
        **wrong_times(),
        **wrong_names(),
        **wrong_spellings(),
    }
    return {
        "application": "payroll",
        "audience": AUDIENCE,
        "now": NOW,
        "jwks": {"keys": keys},
        "valid": [{"why": why, "token": text} for why, text in right().items()],
        "invalid": [
            {"why": why, "token": text, "error": "credential_invalid"}
            for why, text in wrong.items()
        ],
    }


def right() -> dict[str, str]:
    """Give credentials that are to be accepted."""
    return {
        "EdDSA": token(),
        "Ed25519, its newer name (RFC 9864)": headed(alg="Ed25519"),
        "ES256": token(EC_HEADER, sign=es256),
        "audience as a list of one": claimed(aud=[AUDIENCE]),
        "issued 30 s ahead": claimed(iat=NOW + 30),
        "expired 29 s ago": claimed(iat=NOW - 329, exp=NOW - 29),
        "half seconds": claimed(iat=NOW - 0.5, exp=NOW + 0.5),
        "a member that nobody knows": headed(note="harmless"),
        "a claim that nobody knows": claimed(sub="worker-1"),
        "nested 16 deep": claimed(note=json.loads("[" * 15 + "]" * 15)),
        "4096 characters": grown(4096),
    }
