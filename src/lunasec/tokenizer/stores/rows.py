"""Rows: how sessions, handles, grants and records stand in an SQL store's tables."""

from typing import Any, Final

import msgspec

from lunasec.tokenizer.core.ledger import Grant, Handle, Record, Session, Want
from lunasec.tokenizer.core.wrapped import Wrapped

Row = tuple[Any, ...]

SESSION: Final = (
    "secret_hash, application, reference, subject, temporary, created_at, expires_at, absolute_end"
)
HANDLE: Final = (
    "handle_hash, application, reference, subject, temporary, state, origin, created_at,"
    " session_end, used"
)
RECORD: Final = (
    "record_id, application, lookup_version, epoch, commitment, wrapped, kind, size, metadata,"
    " subject, created_at, verified_at, erased_at"
)
RECORD_COLUMNS: Final = RECORD.count(",") + 1

_METADATA: Final = msgspec.json.Decoder(tuple[tuple[str, str], ...])


def read_session(row: Row) -> Session:
    """Read the columns of `SESSION`."""
    return Session(
        secret_hash=row[0],
        application=row[1],
        reference=row[2],
        subject=row[3],
        temporary=bool(row[4]),
        created_at=row[5],
        expires_at=row[6],
        absolute_end=row[7],
    )


def session_row(session: Session) -> Row:
    """Write the columns of `SESSION`."""
    return (
        session.secret_hash,
        session.application,
        session.reference,
        session.subject,
        int(session.temporary),
        session.created_at,
        session.expires_at,
        session.absolute_end,
    )


def read_handle(row: Row) -> Handle:
    """Read the columns of `HANDLE`."""
    return Handle(
        handle_hash=row[0],
        application=row[1],
        reference=row[2],
        subject=row[3],
        temporary=bool(row[4]),
        state=row[5],
        origin=row[6],
        created_at=row[7],
        session_end=row[8],
        used=bool(row[9]),
    )


def handle_row(handle: Handle) -> Row:
    """Write the columns of `HANDLE`."""
    return (
        handle.handle_hash,
        handle.application,
        handle.reference,
        handle.subject,
        int(handle.temporary),
        handle.state,
        handle.origin,
        handle.created_at,
        handle.session_end,
        int(handle.used),
    )


def read_record(row: Row) -> Record:
    """Read the columns of `RECORD`."""
    return Record(
        application=row[1],
        key=Wrapped(
            record_id=row[0],
            lookup_version=row[2],
            epoch=row[3],
            commitment=row[4],
            wrapped=row[5],
        ),
        kind=row[6],
        size=row[7],
        metadata=_METADATA.decode(row[8]) if row[8] != "[]" else (),
        subject=row[9],
        created_at=row[10],
        verified_at=row[11],
        erased_at=row[12],
    )


def record_row(record: Record) -> Row:
    """Write the columns of `RECORD`."""
    return (
        record.record_id,
        record.application,
        *key_row(record.key),
        record.kind,
        record.size,
        msgspec.json.encode(record.metadata).decode(),
        record.subject,
        record.created_at,
        record.verified_at,
        record.erased_at,
    )


def key_row(key: Wrapped) -> Row:
    """Write what the locks of a record are: lookup version, epoch, commitment, wrapped key."""
    return key.lookup_version, key.epoch, key.commitment, key.wrapped


def read_grant(want: Want, record_id: bytes, expires_at: int, reads_left: int | None) -> Grant:
    """Put a grant together from what was asked for and what was found."""
    return Grant(
        application=want.application,
        reference=want.grants_of,
        record_id=record_id,
        action=want.action,
        expires_at=expires_at,
        reads_left=reads_left,
    )


def grant_key(grant: Grant) -> Row:
    """Write the primary key of a grant."""
    return grant.application, grant.reference, grant.record_id, grant.action.value
