"""Operations: each says which facts it wants, and decides from them, purely, what is to change.

A store finds the facts, lets the operation decide and applies the changes, all in one transaction;
so each rule is written once, here in the core, whatever store keeps the rows.
"""

from typing import Generic, Protocol, TypeVar

from msgspec import Struct

from lunasec.errors import LunaSecError
from lunasec.tokenizer.core.audit import Entry
from lunasec.tokenizer.core.changes import Change
from lunasec.tokenizer.core.ledger import Facts, Want

T_co = TypeVar("T_co", covariant=True)


class Decision(Struct, Generic[T_co], frozen=True, kw_only=True, gc=False):
    """What an operation decided: the answer or the refusal, and what goes with either."""

    answer: T_co | LunaSecError
    changes: tuple[Change, ...] = ()
    entries: tuple[Entry, ...] = ()


class Operation(Protocol[T_co]):
    """One atomic step of the tokenizer."""

    def want(self) -> Want:
        """Name the facts that the decision rests on."""
        ...

    def decide(self, facts: Facts) -> Decision[T_co]:
        """Decide, without I/O, clock or randomness, what is to be answered and changed."""
        ...
