"""The ledger as rows: one statement for each fact and each change, in SQLite's dialect of SQL."""

import sqlite3
from typing import Any, Final

import msgspec

from lunasec.tokenizer.core import ledger
from lunasec.tokenizer.core.audit import Entry, Head, follow, line
from lunasec.tokenizer.core.ledger import (
    Action,
    Change,
    Facts,
    Found,
    Grant,
    Handle,
    Record,
    Session,
    Want,
)
from lunasec.tokenizer.core.wrapped import Wrapped

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

# A record with the grant that one session has for it. Unknown, ungranted and foreign tokens run
# this same statement.
_FIND: Final = (
    "SELECT r.record_id, r.application, r.lookup_version, r.epoch, r.commitment, r.wrapped,"
    " r.kind, r.size, r.metadata, r.subject, r.created_at, r.verified_at, r.erased_at,"
    " g.expires_at, g.reads_left{contents}"
    " FROM records r LEFT JOIN grants g ON g.application = r.application AND g.reference = ?1"
    " AND g.record_id = r.record_id AND g.action = ?2"
    " WHERE r.record_id = ?3 AND r.application = ?4"
)
FIND: Final = _FIND.format(contents="")
FIND_CONTENTS: Final = _FIND.format(contents=", r.ciphertext")

Row = tuple[Any, ...]


def find(connection: sqlite3.Connection, want: Want) -> Facts:
    """Read the wanted facts."""
    return Facts(
        session=_session(connection, want.session) if want.session else None,
        handle=_handle(connection, want.handle) if want.handle else None,
        ended=frozenset(
            each for each in want.references if _is_ended(connection, want.application, each)
        ),
        sessions=_sessions_of(connection, want) if want.sessions_of else (),
        found=tuple(_found(connection, want, ids) for ids in want.records),
    )


def _session(connection: sqlite3.Connection, secret_hash: bytes) -> Session | None:
    statement = f"SELECT {SESSION} FROM sessions WHERE secret_hash = ?"  # noqa: S608 - constant
    row = connection.execute(statement, (secret_hash,)).fetchone()
    return None if row is None else _read_session(row)


def _sessions_of(connection: sqlite3.Connection, want: Want) -> tuple[Session, ...]:
    where = "WHERE application = ? AND reference = ?"
    statement = f"SELECT {SESSION} FROM sessions {where}"  # noqa: S608 - constant
    rows = connection.execute(statement, (want.application, want.sessions_of))
    return tuple(_read_session(row) for row in rows)


def _read_session(row: Row) -> Session:
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


def _handle(connection: sqlite3.Connection, handle_hash: bytes) -> Handle | None:
    statement = f"SELECT {HANDLE} FROM handles WHERE handle_hash = ?"  # noqa: S608 - constant
    row = connection.execute(statement, (handle_hash,)).fetchone()
    if row is None:
        return None
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


def _is_ended(connection: sqlite3.Connection, application: str, reference: str) -> bool:
    statement = "SELECT 1 FROM tombstones WHERE application = ? AND reference = ?"
    return connection.execute(statement, (application, reference)).fetchone() is not None


def _found(connection: sqlite3.Connection, want: Want, record_ids: tuple[bytes, ...]) -> Found:
    statement = FIND_CONTENTS if want.contents else FIND
    rows: list[Row] = []
    for record_id in record_ids:
        parameters = (want.grants_of, want.action.value, record_id, want.application)
        rows += connection.execute(statement, parameters).fetchall()
    if not rows:
        return Found()
    row = rows[0]
    return Found(
        record=_read_record(row),
        grant=None if row[13] is None else _read_grant(want, row),
        ciphertext=row[15] if want.contents else None,
    )


def _read_record(row: Row) -> Record:
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
        metadata=tuple(msgspec.json.decode(row[8], type=list[tuple[str, str]])),
        subject=row[9],
        created_at=row[10],
        verified_at=row[11],
        erased_at=row[12],
    )


def _read_grant(want: Want, row: Row) -> Grant:
    return Grant(
        application=want.application,
        reference=want.grants_of,
        record_id=row[0],
        action=want.action,
        expires_at=row[13],
        reads_left=row[14],
    )


def apply(connection: sqlite3.Connection, change: Change) -> None:
    """Write one change."""
    for statement, parameters in _statements(change):
        connection.execute(statement, parameters)


def _statements(change: Change) -> list[tuple[str, Row]]:  # noqa: C901, PLR0911, PLR0912 - one branch a change
    match change:
        case ledger.PutSession(session):
            return [_insert("sessions", SESSION, _session_row(session))]
        case ledger.ShortenSession(secret_hash, expires_at):
            shorten = "UPDATE sessions SET expires_at = min(expires_at, ?) WHERE secret_hash = ?"
            return [(shorten, (expires_at, secret_hash))]
        case ledger.PutHandle(handle):
            return [_insert("handles", HANDLE, _handle_row(handle))]
        case ledger.UseHandle(handle_hash):
            return [("UPDATE handles SET used = 1 WHERE handle_hash = ?", (handle_hash,))]
        case ledger.EndReference(application, reference, until):
            return _end(application, reference, until)
        case ledger.MoveStoreGrants(application, old, new):
            move = (
                "UPDATE OR REPLACE grants SET reference = ?"
                " WHERE application = ? AND reference = ? AND action = ?"
            )
            return [(move, (new, application, old, Action.STORE.value))]
        case ledger.PutRecord(record, ciphertext):
            columns = f"{RECORD}, ciphertext"
            return [_insert("records", columns, (*_record_row(record), ciphertext))]
        case ledger.PutGrant(grant):
            return [(PUT_GRANT, (*_grant_key(grant), grant.expires_at, grant.reads_left))]
        case ledger.CountRead(grant):
            return [(COUNT_READ, _grant_key(grant))]
        case ledger.RevokeGrants(application, reference, records):
            return _revoke(application, reference, records)
        case ledger.MarkVerified(record_id, at):
            return [("UPDATE records SET verified_at = ? WHERE record_id = ?", (at, record_id))]
        case ledger.SetErased(record_id, at):
            return [("UPDATE records SET erased_at = ? WHERE record_id = ?", (at, record_id))]
        case ledger.Sweep(now, handles_before, erased_before):
            return _sweep(now, handles_before, erased_before)


PUT_GRANT: Final = (
    "INSERT OR REPLACE INTO grants (application, reference, record_id, action, expires_at,"
    " reads_left) VALUES (?, ?, ?, ?, ?, ?)"
)
COUNT_READ: Final = (
    "UPDATE grants SET reads_left = reads_left - 1"
    " WHERE application = ? AND reference = ? AND record_id = ? AND action = ?"
)


def _insert(table: str, columns: str, row: Row) -> tuple[str, Row]:
    places = ", ".join("?" * len(row))
    return f"INSERT INTO {table} ({columns}) VALUES ({places})", row  # noqa: S608 - constants


def _session_row(session: Session) -> Row:
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


def _handle_row(handle: Handle) -> Row:
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


def _record_row(record: Record) -> Row:
    return (
        record.record_id,
        record.application,
        record.key.lookup_version,
        record.key.epoch,
        record.key.commitment,
        record.key.wrapped,
        record.kind,
        record.size,
        msgspec.json.encode(record.metadata).decode(),
        record.subject,
        record.created_at,
        record.verified_at,
        record.erased_at,
    )


def _grant_key(grant: Grant) -> Row:
    return grant.application, grant.reference, grant.record_id, grant.action.value


def _end(application: str, reference: str, until: int) -> list[tuple[str, Row]]:
    whose = (application, reference)
    return [
        ("DELETE FROM sessions WHERE application = ? AND reference = ?", whose),
        ("DELETE FROM handles WHERE application = ? AND reference = ?", whose),
        ("DELETE FROM grants WHERE application = ? AND reference = ?", whose),
        ("INSERT OR REPLACE INTO tombstones VALUES (?, ?, ?)", (*whose, until)),
    ]


def _revoke(
    application: str, reference: str | None, records: tuple[bytes, ...] | None
) -> list[tuple[str, Row]]:
    if records is None:
        whose = "DELETE FROM grants WHERE application = ? AND reference = ?"
        return [(whose, (application, reference))]
    if reference is None:
        every = "DELETE FROM grants WHERE record_id = ? AND application = ?"
        return [(every, (each, application)) for each in records]
    one = "DELETE FROM grants WHERE application = ? AND reference = ? AND record_id = ?"
    return [(one, (application, reference, each)) for each in records]


def _sweep(now: int, handles_before: int, erased_before: int) -> list[tuple[str, Row]]:
    return [
        ("DELETE FROM sessions WHERE expires_at <= ?", (now,)),
        ("DELETE FROM handles WHERE created_at < ?", (handles_before,)),
        ("DELETE FROM grants WHERE expires_at <= ?", (now,)),
        ("DELETE FROM tombstones WHERE until <= ?", (now,)),
        ("DELETE FROM records WHERE erased_at < ?", (erased_before,)),
    ]


def append(connection: sqlite3.Connection, head: Head, entry: Entry) -> Head:
    """Write an audit entry behind `head`, and return the new head."""
    text = line(entry)
    after = follow(head, text)
    row = (after.sequence, text, after.digest)
    connection.execute("INSERT INTO audit (sequence, line, digest) VALUES (?, ?, ?)", row)
    return after
