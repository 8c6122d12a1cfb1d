"""Values on their way between a frame and the vault: sealed, each with the key that opens it."""

from msgspec import Struct

from lunasec.tokenizer.core.ledger import File, Upload
from lunasec.tokenizer.core.secret import Secret

Metadata = tuple[tuple[str, str], ...]


class SealedValue(Struct, frozen=True, kw_only=True, gc=False):
    """A value as the frame sealed it, with the key that opens it."""

    dek: Secret
    ciphertext: bytes
    kind: str
    metadata: Metadata
    upload: Upload | None = None
    """Of a file's manifest: the upload that was found whole."""


class OpenedValue(Struct, frozen=True, kw_only=True, gc=False):
    """A sealed value and its key, on their way to the frame; the grant ends in `expires_in` s."""

    dek: Secret
    ciphertext: bytes
    kind: str
    metadata: Metadata
    expires_in: int
    may_copy: bool
    file: File | None
