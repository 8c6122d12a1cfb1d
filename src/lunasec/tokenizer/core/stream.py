"""The stream of a file: its segments and its padded length, read off its size and never opened.

The format is Tink's streaming AEAD, key template AES256_GCM_HKDF_1MB: a header in the first
segment, each segment exactly 1 MiB but the last, each with a tag of its own.
"""

from typing import Final

from lunasec.encoding import length_prefixed
from lunasec.errors import MalformedRequest
from lunasec.tokenizer.core.envelope import TAG_BYTES

SEGMENT_BYTES: Final = 2**20
SALT_BYTES: Final = 32
PREFIX_BYTES: Final = 7
HEADER_BYTES: Final = 1 + SALT_BYTES + PREFIX_BYTES
FIRST_BYTES: Final = SEGMENT_BYTES - HEADER_BYTES - TAG_BYTES
"""Plaintext in the first segment, if it is full."""

NEXT_BYTES: Final = SEGMENT_BYTES - TAG_BYTES
"""The same for every other one."""

MANIFEST_BYTES: Final = 4096
"""Of JSON in UTF-8: a name, a media type, a size and a key."""

BLOB_BYTES: Final = 32
"""Of the random name under which a stream lies."""

LONGEST_STREAM: Final = 2**53
"""In bytes; JavaScript counts no further without a gap."""

KIND: Final = "file"
"""What a manifest's envelope is bound to; no other value has this kind."""

_LABEL: Final = b"lunasec/file/v1"


def padded_length(size: int) -> int:
    """Give the length to which a file is padded: at most 12 % more, and few lengths for many sizes.

    Padmé (Nikitin and others, "Reducing Metadata Leakage from Encrypted Files and Communication
    with PURBs", 2019, section 4.2); one byte for a file of none.
    """
    size = max(1, size)
    exponent = size.bit_length() - 1
    mask = (1 << (exponent - exponent.bit_length())) - 1
    return (size + mask) & ~mask


def stream_size(length: int) -> int:
    """Give the bytes of a whole stream whose padded plaintext has that length."""
    further = max(0, length - FIRST_BYTES)
    return HEADER_BYTES + length + TAG_BYTES * (1 + -(-further // NEXT_BYTES))


def sealed_size(size: int) -> int:
    """Give the bytes of the stream of a file of that size."""
    return stream_size(padded_length(size))


def segments(size: int) -> int:
    """Count the segments of a stream of that size."""
    return -(-size // SEGMENT_BYTES)


def segment_size(size: int, index: int) -> int:
    """Give the bytes of one segment of a stream of that size.

    Raises: `MalformedRequest` where the stream has no such segment.
    """
    last = segments(size) - 1
    if not 0 <= index <= last:
        raise MalformedRequest("The file has no segment of that number.")
    return SEGMENT_BYTES if index < last else size - last * SEGMENT_BYTES


def check_size(size: int) -> None:
    """Refuse a size that no file's stream has: it would tell more of the file than it may.

    Raises: `MalformedRequest`.
    """
    length = size - HEADER_BYTES - TAG_BYTES * segments(size)
    if sealed_size(length) != size:
        raise MalformedRequest("`size` is not that of a sealed and padded file.")


def missing_ranges(there: set[int], count: int) -> list[tuple[int, int]]:
    """List the segments below `count` that are not there, as ranges of their first and last."""
    ranges: list[tuple[int, int]] = []
    for index in range(count):
        if index in there:
            continue
        if ranges and ranges[-1][1] == index - 1:
            ranges[-1] = (ranges[-1][0], index)
        else:
            ranges.append((index, index))
    return ranges


def associated_data(application: str) -> bytes:
    """Give what each stream of an application is bound to."""
    return length_prefixed(_LABEL, application.encode("ascii"))
