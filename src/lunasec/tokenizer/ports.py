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


class Derived(Protocol):
    """What a token leads to, for as long as a request needs it."""

    @property
    def record_ids(self) -> tuple[bytes, ...]:
        """The names of its record under each lookup key, newest first; always the same ones."""
        ...

    def unwrap(self, envelope: Envelope, wrapped: Wrapped) -> Secret:
        """Open the key of its value, or raise `RecordDamaged` for any record but its own."""
        ...


class Cipher(Protocol):
    """Locks the keys of values, each by its token and by the tokenizer's own keys."""

    def derive(self, token: Token) -> Derived:
        """Derive what a token leads to."""
        ...

    def record_ids(self, token: Token) -> tuple[bytes, ...]:
        """Name the record of a token, as `derive` does."""
        ...

    def is_current(self, wrapped: Wrapped) -> bool:
        """Say whether a record has its name from the newest lookup key."""
        ...

    def wrap(self, token: Token, dek: Secret, envelope: Envelope) -> Wrapped:
        """Lock the key of a new value, so that only the token and the key set together open it."""
        ...

    def rewrap(self, envelope: Envelope, wrapped: Wrapped) -> Wrapped:
        """Renew the outer lock with the newest key, without a token, or raise `RecordDamaged`."""
        ...


class Blobs(Protocol):
    """Keeps the ciphertext of files, in segments, each under the blob's random name and its number.

    A segment is there whole or not at all. Whoever names a blob has found the name in the ledger:
    none ever comes from a request. Every method raises `Unavailable` where it can't do its work,
    and has then acknowledged nothing.
    """

    async def put(self, blob: bytes, index: int, data: bytes | bytearray) -> None:
        """Keep a segment. It is durable before this returns; one that is there stays as it is."""
        ...

    async def there(self, blob: bytes) -> set[int]:
        """Say which segments are there, and make sure that they will be after a power cut."""
        ...

    async def read(self, blob: bytes, index: int, *, size: int, start: int, length: int) -> bytes:
        """Give `length` bytes of a segment of `size` bytes, from `start` on.

        Raises: `BlobDamaged` where it is not there, or has another size.
        """
        ...

    async def drop(self, blob: bytes) -> None:
        """Remove all of a blob; one that is not there, or half gone, is no error."""
        ...

    async def names(self, first: int) -> list[bytes]:
        """List the blobs whose names begin with the byte `first`, in any order."""
        ...

    async def close(self) -> None:
        """Finish what is under way, and let go of everything."""
        ...


class Signatures(Protocol):
    """Checks what keys of others signed: ECDSA on P-256 with SHA-256 (FIPS 186-5, section 6)."""

    def is_key(self, public_key: bytes) -> bool:
        """Say whether the bytes are a point on the curve, uncompressed (SEC 1, section 2.3.3)."""
        ...

    def is_genuine(self, public_key: bytes, message: bytes, signature: bytes) -> bool:
        """Say whether a key signed a message; the signature is r ‖ s (IEEE P1363)."""
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
