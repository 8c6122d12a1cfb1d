"""What the core needs from outside. Each docstring is a promise, and a test of the suite."""

from collections.abc import Callable
from typing import Protocol, TypeVar

from lunasec.errors import LunaSecError
from lunasec.tokenizer.core.audit import Head
from lunasec.tokenizer.core.envelope import Envelope
from lunasec.tokenizer.core.ledger import Facts, Want
from lunasec.tokenizer.core.operation import Operation
from lunasec.tokenizer.core.secret import Secret
from lunasec.tokenizer.core.tokens import Token
from lunasec.tokenizer.core.wrapped import Wrapped

T = TypeVar("T")

Clock = Callable[[], int]
"""The time in whole seconds since the epoch."""


class Cipher(Protocol):
    """Locks the keys of values, each by its token and by the tokenizer's own keys."""

    def record_ids(self, token: Token) -> tuple[bytes, ...]:
        """Name the record of a token under each lookup key, newest first; always the same ones."""
        ...

    def is_current(self, wrapped: Wrapped) -> bool:
        """Say whether a record has its name from the newest lookup key."""
        ...

    def wrap(self, token: Token, dek: Secret, envelope: Envelope) -> Wrapped:
        """Lock the key of a new value, so that only the token and the key set together open it."""
        ...

    def unwrap(self, token: Token, envelope: Envelope, wrapped: Wrapped) -> Secret:
        """Open the key of a value, or raise `RecordDamaged` for any record but its own."""
        ...

    def rewrap(self, envelope: Envelope, wrapped: Wrapped) -> Wrapped:
        """Renew the outer lock with the newest key, without a token, or raise `RecordDamaged`."""
        ...


class Store(Protocol):
    """Keeps the ledger. One order of operations holds for everybody who uses the store."""

    async def transact(self, operation: Operation[T]) -> T | LunaSecError:
        """Find, decide and apply in one transaction; return the answer or refusal it decided.

        The audit entries, and whatever was changed, are durable before this returns, and every
        operation and look that begins afterwards sees them. What was destroyed is in no file any
        more, as far as other readers let go of it.

        Raises: `Unavailable` when the changes can't be written. Then nothing was changed, with one
        exception: what takes something away may be done and only not yet be safe from an older
        copy of the store. It is never half done, and asking again is always right. An operation
        that raises has changed nothing, and none of the others notices.
        """
        ...

    async def look(self, want: Want) -> Facts:
        """Read facts as of one instant, without a decision, an audit entry or a wait for writers.

        Raises: `Unavailable`.
        """
        ...

    async def head(self) -> Head:
        """Return the end of the audit chain."""
        ...

    async def close(self) -> None:
        """Finish what is under way and let go of everything; from then on raise `Unavailable`."""
        ...
