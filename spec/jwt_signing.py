"""Signs any header and any claims by hand, whether they make sense or not."""

import json
from collections.abc import Callable
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    derive_private_key,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from spec.writing import b64, made_up

Signer = Callable[[bytes], bytes]

NOW = 1_800_000_000
AUDIENCE = "https://secure.example.com"
TYPE = "lunasec-app+jwt"

ED_KEY = Ed25519PrivateKey.from_private_bytes(made_up("ed25519", 32))
ED_POINT = ED_KEY.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
EC_KEY = derive_private_key(int.from_bytes(made_up("p-256", 31), "big"), SECP256R1())
THIEF = Ed25519PrivateKey.from_private_bytes(made_up("thief", 32))
THIEF_POINT = THIEF.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

HEADER = {"alg": "EdDSA", "kid": "ed", "typ": TYPE}
EC_HEADER = {"alg": "ES256", "kid": "ec", "typ": TYPE}
CLAIMS = {"iss": "payroll", "aud": AUDIENCE, "iat": NOW, "exp": NOW + 300}


def es256(message: bytes) -> bytes:
    """Sign as JWS wants it: r and s, 32 bytes each (RFC 7518, section 3.4)."""
    r, s = decode_dss_signature(EC_KEY.sign(message, ECDSA(SHA256(), deterministic_signing=True)))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def der(message: bytes) -> bytes:
    """Sign in the encoding that JWS does not take."""
    return EC_KEY.sign(message, ECDSA(SHA256(), deterministic_signing=True))


def always(signature: bytes) -> Signer:
    """Give the same signature for any message."""
    return lambda _: signature


def token(
    header: Any = None,  # noqa: ANN401 - a dict, or bytes that are no JSON
    claims: Any = None,  # noqa: ANN401 - as above
    sign: Signer = ED_KEY.sign,
) -> str:
    """Write and sign any header and any claims, whether they make sense or not."""
    parts = [
        b64(each if isinstance(each, bytes) else json.dumps(each).encode())
        for each in (HEADER if header is None else header, CLAIMS if claims is None else claims)
    ]
    message = ".".join(parts)
    return f"{message}.{b64(sign(message.encode()))}"


def headed(sign: Signer = ED_KEY.sign, /, **changes: object) -> str:
    """Sign good claims under a changed header; None leaves a member out."""
    merged = {**HEADER, **changes}
    return token({name: value for name, value in merged.items() if value is not None}, sign=sign)


def claimed(**changes: object) -> str:
    """Sign changed claims under a good header; None leaves a member out."""
    merged = {**CLAIMS, **changes}
    return token(claims={name: value for name, value in merged.items() if value is not None})
