"""Strict JSON has one reading, or none."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lunasec.jose.strict_json import MAX_DEPTH, parse_object

NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | NAMES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=8,
)


@given(st.dictionaries(NAMES, VALUES, max_size=4), st.booleans())
def test_what_json_writes_is_read(value: dict[str, object], ascii_only: bool) -> None:  # noqa: FBT001
    """Every object without oddities is read as it was written, escaped or in UTF-8."""
    assert parse_object(json.dumps(value, ensure_ascii=ascii_only).encode()) == value


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    """No bytes raise anything but `ValueError`, and what is read is an object."""
    try:
        assert isinstance(parse_object(data), dict)
    except ValueError as error:
        assert error.__cause__ is None  # noqa: PT017 - most bytes are refused, a few are not


@pytest.mark.parametrize(
    "text",
    [
        '{"a": 1, "a": 1}',
        '{"a": 1, "\\u0061": 2}',
        '{"b": {"a": 1, "a": 1}}',
        '{"b": [{"a": 1, "a": 1}]}',
        '{"a": NaN}',
        '{"a": Infinity}',
        '{"a": -Infinity}',
        '{"a": "\\ud800"}',
        '{"\\udfff": 1}',
        "[]",
        '"a"',
        "1",
        "null",
        "",
        "{} {}",
        "{}x",
        "\ufeff{}",
        "{'a': 1}",
        '{"a": 01}',
        '{"a": "\n"}',
        '{"a": ' + "9" * 5000 + "}",
    ],
)
def test_two_readings_are_none(text: str) -> None:
    """What two parsers could read in two ways, or one not at all, is refused."""
    with pytest.raises(ValueError, match="JSON"):
        parse_object(text.encode())


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8-sig"])
def test_other_encodings_are_refused(encoding: str) -> None:
    """JSON in any other encoding than UTF-8 is refused, where Python's own reader guesses."""
    data = '{"a": 1}'.encode(encoding)
    with pytest.raises(ValueError, match="JSON"):
        parse_object(data)


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
def test_nesting_has_an_end(opening: str, closing: str) -> None:
    """16 levels are read, 17 and 100,000 are not."""
    for levels in (1, MAX_DEPTH, MAX_DEPTH + 1, 100_000):
        inside = opening * (levels - 1) + "1" + closing * (levels - 1)
        data = f'{{"a":{inside}}}'.encode()
        if levels <= MAX_DEPTH:
            assert parse_object(data)
        else:
            with pytest.raises(ValueError, match="JSON"):
                parse_object(data)


def test_a_number_too_large_for_a_float_is_infinite_and_not_an_error() -> None:
    """`1e400` is legal JSON; whoever uses a number bounds it."""
    assert math.isinf(parse_object(b'{"a": 1e400}')["a"])
