"""What the two locks of a value's key are bound to, so that nothing can be exchanged."""

import hashlib
from typing import TYPE_CHECKING, Final

from lunasec.encoding import length_prefixed

if TYPE_CHECKING:
    from lunasec.tokenizer.core.envelope import Envelope
    from lunasec.tokenizer.core.wrapped import Wrapped

INNER_LOCK: Final = b"lunasec/inner-lock/v1"
OUTER_LOCK: Final = b"lunasec/outer-lock/v1"

_INNER: Final = length_prefixed(INNER_LOCK)
_OUTER: Final = length_prefixed(OUTER_LOCK)


def bound_to(envelope: "Envelope") -> bytes:
    """Give what both locks are bound to: the value's own associated data and its ciphertext."""
    return length_prefixed(envelope.associated_data(), hashlib.sha256(envelope.ciphertext).digest())


def inner_data(record: "Wrapped", bound: bytes) -> bytes:
    """Bind the inner lock: not to the epoch, which changes while no token is at hand."""
    version = record.lookup_version.to_bytes(4, "big")
    return _INNER + bound + length_prefixed(record.record_id, version)


def outer_data(record: "Wrapped", bound: bytes) -> bytes:
    """Bind the outer lock to every other field of the record, so that none can be exchanged."""
    version, epoch = record.lookup_version.to_bytes(4, "big"), record.epoch.to_bytes(4, "big")
    return _OUTER + bound + length_prefixed(record.record_id, version, record.commitment, epoch)
