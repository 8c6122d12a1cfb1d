"""What the tokenizer remembers, and the shape of every change to it.

An *operation* says which facts it wants, and decides from them, purely, what is to change. A store
finds the facts, lets the operation decide and applies the changes, all in one transaction; so each
rule is written once, here in the core, whatever store keeps the rows.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, Protocol, TypeVar

from lunasec.errors import LunaSecError
from lunasec.tokenizer.core.audit import Entry
from lunasec.tokenizer.core.wrapped import Wrapped

T_co = TypeVar("T_co", covariant=True)


class Action(StrEnum):
    """What a grant allows a session to do with a token."""

    READ = "read"
    STORE = "store"


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A browser's session at the tokenizer; the cookie's secret is kept as its hash alone."""

    secret_hash: bytes
    application: str
    reference: str
    subject: str | None
    temporary: bool
    created_at: int
    expires_at: int
    absolute_end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Handle:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """The application's word that a session may use a token until `expires_at`."""

    application: str
    reference: str
    record_id: bytes
    action: Action
    expires_at: int
    reads_left: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What there is under one token's record ids, for one session: each part may be absent."""

    record: Record | None = None
    grant: Grant | None = None
    ciphertext: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Want:
    """The facts an operation asks for, all within one application.

    `records` holds for each token its possible record ids, one for each lookup key; with each
    record comes the grant for `action` that the session `grants_of` has for it.
    """

    application: str
    session: bytes | None = None
    handle: bytes | None = None
    references: tuple[str, ...] = ()
    sessions_of: str | None = None
    records: tuple[tuple[bytes, ...], ...] = ()
    grants_of: str = ""
    action: Action = Action.READ
    contents: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a store found, in the order it was asked for."""

    session: Session | None = None
    handle: Handle | None = None
    ended: frozenset[str] = frozenset()
    sessions: tuple[Session, ...] = ()
    found: tuple[Found, ...] = ()


# Changes: each is one statement in an SQL store.


@dataclass(frozen=True, slots=True)
class PutSession:
    """Keep a new session."""

    session: Session


@dataclass(frozen=True, slots=True)
class ShortenSession:
    """Let a session end at `expires_at`; a session never lives longer by it."""

    secret_hash: bytes
    expires_at: int


@dataclass(frozen=True, slots=True)
class PutHandle:
    """Keep a new handle."""

    handle: Handle


@dataclass(frozen=True, slots=True)
class UseHandle:
    """Mark a handle as used; it is never good again."""

    handle_hash: bytes


@dataclass(frozen=True, slots=True)
class EndReference:
    """Drop every session, grant and handle of a reference, and refuse it until `until`."""

    application: str
    reference: str
    until: int


@dataclass(frozen=True, slots=True)
class MoveStoreGrants:
    """Hand the store grants of one reference to another."""

    application: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class PutRecord:
    """Keep a new record and its ciphertext."""

    record: Record
    ciphertext: bytes


@dataclass(frozen=True, slots=True)
class PutGrant:
    """Keep a grant; it takes the place of the same session's older one for that record."""

    grant: Grant


@dataclass(frozen=True, slots=True)
class CountRead:
    """Take one read off a grant that has a maximum."""

    grant: Grant


@dataclass(frozen=True, slots=True)
class RevokeGrants:
    """Drop grants: those of `reference`, those for `records`, or where both are given, both."""

    application: str
    reference: str | None
    records: tuple[bytes, ...] | None


@dataclass(frozen=True, slots=True)
class MarkVerified:
    """Remember that the application has taken a token into its keeping."""

    record_id: bytes
    at: int


@dataclass(frozen=True, slots=True)
class SetErased:
    """Make a record unreadable from `at` on; None gives it back."""

    record_id: bytes
    at: int | None


@dataclass(frozen=True, slots=True)
class Sweep:
    """Drop what ended by `now` and old handles; destroy what was erased before `erased_before`."""

    now: int
    handles_before: int
    erased_before: int


Change = (
    PutSession
    | ShortenSession
    | PutHandle
    | UseHandle
    | EndReference
    | MoveStoreGrants
    | PutRecord
    | PutGrant
    | CountRead
    | RevokeGrants
    | MarkVerified
    | SetErased
    | Sweep
)

# After these, an older copy of the database would say yes where this one says no.
TAKES_AWAY = (EndReference, MoveStoreGrants, CountRead, RevokeGrants, SetErased, ShortenSession)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision(Generic[T_co]):
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
