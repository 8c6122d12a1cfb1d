"""What the core needs from outside. Each docstring is a promise, and a test of the suite."""

from collections.abc import Callable
from typing import Protocol, TypeVar

from lunasec.errors import LunaSecError
from lunasec.tokenizer.core.audit import Head
from lunasec.tokenizer.core.ledger import Facts, Operation, Want

T = TypeVar("T")

Clock = Callable[[], int]
"""The time in whole seconds since the epoch."""


class Store(Protocol):
    """Keeps the ledger. One order of operations holds for everybody who uses the store."""

    async def transact(self, operation: Operation[T]) -> T | LunaSecError:
        """Find, decide and apply in one transaction; return the answer or refusal it decided.

        The audit entries, and whatever was changed, are durable before this returns. An operation
        whose changes can't be written has changed nothing and raises `Unavailable`; the next one
        sees what this one did.
        """
        ...

    async def look(self, want: Want) -> Facts:
        """Read facts without a decision, an audit entry or a wait for writers."""
        ...

    async def head(self) -> Head:
        """Return the end of the audit chain."""
        ...

    async def close(self) -> None:
        """Finish what is under way, and let go of every resource."""
        ...
