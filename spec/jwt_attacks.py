"""The JWT corpus: credentials that have to be refused, every one."""

import hashlib
import hmac
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from spec.jwt_signing import (
    EC_HEADER,
    ED_KEY,
    ED_POINT,
    HEADER,
    THIEF,
    THIEF_POINT,
    Signer,
    always,
    claimed,
    der,
    es256,
    headed,
    token,
)
from spec.writing import b64

ED_ORDER = 2**252 + 27742317777372353535851937790883648493  # RFC 8032, section 5.1
EC_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def wrong_algorithms() -> dict[str, str]:
    """Give tokens whose `alg` is not the key's."""

    def hmac_with(secret: bytes) -> Signer:
        return lambda message: hmac.new(secret, message, hashlib.sha256).digest()

    public = ED_KEY.public_key()
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    cases = {
        f"alg {name!r}, no signature": headed(always(b""), alg=name)
        for name in ("none", "None", "NONE", "nOnE", "")
    }
    cases |= {
        f"alg {name!r}": headed(alg=name)
        for name in ("none", "eddsa", "Ed448", "HS256", "RS256", "PS256", "ES256", "ES512", 1, True)
    }
    return cases | {
        "alg missing": headed(alg=None),
        "alg null": token({**HEADER, "alg": None}),
        "alg a list": headed(alg=["EdDSA"]),
        "HS256 with the public point": headed(hmac_with(ED_POINT), alg="HS256"),
        "HS256 with the public key as PEM": headed(hmac_with(pem), alg="HS256"),
        "HS256 with an empty secret": headed(hmac_with(b""), alg="HS256"),
        "EdDSA with the EC key": headed(kid="ec"),
        "ES256 with the Ed25519 key": token({**EC_HEADER, "kid": "ed"}, sign=es256),
        "ES256K": token({**EC_HEADER, "alg": "ES256K"}, sign=es256),
    }


def wrong_keys() -> dict[str, str]:
    """Give tokens that name, bring or point to another key."""
    jwk = {"kty": "OKP", "crv": "Ed25519", "kid": "ed", "x": b64(THIEF_POINT)}
    ids: tuple[Any, ...] = (
        "",
        "ED",
        "ed ",
        "ed\u0000",
        "unknown",
        "../../../dev/null",
        "/dev/null",
        "file:///dev/null",
        "https://thief.example/key",
        "ed' OR '1'='1",
        "$(id)",
        0,
        ["ed"],
        {"ed": 1},
        True,
    )
    cases = {f"kid {kid!r}": headed(kid=kid) for kid in ids}
    for name, value in (
        ("jwk", jwk),
        ("jku", "https://thief.example/jwks.json"),
        ("x5u", "https://thief.example/chain.pem"),
        ("x5c", [b64(THIEF_POINT)]),
        ("crit", ["exp"]),
        ("crit", []),
        ("b64", False),
        ("b64", True),
        ("zip", "DEF"),
        ("enc", "A256GCM"),
    ):
        cases[f"{name} {value!r}, signed by us"] = headed(**{name: value})
        cases[f"{name} {value!r}, signed by a thief"] = headed(THIEF.sign, **{name: value})
    return cases | {
        "kid missing": headed(kid=None),
        "kid null": token({**HEADER, "kid": None}),
        "signed by a thief": token(sign=THIEF.sign),
        "b64 false and critical": headed(b64=False, crit=["b64"]),
    }


def wrong_signatures() -> dict[str, str]:
    """Give tokens whose signature is not one over them."""
    good = token()
    header, payload, _ = good.split(".")
    signature = ED_KEY.sign(f"{header}.{payload}".encode())
    larger = int.from_bytes(signature[32:], "little") + ED_ORDER
    order = EC_ORDER.to_bytes(32, "big")
    another = claimed(iss="payroll", jti="another").split(".")
    cases: dict[str, bytes] = {
        "empty": b"",
        "one byte short": signature[:-1],
        "one byte long": signature + b"\x00",
        "zeros": bytes(64),
        "twice": signature * 2,
        "S plus the order (RFC 8032, section 5.1.7)": signature[:32]
        + larger.to_bytes(32, "little"),
    }
    made = {f"EdDSA signature {why}": token(sign=always(s)) for why, s in cases.items()}
    pairs: dict[str, bytes] = {
        "zeros": bytes(64),
        "r of the order, s 1": order + bytes(31) + b"\x01",
        "r 1, s of the order": bytes(31) + b"\x01" + order,
        "the order twice": order * 2,
        "one byte short": bytes(63),
        "as DER": b"",
    }
    for why, pair in pairs.items():
        signer = der if why == "as DER" else always(pair)
        made[f"ES256 signature {why}"] = token(EC_HEADER, sign=signer)
    return made | {
        "signature of other claims": ".".join([header, payload, another[2]]),
        "claims of another token": ".".join([header, another[1], good.split(".")[2]]),
        "header of another key": ".".join(
            [token(EC_HEADER).split(".")[0], payload, b64(signature)]
        ),
    }
