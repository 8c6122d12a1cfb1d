"""Rows: how sessions, handles, grants, records and uploads stand in an SQL store's tables."""

from typing import Any, Final

import msgspec

from lunasec.tokenizer.core.identity import Person
from lunasec.tokenizer.core.ledger import (
    File,
    Grant,
    Handle,
    Purpose,
    Record,
    Session,
    Upload,
    Want,
)
from lunasec.tokenizer.core.stream import BLOB_BYTES, LONGEST_STREAM
from lunasec.tokenizer.core.wrapped import Wrapped

Row = tuple[Any, ...]

SESSION: Final = (
    "secret_hash, application, reference, subject, temporary, created_at, expires_at, absolute_end,"
    " public_key, highest, seen, session_id, user_id, login, owner, person"
)
HANDLE: Final = (
    "handle_hash, application, reference, subject, temporary, state, origin, created_at,"
    " session_end, used, purpose"
)
RECORD: Final = (
    "record_id, application, lookup_version, epoch, commitment, wrapped, kind, size, metadata,"
    " subject, created_at, verified_at, erased_at, blob, file_size, owner"
)
UPLOAD: Final = "upload_hash, application, reference, blob, file_size, created_at, expires_at"
RECORD_COLUMNS: Final = RECORD.count(",") + 1

LARGEST_SIZE: Final = 2**20
"""Far above any value's ciphertext; a row that says more is damaged, and weighs nothing."""

_PERSON: Final = msgspec.json.Decoder(Person)
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
        public_key=row[8],
        highest=row[9],
        seen=row[10],
        session_id=row[11],
        user_id=row[12],
        login=row[13],
        owner=row[14],
        person=None if row[15] is None else _person(row[15]),
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
        session.public_key,
        session.highest,
        session.seen,
        session.session_id,
        session.user_id,
        session.login,
        session.owner,
        None if session.person is None else msgspec.json.encode(session.person).decode(),
    )


def _person(text: str) -> Person | None:
    """Read what a log-in said: all that this version asks for, as it writes it, or nothing."""
    try:
        person = _PERSON.decode(text)
    except msgspec.MsgspecError:
        return None
    return person if msgspec.json.encode(person).decode() == text else None


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
        purpose=Purpose(row[10]),
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
        handle.purpose.value,
    )


def read_record(row: Row) -> Record:
    """Read the columns of `RECORD`; a row that can't be right is `damaged`, and stops no other."""
    metadata, size, file = _metadata(row[8]), row[7], read_file(row[13], row[14])
    lost = file is None and row[13] is not None
    damaged = metadata is None or lost or not 0 <= size <= LARGEST_SIZE
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
        size=0 if damaged else size,
        metadata=metadata or (),
        subject=row[9],
        created_at=row[10],
        verified_at=row[11],
        erased_at=row[12],
        file=file,
        damaged=damaged,
        owner=row[15],
    )


def read_file(blob: bytes | None, size: int | None) -> File | None:
    """Read where a file lies; None where there is none, or where this can't be right."""
    if blob is None or size is None or len(blob) != BLOB_BYTES or not 0 < size <= LONGEST_STREAM:
        return None
    return File(blob=blob, size=size)


def _metadata(text: str) -> tuple[tuple[str, str], ...] | None:
    if text == "[]":
        return ()
    try:
        return _METADATA.decode(text)
    except msgspec.MsgspecError:
        return None


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
        *(file_row(record.file) if record.file else (None, None)),
        record.owner,
    )


def file_row(file: File) -> Row:
    """Write where a file lies, and its size."""
    return file.blob, file.size


def read_upload(row: Row) -> Upload:
    """Read the columns of `UPLOAD`."""
    return Upload(
        upload_hash=row[0],
        application=row[1],
        reference=row[2],
        file=File(blob=row[3], size=row[4]),
        created_at=row[5],
        expires_at=row[6],
    )


def upload_row(upload: Upload) -> Row:
    """Write the columns of `UPLOAD`."""
    return (
        upload.upload_hash,
        upload.application,
        upload.reference,
        *file_row(upload.file),
        upload.created_at,
        upload.expires_at,
    )


def key_row(key: Wrapped) -> Row:
    """Write what the locks of a record are: lookup version, epoch, commitment, wrapped key."""
    return key.lookup_version, key.epoch, key.commitment, key.wrapped


def read_grant(want: Want, record_id: bytes, row: Row) -> Grant:
    """Put a grant together from what was asked for and what was found: end, reads, copying."""
    return Grant(
        application=want.application,
        reference=want.grants_of,
        record_id=record_id,
        action=want.action,
        expires_at=row[0],
        reads_left=row[1],
        may_copy=bool(row[2]),
    )


def grant_key(grant: Grant) -> Row:
    """Write the primary key of a grant."""
    return grant.application, grant.reference, grant.record_id, grant.action.value


def grant_row(grant: Grant) -> Row:
    """Write the key of a grant, and what `read_grant` reads."""
    return *grant_key(grant), grant.expires_at, grant.reads_left, int(grant.may_copy)
