"""What the Secure Frame does, in Python: seals a value and opens it again; a file's manifest too.

The stream of a file's bytes is `sealed_stream.py`.

For tests, and for migrations that bring values from elsewhere. The tokenizer never imports this
module (an import contract says so): no plaintext is ever in its process.
"""

from typing import Final

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from lunasec.errors import CiphertextMalformed, TooLarge
from lunasec.tokenizer.core.envelope import (
    BUCKET_BYTES,
    HEADER_BYTES,
    MAX_VALUE_BYTES,
    NONCE_BYTES,
    SUITE_AES_256_GCM,
    VALUE_ID_BYTES,
    VERSION,
    Envelope,
    associated_data,
)

_END_OF_VALUE: Final = b"\x80"  # ISO/IEC 7816-4: then zeros, so the length is unambiguous.


def seal_value(
    text: str, *, application: str, kind: str, dek: bytes, value_id: bytes, nonce: bytes
) -> bytes:
    """Seal a text into a value envelope.

    `dek` (32 bytes), `value_id` (16) and `nonce` (12) have to be random and new for each value:
    one key, one message. Raises `TooLarge` over 64 KiB of UTF-8.
    """
    data = text.encode("utf-8")
    if len(data) > MAX_VALUE_BYTES:
        raise TooLarge(f"A value is at most {MAX_VALUE_BYTES} bytes of UTF-8.")
    if len(value_id) != VALUE_ID_BYTES or len(nonce) != NONCE_BYTES:
        raise ValueError("a value id has 16 bytes, a nonce 12")
    padded = _padded(data)
    bound = associated_data(
        application=application,
        kind=kind,
        buckets=len(padded) // BUCKET_BYTES,
        value_id=value_id,
    )
    header = bytes((VERSION, SUITE_AES_256_GCM)) + value_id + nonce
    return header + AESGCM(dek).encrypt(nonce, padded, bound)


def open_value(ciphertext: bytes, *, application: str, kind: str, dek: bytes) -> str:
    """Open a value envelope, or raise `CiphertextMalformed`: not whole, or not of this key."""
    envelope = Envelope.parse(ciphertext, application=application, kind=kind)
    nonce, sealed = ciphertext[2 + VALUE_ID_BYTES : HEADER_BYTES], ciphertext[HEADER_BYTES:]
    try:
        padded = AESGCM(dek).decrypt(nonce, sealed, envelope.associated_data())
    except InvalidTag:
        raise CiphertextMalformed("The sealed value does not open with this key.") from None
    try:
        return _unpadded(padded).decode("utf-8")
    except UnicodeDecodeError:
        raise CiphertextMalformed("The sealed value is not a text.") from None


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is sealed as the value of a file: all that there is to know of it but its bytes."""

    name: str
    type: str
    size: int
    key: str
    """Of the stream: 32 bytes, in base64url."""

    def text(self) -> str:
        """Write it as it is sealed, with the kind `file`."""
        return msgspec.json.encode(self).decode()


def read_manifest(text: str) -> Manifest:
    """Read a manifest, or raise `CiphertextMalformed`."""
    try:
        return msgspec.json.decode(text, type=Manifest)
    except msgspec.DecodeError:
        raise CiphertextMalformed("The manifest of the file can't be read.") from None


def _padded(data: bytes) -> bytes:
    marked = data + _END_OF_VALUE
    return marked + bytes(-len(marked) % BUCKET_BYTES)


def _unpadded(padded: bytes) -> bytes:
    data, mark, rest = padded.rpartition(_END_OF_VALUE)
    if not mark or rest.strip(b"\x00"):
        raise CiphertextMalformed("The sealed value has no end mark.")
    return data
