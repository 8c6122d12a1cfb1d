"""The tokenizer's own keys: one random root, the numbers in use, and when the next is due.

Every key is derived from the root and a number (cipher.py), so the root is all that has to be kept:
a copy of it opens whatever is stored before and after, however often the numbers go on.

Hence what rotation is for, and what it is not for. It bounds how many random nonces one key sees,
which is what AES-GCM needs. It takes nothing back from a thief of the root, who can derive the next
key as well as the last one. Random keys side by side in one file would not either: who takes the
file takes them all.
"""

from dataclasses import dataclass, replace
from typing import Final, Self

from lunasec.tokenizer.core.secret import Secret

KEY_BYTES: Final = 32
ID_BYTES: Final = 16
FRESH_BYTES: Final = ID_BYTES + KEY_BYTES  # What `Keyset.fresh` takes.
# NIST SP 800-38D, section 8.3, allows 2^32 random nonces under one key; half of it, so that a
# process that has not yet heard of the new epoch is still inside the bound.
MAX_WRAPS: Final = 2**31
MAX_AGE: Final = 90 * 24 * 3600  # Seconds.

LAST_WRAP: Final = 2**32 - 1
"""The locks bind an epoch as 32 bits."""

LAST_LOOKUP: Final = 16
"""A token is looked for under each lookup version, so each one costs every request."""

AHEAD: Final = 1024
"""How far a database may push the wrap epoch at one start. Only its number depends on this: what is
further ahead opens all the same, and how often each epoch was used is counted all the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Epoch:
    """The number of a derived key (from 1), and when it came into use (Unix seconds)."""

    number: int
    created_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Newest:
    """The highest numbers that a store knows of; 0 where it knows of none."""

    lookup: int
    wrap: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyset:
    """All keys of one tokenizer: `lookup` derives from tokens, `wrap` locks the records' keys.

    Of both, the newest stands here; those before it are derived where they are met. `id` names the
    key set for ever (32 hexadecimal digits), so that a database can say which one it needs.
    """

    id: str
    root: Secret
    lookup: Epoch
    wrap: Epoch

    def __post_init__(self) -> None:
        """Refuse a root of the wrong size and numbers that can't be."""
        if len(self.root) != KEY_BYTES:
            raise ValueError("a key set has a root of 32 bytes")
        if not 1 <= self.lookup.number <= LAST_LOOKUP or not 1 <= self.wrap.number <= LAST_WRAP:
            message = f"lookup versions go from 1 to {LAST_LOOKUP}, wrap epochs to {LAST_WRAP}"
            raise ValueError(message)

    @classmethod
    def fresh(cls, random: bytes, now: float) -> Self:
        """Make the key set of a new tokenizer from 48 random bytes (`FRESH_BYTES`)."""
        if len(random) != FRESH_BYTES:
            message = f"a key set takes {FRESH_BYTES} random bytes, not {len(random)}"
            raise ValueError(message)
        first = Epoch(number=1, created_at=int(now))
        root = Secret(random[ID_BYTES:])
        return cls(id=random[:ID_BYTES].hex(), root=root, lookup=first, wrap=first)


def rotation_due(keyset: Keyset, wraps: int, now: float) -> bool:
    """Say whether a new wrap epoch is due: 2^31 wraps, or 90 days, whichever comes first."""
    return wraps >= MAX_WRAPS or now - keyset.wrap.created_at >= MAX_AGE


def rotated(keyset: Keyset, now: float) -> Keyset:
    """Begin the next wrap epoch; records are locked anew in the background.

    Raises: `ValueError` after the last one.
    """
    return replace(keyset, wrap=_after(keyset.wrap.number, now))


def lookup_rotated(keyset: Keyset, now: float) -> Keyset:
    """Begin the next lookup version.

    What derives from a token can be made anew only when the token is at hand, so each record moves
    when it is next read, and those that are not are still found under the older versions.

    Raises: `ValueError` after the last one.
    """
    return replace(keyset, lookup=_after(keyset.lookup.number, now))


def caught_up(keyset: Keyset, newest: Newest, now: float) -> Keyset:
    """Go on from where a store has come, if the key set is from an older backup than it.

    A lookup version that the key set does not know would hide every record that has its name from
    it, and its grants from who takes them back: so this comes before the first request. The next
    wrap epoch is then one that nothing was locked in. Numbers that can't be ours are left alone: a
    store that was tampered with costs time, but does not use up the numbers.
    """
    if keyset.lookup.number < newest.lookup <= LAST_LOOKUP:
        keyset = replace(keyset, lookup=Epoch(number=newest.lookup, created_at=int(now)))
    ahead = newest.wrap - keyset.wrap.number
    if 0 < ahead <= AHEAD and newest.wrap < LAST_WRAP:
        keyset = replace(keyset, wrap=_after(newest.wrap, now))
    return keyset


def _after(number: int, now: float) -> Epoch:
    return Epoch(number=number + 1, created_at=int(now))
