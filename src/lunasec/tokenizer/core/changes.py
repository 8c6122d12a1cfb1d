"""Changes: all that can happen to the ledger. Each is a statement or a few in an SQL store."""

from msgspec import Struct

from lunasec.tokenizer.core.ledger import Grant, Handle, Record, Session, Upload
from lunasec.tokenizer.core.wrapped import Wrapped


class PutSession(Struct, frozen=True, gc=False):
    """Keep a new session."""

    session: Session


class ShortenSession(Struct, frozen=True, gc=False):
    """Let a session end at `expires_at`; a session never lives longer by it."""

    secret_hash: bytes
    expires_at: int


class RenewSession(Struct, frozen=True, gc=False):
    """Let a session that an auth proxy vouches for anew live from `created_at` to `expires_at`."""

    secret_hash: bytes
    created_at: int
    expires_at: int
    login: int = 0


class CountRequest(Struct, frozen=True, gc=False):
    """Remember which counters the requests of a session have used."""

    secret_hash: bytes
    highest: int
    seen: bytes


class PutHandle(Struct, frozen=True, gc=False):
    """Keep a new handle."""

    handle: Handle


class UseHandle(Struct, frozen=True, gc=False):
    """Mark a handle as used; it is never good again."""

    handle_hash: bytes


class EndReference(Struct, frozen=True, gc=False):
    """Drop every session, grant and handle of a reference, and refuse it until `until`, if given.

    Its uploads end with it.
    """

    application: str
    reference: str
    until: int | None


class PutLogOut(Struct, frozen=True, gc=False):
    """Remember until `until` that a reference, or an auth proxy's user, was logged out at `at`."""

    application: str
    name: str
    at: int
    until: int


class UseLogOutToken(Struct, frozen=True, gc=False):
    """Remember until `until` that a log-out token was used; it is never good again."""

    application: str
    token_hash: bytes
    until: int


class MoveStoreGrants(Struct, frozen=True, gc=False):
    """Hand the store grants of one reference to another."""

    application: str
    old: str
    new: str


class AdoptRecords(Struct, frozen=True, gc=False):
    """Let what a reference has store grants for, and is nobody's yet, be a subject's."""

    application: str
    reference: str
    subject: str


class PutRecord(Struct, frozen=True, gc=False):
    """Keep a new record and its ciphertext."""

    record: Record
    ciphertext: bytes


class PutUpload(Struct, frozen=True, gc=False):
    """Keep a new upload."""

    upload: Upload


class EndUpload(Struct, frozen=True, gc=False):
    """End an upload: nothing can be added to it any more, and upkeep removes what arrived."""

    upload_hash: bytes


class DropUpload(Struct, frozen=True, gc=False):
    """Forget an upload: its file is a record's now, or was removed."""

    upload_hash: bytes


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


class DropAudit(Struct, frozen=True, gc=False):
    """Take the beginning of the audit log out, up to an entry of which the hash alone stays."""

    sequence: int


class Sweep(Struct, frozen=True, gc=False):
    """Drop grants, tombstones, log-outs that ended by `now`; sessions and handles of long ago."""

    now: int
    sessions_before: int
    handles_before: int


Change = (
    PutSession
    | ShortenSession
    | RenewSession
    | CountRequest
    | PutHandle
    | UseHandle
    | EndReference
    | PutLogOut
    | UseLogOutToken
    | MoveStoreGrants
    | AdoptRecords
    | PutRecord
    | PutUpload
    | EndUpload
    | DropUpload
    | PutGrant
    | NarrowGrant
    | CountRead
    | RevokeGrants
    | MarkVerified
    | SetErased
    | ReplaceKey
    | DestroyKey
    | DropRecord
    | DropAudit
    | Sweep
)

# After these, an older copy of the database would say yes where this one says no.
TAKES_AWAY = (
    ShortenSession,
    CountRequest,
    UseHandle,
    EndReference,
    PutLogOut,
    UseLogOutToken,
    MoveStoreGrants,
    NarrowGrant,
    CountRead,
    RevokeGrants,
    SetErased,
)

# After these, no file of the store may hold what was there before.
DESTROYS = (DestroyKey, DropRecord)
