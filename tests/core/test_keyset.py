"""A key set has one root for ever; its numbers go up, and it says when the next one is due."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lunasec.tokenizer.core.keyset import (
    AHEAD,
    FRESH_BYTES,
    LAST_LOOKUP,
    LAST_WRAP,
    MAX_AGE,
    MAX_WRAPS,
    Epoch,
    Keyset,
    Newest,
    caught_up,
    lookup_rotated,
    rotated,
    rotation_due,
)
from lunasec.tokenizer.core.secret import Secret

NOW = 1_800_000_000
RANDOM = bytes(range(FRESH_BYTES))
FRESH = Keyset.fresh(RANDOM, NOW)


def numbered(*, lookup: int = 1, wrap: int = 1) -> Keyset:
    """Make a key set that has come to these numbers."""
    lookups, wraps = (Epoch(number=each, created_at=NOW) for each in (lookup, wrap))
    return replace(FRESH, lookup=lookups, wrap=wraps)


def numbers(keyset: Keyset) -> tuple[int, int]:
    """Give both numbers."""
    return keyset.lookup.number, keyset.wrap.number


def test_a_fresh_key_set_uses_each_random_byte_once() -> None:
    """Id and root come from different random bytes, all of them."""
    keyset = Keyset.fresh(RANDOM, NOW + 0.9)
    assert bytes.fromhex(keyset.id) + keyset.root.reveal() == RANDOM
    assert keyset.lookup == keyset.wrap == Epoch(number=1, created_at=NOW)


@given(st.lists(st.booleans(), max_size=LAST_LOOKUP - 1))
def test_rotation_keeps_the_root(steps: list[bool]) -> None:
    """Each rotation counts up the one kind that was asked for, and touches nothing else."""
    keyset = FRESH
    for place, lookup in enumerate(steps):
        older, keyset = keyset, (lookup_rotated if lookup else rotated)(keyset, NOW + place + 0.5)
        before = older.lookup if lookup else older.wrap
        after = Epoch(number=before.number + 1, created_at=NOW + place)
        expected = replace(older, lookup=after) if lookup else replace(older, wrap=after)
        assert keyset == expected
    assert (keyset.id, keyset.root) == (FRESH.id, FRESH.root)


def test_rotation_ends_with_the_numbers() -> None:
    """There is no number after the last one, and none is used a second time instead."""
    last = numbered(lookup=LAST_LOOKUP, wrap=LAST_WRAP)
    for rotate in (rotated, lookup_rotated):
        with pytest.raises(ValueError, match=f"1 to {LAST_LOOKUP}, wrap epochs to {LAST_WRAP}"):
            rotate(last, NOW)


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
    assert rotation_due(FRESH, wraps, NOW + age) is due


def test_the_newest_epoch_counts() -> None:
    """After a rotation the new epoch's age decides, not the first one's."""
    assert not rotation_due(rotated(FRESH, NOW + MAX_AGE), 0, NOW + MAX_AGE + 1)


def test_an_older_backup_goes_on_from_the_store() -> None:
    """Behind its store, a key set learns of lookup versions, and takes an epoch nobody used."""
    caught = caught_up(numbered(lookup=1, wrap=2), Newest(lookup=3, wrap=7), NOW + 9)
    assert caught.lookup == Epoch(number=3, created_at=NOW + 9)
    assert caught.wrap == Epoch(number=8, created_at=NOW + 9)
    assert (caught.id, caught.root) == (FRESH.id, FRESH.root)


def test_a_store_at_the_last_epoch_ends_nothing() -> None:
    """Behind a store that has used the last epoch there is no next one: the key set stays."""
    keyset = numbered(wrap=LAST_WRAP - 2)
    assert caught_up(keyset, Newest(lookup=1, wrap=LAST_WRAP), NOW) == keyset
    caught = caught_up(keyset, Newest(lookup=1, wrap=LAST_WRAP - 1), NOW)
    assert numbers(caught) == (1, LAST_WRAP)


def test_a_store_may_be_as_far_ahead_as_is_allowed() -> None:
    """The last lookup version, and the last epoch of those that can be ours, are caught up with."""
    newest = Newest(lookup=LAST_LOOKUP, wrap=1 + AHEAD)
    assert numbers(caught_up(numbered(), newest, NOW)) == (LAST_LOOKUP, 2 + AHEAD)
    beyond = Newest(lookup=LAST_LOOKUP + 1, wrap=2 + AHEAD)
    assert caught_up(numbered(), beyond, NOW) == numbered()


NUMBERS = st.integers(0, 2 * LAST_LOOKUP) | st.integers(0, 2 * AHEAD) | st.integers(0, 2**63)


@given(st.integers(1, LAST_LOOKUP), st.integers(1, LAST_WRAP), NUMBERS, NUMBERS)
def test_catching_up_never_goes_back_nor_far(
    lookup: int, wrap: int, newest_lookup: int, newest_wrap: int
) -> None:
    """Whatever a store says, numbers never fall, never leave their bounds, and rest when level."""
    keyset = numbered(lookup=lookup, wrap=wrap)
    newest = Newest(lookup=newest_lookup, wrap=newest_wrap)
    caught = caught_up(keyset, newest, NOW + 9)
    after_lookup, after_wrap = numbers(caught)
    assert lookup <= after_lookup <= LAST_LOOKUP
    assert wrap <= after_wrap <= min(wrap + AHEAD + 1, LAST_WRAP)
    assert caught_up(caught, newest, NOW + 10) == caught or newest_wrap > after_wrap
    if newest_lookup <= lookup and newest_wrap <= wrap:
        assert caught == keyset
    if newest_lookup <= LAST_LOOKUP:
        assert after_lookup >= newest_lookup
    if newest_wrap <= wrap + AHEAD and newest_wrap < LAST_WRAP:
        assert after_wrap > newest_wrap or after_wrap == newest_wrap == wrap


@pytest.mark.parametrize(
    ("lookup", "wrap"), [(0, 1), (-1, 1), (LAST_LOOKUP + 1, 1), (1, 0), (1, -1), (1, LAST_WRAP + 1)]
)
def test_numbers_that_cannot_be_make_no_key_set(lookup: int, wrap: int) -> None:
    """Numbers begin with 1 and end where the locks and the cost of a request end."""
    with pytest.raises(ValueError, match="lookup versions go from 1"):
        numbered(lookup=lookup, wrap=wrap)
    assert numbers(numbered(lookup=LAST_LOOKUP, wrap=LAST_WRAP)) == (16, 2**32 - 1)


@pytest.mark.parametrize("length", [0, 31, 33])
def test_a_root_is_whole(length: int) -> None:
    """A root that is not 256 bits makes no key set."""
    with pytest.raises(ValueError, match="32 bytes"):
        replace(FRESH, root=Secret(bytes(length)))


@pytest.mark.parametrize("length", [0, FRESH_BYTES - 1, FRESH_BYTES + 1])
def test_a_fresh_key_set_needs_all_its_randomness(length: int) -> None:
    """A key set of too few random bytes is not made."""
    with pytest.raises(ValueError, match="48 random bytes"):
        Keyset.fresh(bytes(length), NOW)


def test_its_representation_says_nothing() -> None:
    """A key set in a log or a traceback shows no key."""
    text = repr(FRESH)
    assert text.count("Secret(…)") == 1
    assert RANDOM[16:20].hex() not in text
