"""Key sets grow, never lose a key, and say when the next one is due."""

from itertools import pairwise, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lunasec.tokenizer.core.keyset import (
    FRESH_BYTES,
    MAX_AGE,
    MAX_WRAPS,
    Epoch,
    Keyset,
    lookup_rotated,
    rotated,
    rotation_due,
)
from lunasec.tokenizer.core.secret import Secret

NOW = 1_800_000_000
RANDOM = bytes(range(FRESH_BYTES))


def epoch(number: int) -> Epoch:
    """Make an epoch with a key of its own."""
    return Epoch(number=number, key=Secret(bytes((number,)) * 32), created_at=NOW)


def test_a_fresh_key_set_uses_each_random_byte_once() -> None:
    """Id, lookup key and wrap key come from different random bytes, all of them."""
    keyset = Keyset.fresh(RANDOM, NOW + 0.9)
    lookup, wrap = keyset.current_lookup, keyset.current_wrap
    assert bytes.fromhex(keyset.id) + lookup.key.reveal() + wrap.key.reveal() == RANDOM
    assert (lookup.number, wrap.number) == (1, 1)
    assert lookup.created_at == wrap.created_at == NOW


@given(st.lists(st.booleans(), max_size=8))
def test_rotation_keeps_every_old_key(steps: list[bool]) -> None:
    """Each rotation adds one key, newest last, to the one kind that was asked for."""
    keyset = Keyset.fresh(RANDOM, NOW)
    for place, lookup in enumerate(steps):
        rotate, key = (lookup_rotated if lookup else rotated), bytes((place,)) * 32
        older, keyset = keyset, rotate(keyset, key, NOW + place)
        grown, same = (
            ((older.lookup, keyset.lookup), (older.wrap, keyset.wrap))
            if lookup
            else ((older.wrap, keyset.wrap), (older.lookup, keyset.lookup))
        )
        assert grown[1][:-1] == grown[0]
        assert same[1] == same[0]
        newest = grown[1][-1]
        assert newest == Epoch(
            number=grown[0][-1].number + 1, key=Secret(key), created_at=NOW + place
        )
        assert keyset.id == older.id


@pytest.mark.parametrize(
    ("wraps", "age", "due"),
    [
        (0, 0, False),
        (MAX_WRAPS - 1, MAX_AGE - 1, False),
        (MAX_WRAPS, 0, True),
        (0, MAX_AGE, True),
        (MAX_WRAPS, MAX_AGE, True),
        (0, -MAX_AGE, False),
    ],
)
def test_rotation_is_due_by_use_or_by_age(wraps: int, age: int, due: bool) -> None:  # noqa: FBT001
    """An epoch ends at 2^31 wraps or 90 days, whichever comes first, to the one and the second."""
    assert (MAX_WRAPS, MAX_AGE) == (2147483648, 7776000)
    assert rotation_due(Keyset.fresh(RANDOM, NOW), wraps, NOW + age) is due


def test_the_newest_epoch_counts() -> None:
    """After a rotation the new epoch's age decides, not the first one's."""
    keyset = rotated(Keyset.fresh(RANDOM, NOW), bytes(32), NOW + MAX_AGE)
    assert not rotation_due(keyset, 0, NOW + MAX_AGE + 1)


def test_numbers_tell_one_key() -> None:
    """Of all lists of up to 3 numbers, those that ascend without repeating make a key set."""
    for size in range(4):
        for numbers in product((1, 2, 3), repeat=size):
            epochs = tuple(epoch(number) for number in numbers)
            right = size > 0 and all(a < b for a, b in pairwise(numbers))
            for lookup, wrap in ((epochs, (epoch(1),)), ((epoch(1),), epochs)):
                if right:
                    Keyset(id="k", lookup=lookup, wrap=wrap)
                else:
                    with pytest.raises(ValueError, match="ascending"):
                        Keyset(id="k", lookup=lookup, wrap=wrap)


@pytest.mark.parametrize(("number", "length"), [(0, 32), (-1, 32), (1, 31), (1, 33), (1, 0)])
def test_an_epoch_is_whole(number: int, length: int) -> None:
    """An epoch without a number, or with a key that is not 256 bits, is not made."""
    with pytest.raises(ValueError, match="32 bytes"):
        Epoch(number=number, key=Secret(bytes(length)), created_at=NOW)


@pytest.mark.parametrize("length", [0, FRESH_BYTES - 1, FRESH_BYTES + 1])
def test_a_fresh_key_set_needs_all_its_randomness(length: int) -> None:
    """A key set of too few random bytes is not made."""
    with pytest.raises(ValueError, match="80 random bytes"):
        Keyset.fresh(bytes(length), NOW)


def test_its_representation_says_nothing() -> None:
    """A key set in a log or a traceback shows no key."""
    text = repr(Keyset.fresh(RANDOM, NOW))
    assert text.count("Secret(…)") == 2
    assert RANDOM[16:20].hex() not in text
