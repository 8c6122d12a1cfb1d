"""A value's key as the store keeps it: under two locks, with all that is needed to open them."""

from msgspec import Struct


class Wrapped(Struct, frozen=True, kw_only=True, gc=False):
    """The key of one value, locked by the token inside and by the tokenizer's own key outside.

    `record_id` names the record and `commitment` tells the right token from any other; both are 32
    bytes derived from the token, neither leads back to it. `lookup_version` and `epoch` number the
    two keys of the key set that were used. `wrapped` is nonce, inner lock and tag: 88 bytes.
    """

    record_id: bytes
    lookup_version: int
    epoch: int
    commitment: bytes
    wrapped: bytes
