"""The tokenizer's own keys, in the order in which they were made, and when the next is due."""

from dataclasses import dataclass, replace
from typing import Final, Self

from lunasec.tokenizer.core.secret import Secret

KEY_BYTES: Final = 32
ID_BYTES: Final = 16
FRESH_BYTES: Final = ID_BYTES + 2 * KEY_BYTES  # What `Keyset.fresh` takes.
# NIST SP 800-38D, section 8.3, allows 2^32 random nonces under one key; half of it, so that a
# process that has not yet heard of the new epoch is still inside the bound.
MAX_WRAPS: Final = 2**31
MAX_AGE: Final = 90 * 24 * 3600  # Seconds.


@dataclass(frozen=True, slots=True, kw_only=True)
class Epoch:
    """One key, its number (from 1, never used twice) and when it was made (Unix seconds)."""

    number: int
    key: Secret
    created_at: int

    def __post_init__(self) -> None:
        """Refuse a key of the wrong size and a number that can't be."""
        if len(self.key) != KEY_BYTES or self.number < 1:
            raise ValueError("an epoch has a number from 1 and a key of 32 bytes")


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyset:
    """All keys of one tokenizer: `lookup` derives from tokens, `wrap` locks the records' keys.

    Both are oldest first. Old keys stay, since records made with them stay readable. `id` names
    the key set for ever (32 hexadecimal digits), so that a database can say which one it needs.
    """

    id: str
    lookup: tuple[Epoch, ...]
    wrap: tuple[Epoch, ...]

    def __post_init__(self) -> None:
        """Refuse a key set without keys, or one in which a number does not tell a single key."""
        for epochs in (self.lookup, self.wrap):
            numbers = [epoch.number for epoch in epochs]
            if not numbers or numbers != sorted(set(numbers)):
                raise ValueError("a key set needs keys of both kinds, in ascending order")

    @classmethod
    def fresh(cls, random: bytes, now: float) -> Self:
        """Make the first key set of a tokenizer from 80 random bytes (`FRESH_BYTES`)."""
        if len(random) != FRESH_BYTES:
            message = f"a key set takes {FRESH_BYTES} random bytes, not {len(random)}"
            raise ValueError(message)
        lookup, wrap = random[ID_BYTES : ID_BYTES + KEY_BYTES], random[ID_BYTES + KEY_BYTES :]
        return cls(
            id=random[:ID_BYTES].hex(),
            lookup=(Epoch(number=1, key=Secret(lookup), created_at=int(now)),),
            wrap=(Epoch(number=1, key=Secret(wrap), created_at=int(now)),),
        )

    @property
    def current_lookup(self) -> Epoch:
        """The key from which new records get their name."""
        return self.lookup[-1]

    @property
    def current_wrap(self) -> Epoch:
        """The key under which new records are locked."""
        return self.wrap[-1]


def rotation_due(keyset: Keyset, wraps: int, now: float) -> bool:
    """Say whether a new wrap epoch is due: 2^31 wraps, or 90 days, whichever comes first."""
    return wraps >= MAX_WRAPS or now - keyset.current_wrap.created_at >= MAX_AGE


def rotated(keyset: Keyset, random: bytes, now: float) -> Keyset:
    """Append a wrap epoch made of 32 random bytes; records are locked anew in the background."""
    return replace(keyset, wrap=(*keyset.wrap, _next(keyset.current_wrap, random, now)))


def lookup_rotated(keyset: Keyset, random: bytes, now: float) -> Keyset:
    """Append a lookup key made of 32 random bytes.

    What derives from a token can be made anew only when the token is at hand, so each record moves
    to the new key when it is next used, and the old key stays for those that are not.
    """
    return replace(keyset, lookup=(*keyset.lookup, _next(keyset.current_lookup, random, now)))


def _next(epoch: Epoch, random: bytes, now: float) -> Epoch:
    return Epoch(number=epoch.number + 1, key=Secret(random), created_at=int(now))
