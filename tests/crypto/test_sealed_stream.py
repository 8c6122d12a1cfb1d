"""What the frame does with a file, in Python, by the vectors that the browser is tested by."""

import hashlib
import secrets
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lunasec.encoding import from_base64url, to_base64url
from lunasec.errors import CiphertextMalformed, MalformedRequest
from lunasec.sealed_stream import open_file, seal_file
from lunasec.sealing import Manifest, read_manifest
from lunasec.tokenizer.core import stream
from lunasec.tokenizer.core.envelope import TAG_BYTES
from tests.crypto.file_vectors import VALID, stream_of, unopenable_stream
from tests.crypto.vectors import Case, vectors

VECTORS = vectors("file")
KEY, SALT, PREFIX = bytes(32), bytes(32), bytes(7)


def opened(case: Case, segments: list[bytes]) -> bytes:
    """Open a stream with a vector's manifest."""
    key = from_base64url(case["key"])
    parts = open_file(segments, size=case["size"], application=case["application"], key=key)
    return b"".join(parts)


@pytest.mark.parametrize("case", VECTORS["padded"], ids=lambda case: str(case["size"]))
def test_lengths_are_padded(case: Case) -> None:
    """Each size has the padded length that the vectors' own writer computed."""
    assert stream.padded_length(case["size"]) == case["length"]


@pytest.mark.parametrize("case", VALID, ids=lambda case: case["why"])
def test_vectors_are_sealed(case: Case) -> None:
    """Each vector is sealed byte by byte as another program sealed it."""
    _, segments = stream_of(case["why"])
    if "stream" in case:
        assert to_base64url(b"".join(segments)) == case["stream"]
    else:
        assert case["segments"] == [
            {"size": len(each), "sha256": to_base64url(hashlib.sha256(each).digest())}
            for each in segments
        ]
    size = stream.sealed_size(case["size"])
    assert case["stream_size"] == size == sum(map(len, segments))
    stream.check_size(size)
    sizes = [stream.segment_size(size, index) for index in range(stream.segments(size))]
    assert sizes == [len(each) for each in segments]


@pytest.mark.parametrize("case", VALID, ids=lambda case: case["why"])
def test_vectors_open(case: Case) -> None:
    """Each vector opens to its file."""
    data, segments = stream_of(case["why"])
    assert opened(case, segments) == data


@pytest.mark.parametrize("case", VECTORS["unopenable"], ids=lambda case: case["why"])
def test_t5_vectors_stay_shut(case: Case) -> None:
    """Truncated, reordered, swapped, duplicated segments and wrong padding never open.

    What came out before the wrong segment is the right beginning of the file, and nothing else.
    """
    data, _ = stream_of("two segments")
    came, key = bytearray(), from_base64url(case["key"])
    parts = open_file(
        unopenable_stream(case), size=case["size"], application=case["application"], key=key
    )
    with pytest.raises(CiphertextMalformed) as caught:
        _receive(parts, came)
    assert caught.value.code == case["error"]
    assert data.startswith(bytes(came))
    right = [tuple(each) for each in case.get("made_of", [])][:1] == [("two segments", 0)]
    assert bool(came) == (right and len(case["made_of"]) > 1)


def _receive(parts: Iterator[bytes], came: bytearray) -> None:
    for part in parts:
        came += part


@settings(max_examples=300)
@given(st.integers(0, 2**40), st.integers(1, 100))
def test_padding_hides_the_size(size: int, more: int) -> None:
    """It costs at most 12 %, never shortens, keeps the order, and is a fixed point of itself."""
    length = stream.padded_length(size)
    assert size <= length <= max(1, size * 1.12)
    assert stream.padded_length(length) == length
    assert stream.padded_length(size + more) >= length
    stream.check_size(stream.stream_size(length))


@settings(max_examples=300)
@given(st.integers(1, 2**41))
def test_only_sizes_of_padded_files_are_sizes(size: int) -> None:
    """A size is taken exactly where some file's sealed stream has it."""
    count = stream.segments(size)
    length = size - stream.HEADER_BYTES - count * TAG_BYTES
    one = length >= 1 and stream.stream_size(length) == size
    if one and stream.padded_length(length) == length:
        stream.check_size(size)
        return
    with pytest.raises(MalformedRequest):
        stream.check_size(size)


@pytest.mark.parametrize("size", [4, 6, 0])
def test_a_file_that_changed_is_not_sealed(size: int) -> None:
    """Where it has another size than was said, sealing ends in an error."""
    with pytest.raises(ValueError, match="another size"):
        list(
            seal_file(
                [b"12345"], size=size, application="payroll", key=KEY, salt=SALT, prefix=PREFIX
            )
        )


@pytest.mark.parametrize(
    ("key", "salt", "prefix"),
    [(KEY[1:], SALT, PREFIX), (KEY, SALT + b"0", PREFIX), (KEY, SALT, b"")],
)
def test_keys_have_their_lengths(key: bytes, salt: bytes, prefix: bytes) -> None:
    """A key, salt or prefix of another length is not used."""
    with pytest.raises(ValueError, match="32 bytes"):
        list(seal_file([b""], size=0, application="a", key=key, salt=salt, prefix=prefix))


def test_manifest_is_read_as_it_was_written() -> None:
    """Name, type, size and key come back; what is no manifest is refused without a word of it."""
    key = to_base64url(secrets.token_bytes(32))
    manifest = Manifest(name="Lohn \N{GRINNING FACE}.pdf", type="application/pdf", size=7, key=key)
    assert read_manifest(manifest.text()) == manifest
    for text in ("", "{}", "[]", '{"name": 1}', manifest.text()[:-1] + ', "more": 1}'):
        with pytest.raises(CiphertextMalformed) as caught:
            read_manifest(text)
        assert key not in caught.value.detail
