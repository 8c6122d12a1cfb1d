"""The encodings that all else is built from."""

import base64
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lunasec.encoding import from_base64url, length_prefixed, to_base64url

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


@given(st.binary(max_size=70))
def test_every_value_has_a_spelling(data: bytes) -> None:
    """What is written can be read, and is what the standard library writes, unpadded."""
    text = to_base64url(data)
    assert from_base64url(text) == data
    assert text == base64.urlsafe_b64encode(data).decode().rstrip("=")


def test_every_value_has_one_spelling_only() -> None:
    """Of all texts of up to 3 characters, exactly one is read as each value: none is read twice."""
    read = [
        data
        for length in range(4)
        for text in map("".join, product(ALPHABET + "+/= \n=é", repeat=length))
        if (data := _read(text)) is not None
    ]
    assert len(read) == len(set(read)) == 1 + 256 + 256**2


def _read(text: str) -> bytes | None:
    try:
        return from_base64url(text)
    except ValueError:
        return None


@pytest.mark.parametrize(
    "text", ["A", "AA==", "AB", "A\n", "AA\n", "++", "//", "é", "\ud800", "AAAAA"]
)
def test_other_spellings_are_refused_in_silence(text: str) -> None:
    """Anything but the one spelling raises `ValueError`, and the error does not quote it."""
    with pytest.raises(ValueError, match=r"^not base64url$") as caught:
        from_base64url(text)
    assert caught.value.__cause__ is None


@given(st.lists(st.binary(max_size=5), max_size=4), st.lists(st.binary(max_size=5), max_size=4))
def test_lists_of_fields_never_collide(one: list[bytes], other: list[bytes]) -> None:
    """Two lists of fields are joined to the same bytes only when they are the same list."""
    assert (length_prefixed(*one) == length_prefixed(*other)) == (one == other)


def test_fields_that_were_shifted_never_collide() -> None:
    """Every way to cut the same eight bytes into fields gives bytes of its own."""
    data = b"\x00\x00\x00\x01abcd"
    cuts = [
        [data[:first], data[first:second], data[second:]]
        for first in range(9)
        for second in range(first, 9)
    ]
    assert len({length_prefixed(*each) for each in cuts}) == len(cuts)
