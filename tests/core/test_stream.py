"""A file's stream: its segments, the few lengths that it may have, and what is missing of one."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lunasec.errors import MalformedRequest
from lunasec.tokenizer.core.stream import (
    FIRST_BYTES,
    LONGEST_STREAM,
    NEXT_BYTES,
    SEGMENT_BYTES,
    associated_data,
    check_size,
    missing_ranges,
    padded_length,
    sealed_size,
    segment_size,
    segments,
    stream_size,
)

HEADER, TAG = 40, 16
FULL = [FIRST_BYTES + further * NEXT_BYTES for further in range(4)]
"""Lengths that fill their last segment."""

LENGTHS = [1, 2, 1000, *(full + more for full in FULL for more in (-1, 0, 1))]


def is_padded(length: int) -> bool:
    """Say whether Padmé has a length: few of its binary digits are used, fewer than it has."""
    digits = f"{length:b}"
    used = 1 + (len(digits) - 1).bit_length()
    return "1" not in digits[used:]


def cut(length: int) -> list[int]:
    """Cut plaintext into segments of a stream, each with its tag, the first with the header."""
    sizes, header = list[int](), HEADER
    while length or not sizes:
        piece = min(length, SEGMENT_BYTES - header - TAG)
        sizes.append(header + piece + TAG)
        length, header = length - piece, 0
    return sizes


def test_a_file_is_padded_to_the_next_length_there_is() -> None:
    """Of all sizes up to some thousands, an empty file's is one byte."""
    there = [length for length in range(1, 2**13 + 1) if is_padded(length)]
    for size in range(2**13 + 1):
        assert padded_length(size) == next(length for length in there if length >= max(1, size))


@given(st.integers(1, LONGEST_STREAM))
def test_padding_is_at_most_an_eighth(size: int) -> None:
    """No more than 12 % are added, whatever the size, and no length is padded again."""
    length = padded_length(size)
    assert size <= length <= size * 1.12
    assert is_padded(length)
    assert padded_length(length) == length


@pytest.mark.parametrize("length", LENGTHS)
def test_a_stream_is_cut_into_full_segments(length: int) -> None:
    """Each has 1 MiB but the last, the stream is all of them, and there are no others."""
    size, sizes = stream_size(length), cut(length)
    assert (size, segments(size)) == (sum(sizes), len(sizes))
    assert [segment_size(size, index) for index in range(len(sizes))] == sizes
    for index in (-1, len(sizes), len(sizes) + 1):
        with pytest.raises(MalformedRequest):
            segment_size(size, index)


def _is_accepted(size: int) -> bool:
    try:
        check_size(size)
    except MalformedRequest:
        return False
    return True


def test_a_size_is_that_of_a_padded_file() -> None:
    """Of all small sizes exactly those of some file, and of large ones none beside these."""
    there = {sealed_size(size) for size in range(2000)}
    assert there == {sum(cut(padded_length(size))) for size in range(2000)}
    for size in range(-TAG, max(there) + 1):
        assert _is_accepted(size) == (size in there), size
    for size in (*LENGTHS[3:], *(full + 2**14 for full in FULL)):
        right = sealed_size(size)
        assert right == stream_size(padded_length(size))
        assert [_is_accepted(right + more) for more in (-TAG, -1, 0, 1, TAG)] == [
            more == 0 for more in (-TAG, -1, 0, 1, TAG)
        ]


def test_what_is_missing_is_told_in_ranges() -> None:
    """For each set of segments that are there: all others, ascending, and no two that touch."""
    for count in range(7):
        for there in (set(each) for many in range(8) for each in combinations(range(7), many)):
            ranges = missing_ranges(there, count)
            listed = [index for first, last in ranges for index in range(first, last + 1)]
            assert listed == [index for index in range(count) if index not in there]
            assert all(first <= last for first, last in ranges)
            assert len(ranges) == sum(
                index not in there and index + 1 in {*there, count} for index in range(count)
            )


def test_a_stream_is_bound_to_its_application() -> None:
    """The label and the application's name, each behind its length."""
    assert associated_data("payroll") == b"\0\0\0\x0flunasec/file/v1\0\0\0\7payroll"
