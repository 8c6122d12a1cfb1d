"""Changes: all that can happen to the ledger. Each is a statement or a few in an SQL store."""

from dataclasses import dataclass

from lunasec.tokenizer.core.ledger import Grant, Handle, Record, Session
from lunasec.tokenizer.core.wrapped import Wrapped


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
class NarrowGrant:
    """Keep a grant in the place of one that allowed more."""

    grant: Grant


@dataclass(frozen=True, slots=True)
class CountRead:
    """Take one read off a grant that has a maximum."""

    grant: Grant


@dataclass(frozen=True, slots=True)
class RevokeGrants:
    """Drop grants: those of `reference`, or for `records`; with both, of the one for the others."""

    application: str
    reference: str | None
    records: tuple[bytes, ...] | None

    def __post_init__(self) -> None:
        """Refuse to name nothing, which one store took for all grants and another for none."""
        if self.reference is None and self.records is None:
            raise ValueError("name a session, records, or both")


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
class ReplaceKey:
    """Put a record's key under new locks; `key` may name the record anew, its grants follow."""

    record_id: bytes
    key: Wrapped


@dataclass(frozen=True, slots=True)
class DestroyKey:
    """Overwrite a record's locked key: from here on not even we can read the value."""

    record_id: bytes


@dataclass(frozen=True, slots=True)
class DropRecord:
    """Overwrite and remove a record with its ciphertext."""

    record_id: bytes


@dataclass(frozen=True, slots=True)
class Sweep:
    """Drop grants and tombstones that ended by `now`, and sessions and handles of long ago."""

    now: int
    sessions_before: int
    handles_before: int


Change = (
    PutSession
    | ShortenSession
    | PutHandle
    | UseHandle
    | EndReference
    | MoveStoreGrants
    | PutRecord
    | PutGrant
    | NarrowGrant
    | CountRead
    | RevokeGrants
    | MarkVerified
    | SetErased
    | ReplaceKey
    | DestroyKey
    | DropRecord
    | Sweep
)

# After these, an older copy of the database would say yes where this one says no.
TAKES_AWAY = (
    ShortenSession,
    UseHandle,
    EndReference,
    MoveStoreGrants,
    NarrowGrant,
    CountRead,
    RevokeGrants,
    SetErased,
)

# After these, no file of the store may hold what was there before.
DESTROYS = (DestroyKey, DropRecord)
