"""Tells a database from an older copy of itself, by a mark that is kept beside the key (T26)."""

from dataclasses import dataclass
from enum import Enum, auto


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """How far a store has come: its id, the restores it went through, and a counter.

    The store counts `generation` up with what must not be undone, and `incarnation` at each
    restore, which voids all grants and sessions. Generation 0 is a store that never held anything.
    """

    store_id: str
    incarnation: int
    generation: int


class Standing(Enum):
    """How a store stands to the mark beside the key; only the first three may be served."""

    FRESH = auto()
    """Never used, and no mark beside the key: the first start."""
    CURRENT = auto()
    """Exactly as far as the mark."""
    AHEAD = auto()
    """Further than the mark: the process died after its commit and before the mark."""
    BEHIND = auto()
    """An older copy: what was revoked since would live again."""
    FOREIGN = auto()
    """Another store than the one that the mark was made for."""
    UNMARKED = auto()
    """Used before, and no mark: the mark was lost, or the store was brought from elsewhere."""


SERVED = frozenset({Standing.FRESH, Standing.CURRENT, Standing.AHEAD})


def compare(store: Mark, beside: Mark | None) -> Standing:
    """Say how a store stands to the mark beside the key.

    Sound only where each mark is written after the store's commit and before the answer: then a
    store behind its mark has lost something that somebody was told.
    """
    if beside is None:
        return Standing.UNMARKED if store.incarnation or store.generation else Standing.FRESH
    if store.store_id != beside.store_id:
        return Standing.FOREIGN
    at = (store.incarnation, store.generation)
    marked = (beside.incarnation, beside.generation)
    if at < marked:
        return Standing.BEHIND
    return Standing.CURRENT if at == marked else Standing.AHEAD
