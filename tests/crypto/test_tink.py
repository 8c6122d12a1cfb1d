"""Files that we sealed, opened by Tink, and the other way round: the format is not ours alone."""

import secrets
from typing import Final

import pytest

from lunasec.encoding import from_base64url
from lunasec.errors import CiphertextMalformed
from lunasec.sealed_stream import open_file, seal_file
from lunasec.tokenizer.core.stream import (
    FIRST_BYTES,
    NEXT_BYTES,
    SEGMENT_BYTES,
    associated_data,
    padded_length,
)
from tests.crypto.file_vectors import VALID, stream_of, unopenable_stream
from tests.crypto.tink_stream import Refused, opens, seals
from tests.crypto.vectors import Case, vectors

KEY: Final = secrets.token_bytes(32)
BOUND: Final = associated_data("payroll")
SIZES: Final = (
    0,
    1,
    1000,
    FIRST_BYTES - 1,
    FIRST_BYTES,
    FIRST_BYTES + 1,
    FIRST_BYTES + NEXT_BYTES,
    3 * SEGMENT_BYTES + 7,
)


def sealed(data: bytes, key: bytes = KEY) -> list[bytes]:
    """Seal a file of `payroll`."""
    salt, prefix = secrets.token_bytes(32), secrets.token_bytes(7)
    parts = [data[at : at + 70_000] for at in range(0, len(data), 70_000)]
    made = seal_file(
        parts, size=len(data), application="payroll", key=key, salt=salt, prefix=prefix
    )
    return list(made)


def cut(stream: bytes) -> list[bytes]:
    """Cut a stream into its segments."""
    return [stream[at : at + SEGMENT_BYTES] for at in range(0, len(stream), SEGMENT_BYTES)]


def padded(data: bytes) -> bytes:
    """Pad a file."""
    return data + bytes(padded_length(len(data)) - len(data))


@pytest.mark.parametrize("size", SIZES)
def test_tink_opens_what_we_sealed(size: int) -> None:
    """Tink reads the file and its zeros, whatever the number of segments."""
    data = secrets.token_bytes(size)
    segments = sealed(data)
    assert {len(each) for each in segments[:-1]} <= {SEGMENT_BYTES}
    assert opens(b"".join(segments), KEY, BOUND) == padded(data)


@pytest.mark.parametrize("size", SIZES)
def test_we_open_what_tink_sealed(size: int) -> None:
    """A padded file that Tink sealed is the file."""
    data = secrets.token_bytes(size)
    segments = cut(seals(padded(data), KEY, BOUND))
    opened = open_file(segments, size=size, application="payroll", key=KEY)
    assert b"".join(opened) == data


def test_neither_opens_what_is_of_another_application() -> None:
    """A stream is bound to its application, in Tink's reading too."""
    data = secrets.token_bytes(5000)
    with pytest.raises(Refused):
        opens(b"".join(sealed(data)), KEY, associated_data("clinic"))
    foreign = cut(seals(padded(data), KEY, associated_data("clinic")))
    with pytest.raises(CiphertextMalformed):
        list(open_file(foreign, size=len(data), application="payroll", key=KEY))


@pytest.mark.parametrize("case", VALID, ids=lambda case: case["why"])
def test_tink_opens_the_vectors(case: Case) -> None:
    """What the vectors' own writer sealed, Tink opens."""
    data, segments = stream_of(case["why"])
    key = from_base64url(case["key"])
    assert opens(b"".join(segments), key, associated_data(case["application"])) == padded(data)


@pytest.mark.parametrize("case", vectors("file")["unopenable"], ids=lambda case: case["why"])
def test_tink_refuses_what_we_refuse(case: Case) -> None:
    """Whatever must not open, Tink does not open either, or to bytes that no manifest fits."""
    stream = b"".join(unopenable_stream(case))
    size = case["size"]
    try:
        data = opens(stream, from_base64url(case["key"]), associated_data(case["application"]))
    except Refused:
        return
    assert len(data) != padded_length(size) or data[size:].strip(b"\0")
