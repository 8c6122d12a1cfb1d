"""Vectors of signed requests."""

import hashlib

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from spec.jwt_signing import EC_KEY, es256
from spec.writing import Case, b64, fields, made_up

POINT = EC_KEY.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
SESSION = b64(made_up("session of a request", 32))


def name_of(point: bytes) -> bytes:
    """Name a key."""
    return hashlib.sha256(fields(b"lunasec/session-key/v1", point)).digest()


def message(method: str, path: str, body: bytes, session: str, counter: int) -> bytes:
    """Write what is signed of a request."""
    return fields(
        b"lunasec/request/v1",
        method.encode(),
        path.encode(),
        hashlib.sha256(body).digest(),
        session.encode(),
        name_of(POINT),
        counter.to_bytes(8, "big"),
    )


def request() -> Case:
    """Signed requests of documents without cookies, and some that are not what was signed."""
    valid = [
        ("POST", "/session/ensure", '{"session":"…","renew":false}', SESSION, 1),
        ("POST", "/detokenize", '{"tokens":[]}', SESSION, 2),
        ("POST", "/detokenize", "", SESSION, 256),
        ("POST", "/detokenize?a=b&c=%20", "{}", SESSION, 2**32 - 1),
        ("PUT", "/detokenize", "ä€𝄞", "A" * 43, 2**53 - 1),
    ]
    signed = ("POST", "/tokenize", "{}", SESSION, 7)
    signature = es256(message(*_bytes(*signed)))
    wrong = {
        "another method": ("PUT", *signed[1:]),
        "another path": (signed[0], "/detokenize", *signed[2:]),
        "a query": (signed[0], "/tokenize?", *signed[2:]),
        "another body": (*signed[:2], "{} ", *signed[3:]),
        "another session": (*signed[:3], "A" * 43, signed[4]),
        "another counter": (*signed[:4], 8),
    }
    return {
        "public_key": b64(POINT),
        "name": b64(name_of(POINT)),
        "valid": [_written(*each, es256(message(*_bytes(*each)))) for each in valid],
        "invalid": [
            *({"why": why, **_written(*each, signature)} for why, each in wrong.items()),
            {"why": "nothing", **_written(*signed, bytes(64))},
            {"why": "one bit more", **_written(*signed, _flipped(signature))},
            {"why": "cut off", **_written(*signed, signature[:-1])},
        ],
    }


def _bytes(
    method: str, path: str, body: str, session: str, counter: int
) -> tuple[str, str, bytes, str, int]:
    return method, path, body.encode(), session, counter


def _flipped(signature: bytes) -> bytes:
    return signature[:-1] + bytes([signature[-1] ^ 1])


def _written(
    method: str, path: str, body: str, session: str, counter: int, signature: bytes
) -> Case:
    return {
        "method": method,
        "path": path,
        "body": body,
        "session": session,
        "counter": counter,
        "message": b64(message(method, path, body.encode(), session, counter)),
        "signature": b64(signature),
    }
