"""The value envelope: what the Secure Frame sends in place of a value, read but never opened.

Bytes: version 0x01, suite 0x01 (AES-256-GCM), value id (16), nonce (12), then the ciphertext of
whole 256-byte buckets and the tag (16).
"""

import re
from functools import lru_cache
from typing import Final, Self

from msgspec import Struct

from lunasec.encoding import length_prefixed
from lunasec.errors import CiphertextMalformed, TooLarge

VERSION: Final = 1
SUITE_AES_256_GCM: Final = 1
VALUE_ID_BYTES: Final = 16
NONCE_BYTES: Final = 12  # NIST SP 800-38D, section 5.2.1.1: the length that GCM is made for.
TAG_BYTES: Final = 16
DEK_BYTES: Final = 32
BUCKET_BYTES: Final = 256  # Padding unit: only the size class of a value can be seen.
MAX_VALUE_BYTES: Final = 64 * 1024  # Of UTF-8; a longer value has to be a file.
MAX_BUCKETS: Final = MAX_VALUE_BYTES // BUCKET_BYTES + 1  # The padding adds at least one byte.
HEADER_BYTES: Final = 2 + VALUE_ID_BYTES + NONCE_BYTES
_FORMAT: Final = bytes((VERSION, SUITE_AES_256_GCM))
_LABEL: Final = b"lunasec/value/v1"
_KIND: Final = re.compile(r"[a-z][a-z0-9-]{0,31}")


class Envelope(Struct, frozen=True, kw_only=True, gc=False):
    """A sealed value whose header and length were found right; its content stays unknown."""

    application: str
    kind: str
    value_id: bytes
    buckets: int
    ciphertext: bytes

    @classmethod
    def parse(cls, ciphertext: bytes, *, application: str, kind: str) -> Self:
        """Read an envelope of `application`, or raise `CiphertextMalformed` or `TooLarge`."""
        if not _KIND.fullmatch(kind):
            raise CiphertextMalformed("The kind is not a name like 'text' or 'employee-id'.")
        if ciphertext[:2] != _FORMAT:
            raise CiphertextMalformed("The sealed value is of an unknown format.")
        buckets, rest = divmod(len(ciphertext) - HEADER_BYTES - TAG_BYTES, BUCKET_BYTES)
        if buckets < 1 or rest:
            raise CiphertextMalformed("The sealed value is cut off, or not whole buckets long.")
        if buckets > MAX_BUCKETS:
            detail = f"A value is at most {MAX_VALUE_BYTES} bytes of UTF-8; send a file instead."
            raise TooLarge(detail)
        return cls(
            application=application,
            kind=kind,
            value_id=ciphertext[2 : 2 + VALUE_ID_BYTES],
            buckets=buckets,
            ciphertext=ciphertext,
        )

    def associated_data(self) -> bytes:
        """Give what the frame bound the value to; each wrap of its key is bound to it as well."""
        return associated_data(
            application=self.application,
            kind=self.kind,
            buckets=self.buckets,
            value_id=self.value_id,
        )


def associated_data(*, application: str, kind: str, buckets: int, value_id: bytes) -> bytes:
    """Give the associated data of a value: the same bytes here and in the frame.

    Length-prefixed: the label, version, suite, application, kind, number of buckets (32 bits
    big-endian), value id. The token is not among them: when the frame seals, there is none yet.
    """
    return _alike(application, kind, buckets) + length_prefixed(value_id)


@lru_cache(maxsize=1024)  # of a few hundred bytes; values are mostly of a few kinds and sizes
def _alike(application: str, kind: str, buckets: int) -> bytes:
    """Give what the associated data of values of one kind and size begin with."""
    return length_prefixed(
        _LABEL,
        bytes((VERSION,)),
        bytes((SUITE_AES_256_GCM,)),
        application.encode("ascii"),
        kind.encode("ascii"),
        buckets.to_bytes(4, "big"),
    )
