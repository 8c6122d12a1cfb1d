"""What the tokenizer remembers, and how an operation asks for it.

What can change is in `changes.py`; how facts and changes come together, in `operation.py`.
"""

from enum import StrEnum

from msgspec import Struct

from lunasec.tokenizer.core.wrapped import Wrapped


class Action(StrEnum):
    """What a grant allows a session to do with a token."""

    READ = "read"
    STORE = "store"


class Session(Struct, frozen=True, kw_only=True, gc=False):
    """A browser's session at the tokenizer; the cookie's secret is kept as its hash alone."""

    secret_hash: bytes
    application: str
    reference: str
    subject: str | None
    temporary: bool
    created_at: int
    expires_at: int
    absolute_end: int


class Handle(Struct, frozen=True, kw_only=True, gc=False):
    """An offer of a session, waiting for the one browser that holds the matching binding."""

    handle_hash: bytes
    application: str
    reference: str
    subject: str | None
    temporary: bool
    state: str
    origin: str
    created_at: int
    session_end: int
    used: bool


class Grant(Struct, frozen=True, kw_only=True, gc=False):
    """The application's word that a session may use a token until `expires_at`."""

    application: str
    reference: str
    record_id: bytes
    action: Action
    expires_at: int
    reads_left: int | None = None


class Record(Struct, frozen=True, kw_only=True, gc=False):
    """A stored value without its ciphertext; nothing in it leads back to the token."""

    application: str
    key: Wrapped
    kind: str
    size: int
    metadata: tuple[tuple[str, str], ...]
    subject: str | None
    created_at: int
    verified_at: int | None = None
    erased_at: int | None = None

    @property
    def record_id(self) -> bytes:
        """The name that is derived from the token."""
        return self.key.record_id

    @property
    def destroyed(self) -> bool:
        """Whether its key is gone, so that nobody can ever read it again."""
        return not self.key.wrapped


class Found(Struct, frozen=True, kw_only=True, gc=False):
    """What there is under one token's record ids, for one session: each part may be absent."""

    record: Record | None = None
    grant: Grant | None = None
    ciphertext: bytes | None = None


# Conditions: by these upkeep finds records of all applications, without their tokens.


class ErasedBefore(Struct, frozen=True, gc=False):
    """Erased before `at`, and the key is still there. Longest erased first."""

    at: int


class ErasedSince(Struct, frozen=True, gc=False):
    """Erased by `application` at `at` or later, and the key is still there."""

    application: str
    at: int


class Destroyed(Struct, frozen=True, gc=False):
    """The key is gone, the data not yet."""


class UnverifiedBefore(Struct, frozen=True, gc=False):
    """Made before `at`, and no application ever verified it. Oldest first."""

    at: int


class EpochBefore(Struct, frozen=True, gc=False):
    """Locked with a wrap key older than `epoch`. Oldest key first."""

    epoch: int


Condition = ErasedBefore | ErasedSince | Destroyed | UnverifiedBefore | EpochBefore


class Batch(Struct, frozen=True, kw_only=True, gc=False):
    """At most `limit` records that meet a condition, after the first `skip` of them."""

    condition: Condition
    limit: int
    skip: int = 0
    contents: bool = False


class Want(Struct, frozen=True, kw_only=True, gc=False):
    """The facts an operation asks for, all within one application but for `batch` and `count`.

    `records` holds for each token its possible record ids, one for each lookup key; with each
    record comes the grant for `action` that the session `grants_of` has for it, and where there is
    one, with `contents`, the ciphertext. `wraps_of` asks how often the wrap key of an epoch was
    used.
    """

    application: str
    session: bytes | None = None
    handle: bytes | None = None
    references: tuple[str, ...] = ()
    sessions_of: tuple[str, ...] = ()
    records: tuple[tuple[bytes, ...], ...] = ()
    grants_of: str = ""
    action: Action = Action.READ
    contents: bool = False
    batch: Batch | None = None
    count: Condition | None = None
    wraps_of: int | None = None


class Facts(Struct, frozen=True, kw_only=True, gc=False):
    """What a store found, in the order it was asked for; sessions in the order of their hashes."""

    session: Session | None = None
    handle: Handle | None = None
    ended: frozenset[str] = frozenset()
    sessions: tuple[Session, ...] = ()
    found: tuple[Found, ...] = ()
    batch: tuple[Found, ...] = ()
    count: int = 0
    wraps: int = 0
