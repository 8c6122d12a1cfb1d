"""Signed requests, of documents that have no cookie: what is signed, and that none counts twice.

A document's key is an ECDSA key on P-256. Its name, and what it signs, with each field behind its
length as 32 bits big-endian (`n` is the counter as 64 bits):

    name    = SHA-256("lunasec/session-key/v1" ‖ public key, uncompressed: 65 bytes)
    message = "lunasec/request/v1" ‖ method ‖ path ‖ SHA-256(body) ‖ reference ‖ name ‖ n

The path is as it stands in the request, with its query. The reference is the one that T knows for
the key, so that what was signed in one session is worth nothing in another.
"""

import hashlib
import re
from dataclasses import dataclass, field
from typing import Final, Self

from lunasec.encoding import from_base64url, length_prefixed
from lunasec.errors import MalformedRequest

NAME: Final = b"lunasec/session-key/v1"
MESSAGE: Final = b"lunasec/request/v1"

WIDTH: Final = 256
"""How far a request may fall behind those that overtook it: the elements have 16 under way."""

_WHOLE: Final = (1 << WIDTH) - 1
"""A window in which every bit is set."""

_SHAPE: Final = "`LunaSec-Signature` is <key>.<counter>.<signature>."
_HEADER: Final = re.compile(r"([A-Za-z0-9_-]{43})\.([1-9][0-9]{0,15})\.([A-Za-z0-9_-]{86})")


def key_name(public_key: bytes) -> bytes:
    """Name a key; the name is no secret."""
    return hashlib.sha256(length_prefixed(NAME, public_key)).digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """What a request says of its signature: `<name of the key>.<counter>.<r ‖ s>`."""

    key_name: bytes
    counter: int
    value: bytes = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the header `LunaSec-Signature`.

        Raises: `MalformedRequest`.
        """
        found = _HEADER.fullmatch(text)
        if found is None:
            raise MalformedRequest(_SHAPE)
        name, counter, value = found.groups()
        try:
            return cls(
                key_name=from_base64url(name), counter=int(counter), value=from_base64url(value)
            )
        except ValueError:
            raise MalformedRequest(_SHAPE) from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request as it came, and the signature that came with it."""

    method: str
    path: str
    body: bytes | bytearray = field(repr=False)
    signature: Signature

    def message(self, reference: str) -> bytes:
        """Give the bytes that have to be signed, in the session of `reference`."""
        return length_prefixed(
            MESSAGE,
            self.method.encode(),
            self.path.encode(),
            hashlib.sha256(self.body).digest(),
            reference.encode(),
            self.signature.key_name,
            self.signature.counter.to_bytes(8, "big"),
        )


def count(highest: int, seen: bytes, counter: int) -> tuple[int, bytes] | None:
    """Count a counter as used, or give None where it was used, or is too old to know.

    `seen` is a window of bits below `highest`, big-endian; the lowest bit is `highest` itself
    (RFC 4303, section 3.4.3, does the same for packets).
    """
    bits = int.from_bytes(seen, "big")
    behind = highest - counter
    if behind < 0:
        bits = (bits << min(-behind, WIDTH) | 1) & _WHOLE
        return counter, bits.to_bytes(WIDTH // 8, "big")
    if behind >= WIDTH or bits >> behind & 1:
        return None
    return highest, (bits | 1 << behind).to_bytes(WIDTH // 8, "big")
