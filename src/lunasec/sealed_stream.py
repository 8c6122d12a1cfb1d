"""The stream of a file, in Python: sealed in segments of 1 MiB, and opened segment by segment.

The format is Tink's streaming AEAD (AES-GCM-HKDF, key template AES256_GCM_HKDF_1MB), so that what
one seals the other opens. Neither holds more of a file than a segment or two. Like `sealing.py`,
the tokenizer never imports this.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from lunasec.errors import CiphertextMalformed
from lunasec.tokenizer.core.stream import (
    FIRST_BYTES,
    HEADER_BYTES,
    NEXT_BYTES,
    PREFIX_BYTES,
    SALT_BYTES,
    SEGMENT_BYTES,
    associated_data,
    padded_length,
)

KEY_BYTES: Final = 32


def seal_file(
    parts: Iterable[bytes], *, size: int, application: str, key: bytes, salt: bytes, prefix: bytes
) -> Iterator[bytes]:
    """Seal a file of `size` bytes, which comes in parts of any length; gives one segment at a time.

    `key` (32 bytes), `salt` (32) and `prefix` (7) have to be random and new for each file. Raises
    `ValueError` where the parts have another size together: the file was changed while it was read.
    """
    lengths = len(key), len(salt), len(prefix)
    if lengths != (KEY_BYTES, SALT_BYTES, PREFIX_BYTES):
        raise ValueError("a key has 32 bytes, a salt 32, a prefix 7")
    cipher = _cipher(key, salt, application)
    header = bytes((HEADER_BYTES,)) + salt + prefix
    segments = _cut(_padded(parts, size))
    number, data = 0, next(segments)
    while True:
        further = next(segments, None)
        sealed = cipher.encrypt(_nonce(prefix, number, last=further is None), data, None)
        yield header + sealed
        if further is None:
            return
        number, data, header = number + 1, further, b""


def open_file(
    segments: Iterable[bytes], *, size: int, application: str, key: bytes
) -> Iterator[bytes]:
    """Open a stream of which the manifest says that the file has `size` bytes; gives them in parts.

    Each part is a file's right bytes at their right place. Raises `CiphertextMalformed` at the
    first segment that is not the next one of this very stream, at an end that came too early or too
    late, and where the padding is not zeros.
    """
    coming, offset = iter(segments), 0
    number, sealed = 0, next(coming, b"")
    header, sealed = sealed[:HEADER_BYTES], sealed[HEADER_BYTES:]
    if len(header) < HEADER_BYTES or header[0] != HEADER_BYTES:
        raise CiphertextMalformed("The file has no header.")
    cipher, prefix = _cipher(key, header[1:][:SALT_BYTES], application), header[1 + SALT_BYTES :]
    while True:
        further = next(coming, None)
        nonce = _nonce(prefix, number, last=further is None)
        data = _opened(cipher, nonce, sealed)
        kept = data[: max(0, size - offset)]
        if data[len(kept) :].strip(b"\0"):
            raise CiphertextMalformed("What is behind the file's end is no padding.")
        offset += len(data)
        if further is None and offset != padded_length(size):
            raise CiphertextMalformed("The file has another size than its manifest says.")
        yield kept
        if further is None:
            return
        number, sealed = number + 1, further


def _cipher(key: bytes, salt: bytes, application: str) -> AESGCM:
    """Derive the stream's own key (RFC 5869) from the file's, bound to the application."""
    bound = associated_data(application)
    return AESGCM(HKDF(SHA256(), KEY_BYTES, salt, bound).derive(key))


def _nonce(prefix: bytes, number: int, *, last: bool) -> bytes:
    """Name a segment by its place, and the last one as such: so that none can be moved or cut."""
    return prefix + number.to_bytes(4, "big") + bytes((last,))


def _opened(cipher: AESGCM, nonce: bytes, sealed: bytes) -> bytes:
    try:
        return cipher.decrypt(nonce, sealed, None)
    except InvalidTag:
        raise CiphertextMalformed("A segment is not the one that belongs here.") from None


def _padded(parts: Iterable[bytes], size: int) -> Iterator[bytes]:
    """Give a file's bytes and then zeros up to its padded length, never many at once."""
    given = 0
    for part in parts:
        given += len(part)
        yield part
    if given != size:
        raise ValueError("the file has another size than was said")
    rest = padded_length(size) - size
    while rest:
        yield bytes(min(rest, SEGMENT_BYTES))
        rest -= min(rest, SEGMENT_BYTES)


def _cut(parts: Iterable[bytes]) -> Iterator[bytes]:
    """Cut into the plaintexts of segments: the first leaves room for the header."""
    waiting, wanted = bytearray(), FIRST_BYTES
    for part in parts:
        waiting += part
        while len(waiting) >= wanted:
            yield bytes(waiting[:wanted])
            del waiting[:wanted]
            wanted = NEXT_BYTES
    if waiting:
        yield bytes(waiting)
