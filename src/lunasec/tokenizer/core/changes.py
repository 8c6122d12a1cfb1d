"""Changes: all that can happen to the ledger. Each is a statement or a few in an SQL store."""

from msgspec import Struct

from lunasec.tokenizer.core.ledger import Grant, Handle, Record, Session
from lunasec.tokenizer.core.wrapped import Wrapped


class PutSession(Struct, frozen=True, gc=False):
    """Keep a new session."""

    session: Session


class ShortenSession(Struct, frozen=True, gc=False):
    """Let a session end at `expires_at`; a session never lives longer by it."""

    secret_hash: bytes
    expires_at: int


class PutHandle(Struct, frozen=True, gc=False):
    """Keep a new handle."""

    handle: Handle


class UseHandle(Struct, frozen=True, gc=False):
    """Mark a handle as used; it is never good again."""

    handle_hash: bytes


class EndReference(Struct, frozen=True, gc=False):
    """Drop every session, grant and handle of a reference, and refuse it until `until`."""

    application: str
    reference: str
    until: int


class MoveStoreGrants(Struct, frozen=True, gc=False):
    """Hand the store grants of one reference to another."""

    application: str
    old: str
    new: str


class PutRecord(Struct, frozen=True, gc=False):
    """Keep a new record and its ciphertext."""

    record: Record
    ciphertext: bytes


class PutGrant(Struct, frozen=True, gc=False):
    """Keep a grant; it takes the place of the same session's older one for that record."""

    grant: Grant


class NarrowGrant(Struct, frozen=True, gc=False):
    """Keep a grant in the place of one that allowed more."""

    grant: Grant


class CountRead(Struct, frozen=True, gc=False):
    """Take one read off a grant that has a maximum."""

    grant: Grant


class RevokeGrants(Struct, frozen=True, gc=False):
    """Drop grants: those of `reference`, or for `records`; with both, of the one for the others."""

    application: str
    reference: str | None
    records: tuple[bytes, ...] | None

    def __post_init__(self) -> None:
        """Refuse to name nothing, which one store took for all grants and another for none."""
        if self.reference is None and self.records is None:
            raise ValueError("name a session, records, or both")


class MarkVerified(Struct, frozen=True, gc=False):
    """Remember that the application has taken a token into its keeping."""

    record_id: bytes
    at: int


class SetErased(Struct, frozen=True, gc=False):
    """Make a record unreadable from `at` on; None gives it back."""

    record_id: bytes
    at: int | None


class ReplaceKey(Struct, frozen=True, gc=False):
    """Put a record's key under new locks; `key` may name the record anew, its grants follow."""

    record_id: bytes
    key: Wrapped


class DestroyKey(Struct, frozen=True, gc=False):
    """Overwrite a record's locked key: from here on not even we can read the value."""

    record_id: bytes


class DropRecord(Struct, frozen=True, gc=False):
    """Overwrite and remove a record with its ciphertext."""

    record_id: bytes


class Sweep(Struct, frozen=True, gc=False):
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
