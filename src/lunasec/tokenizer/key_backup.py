"""Backups of the key set: a text under a passphrase, safe to mail, print or keep in a vault.

One is enough for ever: it holds the root, from which every key derives, also those of later.
"""

import base64
import binascii
import hashlib
import secrets
import textwrap
from collections.abc import Callable
from typing import Final

from lunasec.errors import KeyFileDamaged
from lunasec.tokenizer import cipher, kms
from lunasec.tokenizer.core.envelope import NONCE_BYTES
from lunasec.tokenizer.core.keyset import KEY_BYTES, Keyset
from lunasec.tokenizer.core.secret import Secret

BEGIN: Final = "-----BEGIN LUNASEC KEY BACKUP-----"
END: Final = "-----END LUNASEC KEY BACKUP-----"
MIN_PASSPHRASE_BYTES: Final = 12
_LINE: Final = 64
# scrypt (RFC 7914) with 128 MiB and some 0.3 s a guess: what OWASP asks for at least. They are
# fixed by the version: a backup that could name its own would name the attacker's.
_VERSION: Final = b"\x01"
_SCRYPT_N: Final = 2**17
_SCRYPT_R: Final = 8
_SCRYPT_P: Final = 1
_SCRYPT_MEMORY: Final = 2 * 128 * _SCRYPT_N * _SCRYPT_R  # Twice what it needs.
_SALT_BYTES: Final = 16
_LABEL: Final = b"lunasec/key-backup/v1"


def export_keyset(
    keyset: Keyset, passphrase: Secret, *, random: Callable[[int], bytes] = secrets.token_bytes
) -> str:
    """Write a key set as armored text; raise `ValueError` for a passphrase under 12 bytes."""
    if len(passphrase) < MIN_PASSPHRASE_BYTES:
        message = f"the passphrase has to have {MIN_PASSPHRASE_BYTES} bytes or more"
        raise ValueError(message)
    salt, nonce = random(_SALT_BYTES), random(NONCE_BYTES)
    sealed = cipher.seal(_stretched(passphrase, salt), nonce, kms.written(keyset), _LABEL)
    text = base64.b64encode(_VERSION + salt + nonce + sealed).decode("ascii")
    return "\n".join([BEGIN, *textwrap.wrap(text, _LINE), END, ""])


def import_keyset(text: str, passphrase: Secret) -> Keyset:
    """Read an armored backup, or raise `KeyFileDamaged`: damaged, or another passphrase."""
    data = _dearmored(text)
    salt, rest = data[1 : 1 + _SALT_BYTES], data[1 + _SALT_BYTES :]
    nonce, sealed = rest[:NONCE_BYTES], rest[NONCE_BYTES:]
    if data[:1] != _VERSION or not sealed:
        raise KeyFileDamaged("The backup is cut off, or of another version of LunaSec.")
    try:
        return kms.read_back(cipher.unseal(_stretched(passphrase, salt), nonce, sealed, _LABEL))
    except ValueError:
        detail = "The backup does not open: another passphrase, or it was damaged."
        raise KeyFileDamaged(detail) from None


def _dearmored(text: str) -> bytes:
    """Read what stands between the two lines; what a mail put around them does not matter."""
    lines = [line.strip() for line in text.splitlines()]
    try:
        body = lines[lines.index(BEGIN) + 1 : lines.index(END)]
        return base64.b64decode("".join(body), validate=True)
    except (ValueError, binascii.Error):
        raise KeyFileDamaged(f"The backup has to be whole, from {BEGIN} to {END}.") from None


def _stretched(passphrase: Secret, salt: bytes) -> Secret:
    key = hashlib.scrypt(
        passphrase.reveal(),
        salt=salt,
        n=_SCRYPT_N,
        r=_SCRYPT_R,
        p=_SCRYPT_P,
        maxmem=_SCRYPT_MEMORY,
        dklen=KEY_BYTES,
    )
    return Secret(key)
