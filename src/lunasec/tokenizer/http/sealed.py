"""From what stands in a body to what was sealed: keys, ciphertexts, names of uploads."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from msgspec import UNSET

from lunasec.encoding import from_base64url
from lunasec.errors import CiphertextMalformed, MalformedRequest, TooLarge
from lunasec.tokenizer.core.envelope import DEK_BYTES
from lunasec.tokenizer.core.ledger import metadata_size
from lunasec.tokenizer.core.sealed import SealedValue
from lunasec.tokenizer.core.secret import Secret
from lunasec.tokenizer.core.stream import KIND
from lunasec.tokenizer.files import UPLOAD_BYTES
from lunasec.tokenizer.http.wire import Value

METADATA_BYTES: Final = 2048
"""Of one value, as pairs in JSON: it is for a label or two, and in every answer about the value."""


def upload_ids(values: Sequence[Value]) -> list[Secret]:
    """Give the uploads that values name, in order.

    Raises: `MalformedRequest` where a file has none, or another value has one.
    """
    if any((each.kind == KIND) != (each.upload is not UNSET) for each in values):
        raise MalformedRequest(f"`upload` goes with the kind `{KIND}`, and with no other.")
    return [upload_id(each.upload) for each in values if each.upload is not UNSET]


def upload_id(text: str) -> Secret:
    """Read the id of an upload.

    Raises: `MalformedRequest`.
    """
    with suppress(ValueError):
        data = from_base64url(text)
        if len(data) == UPLOAD_BYTES:
            return Secret(data)
    raise MalformedRequest("That is not the id of an upload.")


def sealed_value(value: Value) -> SealedValue:
    """Read the bytes of a value.

    Raises: `CiphertextMalformed` when they are not base64url, or the key is not 32 bytes long;
    `TooLarge` for its metadata.
    """
    try:
        dek, ciphertext = from_base64url(value.key), from_base64url(value.ciphertext)
    except ValueError:
        raise CiphertextMalformed("`key` and `ciphertext` are base64url without padding.") from None
    if len(dek) != DEK_BYTES:
        raise CiphertextMalformed(f"A value's key has {DEK_BYTES} bytes.")
    metadata = tuple(sorted(value.metadata.items()))
    if metadata_size(metadata) > METADATA_BYTES:
        raise TooLarge(f"A value's metadata is at most {METADATA_BYTES} bytes of JSON.")
    return SealedValue(dek=Secret(dek), ciphertext=ciphertext, kind=value.kind, metadata=metadata)
