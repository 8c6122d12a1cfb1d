"""Changes, written as rows: a statement or a few for each, in SQLite's dialect of SQL."""

import sqlite3
from collections.abc import Sequence
from itertools import groupby
from operator import itemgetter
from typing import Final

from lunasec.tokenizer.core import changes
from lunasec.tokenizer.core.audit import Entry, Head, follow, line
from lunasec.tokenizer.core.changes import Change
from lunasec.tokenizer.core.ledger import Action
from lunasec.tokenizer.core.wrapped import Wrapped
from lunasec.tokenizer.stores import rows
from lunasec.tokenizer.stores.rows import HANDLE, RECORD, SESSION, UPLOAD, Row

Statement = tuple[str, Row]


def _insert(table: str, columns: str) -> str:
    places = ", ".join("?" * (columns.count(",") + 1))
    return f"INSERT INTO {table} ({columns}) VALUES ({places})"  # noqa: S608 - constants


PUT_SESSION: Final = _insert("sessions", SESSION)
PUT_HANDLE: Final = _insert("handles", HANDLE)
PUT_RECORD: Final = _insert("records", f"{RECORD}, ciphertext")
PUT_UPLOAD: Final = _insert("uploads", UPLOAD)
PUT_ENTRY: Final = _insert("audit", "sequence, line, digest")
PUT_GRANT: Final = (
    "INSERT INTO grants"
    " (application, reference, record_id, action, expires_at, reads_left, may_copy)"
    " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET expires_at = excluded.expires_at,"
    " reads_left = excluded.reads_left, may_copy = excluded.may_copy"
)
COUNT_READ: Final = (
    "UPDATE grants SET reads_left = reads_left - 1"
    " WHERE application = ? AND reference = ? AND record_id = ? AND action = ?"
)
COUNT_WRAPS: Final = (
    "INSERT INTO wraps (epoch, count) VALUES (?, ?)"
    " ON CONFLICT (epoch) DO UPDATE SET count = count + excluded.count"
)
SHORTEN: Final = "UPDATE sessions SET expires_at = min(expires_at, ?) WHERE secret_hash = ?"
RENEW: Final = "UPDATE sessions SET created_at = ?, expires_at = ?, login = ? WHERE secret_hash = ?"
COUNT: Final = "UPDATE sessions SET highest = ?, seen = ? WHERE secret_hash = ?"
PUT_LOG_OUT: Final = (
    "INSERT INTO log_outs (application, name, at, until) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE"
    " SET at = max(at, excluded.at), until = max(until, excluded.until)"
)
PUT_USED: Final = (
    "INSERT OR REPLACE INTO log_out_tokens (application, token_hash, until) VALUES (?, ?, ?)"
)
MOVE: Final = (
    "UPDATE OR REPLACE grants SET reference = ?"
    " WHERE application = ? AND reference = ? AND action = ?"
)
ADOPT: Final = (
    "UPDATE records SET subject = ? WHERE application = ? AND subject IS NULL AND record_id IN"
    " (SELECT record_id FROM grants WHERE application = ? AND reference = ? AND action = ?)"
)
REPLACE_KEY: Final = (
    "UPDATE records SET record_id = ?, lookup_version = ?, epoch = ?, commitment = ?, wrapped = ?"
    " WHERE record_id = ?"
)
RENAME_GRANTS: Final = "UPDATE OR REPLACE grants SET record_id = ? WHERE record_id = ?"


def apply(connection: sqlite3.Connection, ordered: Sequence[Change]) -> None:
    """Write changes, in their order; a run of the same statement costs one call."""
    if not ordered:
        return
    statements = [statement for change in ordered for statement in _statements(change)]
    for text, run in groupby(statements, key=itemgetter(0)):
        connection.executemany(text, [parameters for _, parameters in run])


def append(connection: sqlite3.Connection, head: Head, entries: Sequence[Entry]) -> Head:
    """Write audit entries behind `head`, in their order, and return the new head."""
    written: list[Row] = []
    for entry in entries:
        text = line(entry)
        head = follow(head, text)
        written.append((head.sequence, text, head.digest))
    connection.executemany(PUT_ENTRY, written)
    return head


def count_wraps(connection: sqlite3.Connection, epoch: int, wraps: int) -> None:
    """Add to how often the wrap key of an epoch was used."""
    connection.execute(COUNT_WRAPS, (epoch, wraps))


def _statements(change: Change) -> list[Statement]:  # noqa: C901, PLR0911, PLR0912 - one branch a change
    match change:
        case changes.PutSession(session):
            return [(PUT_SESSION, rows.session_row(session))]
        case changes.ShortenSession(secret_hash, expires_at):
            return [(SHORTEN, (expires_at, secret_hash))]
        case changes.RenewSession(secret_hash, created_at, expires_at, login):
            return [(RENEW, (created_at, expires_at, login, secret_hash))]
        case changes.CountRequest(secret_hash, highest, seen):
            return [(COUNT, (highest, seen, secret_hash))]
        case changes.PutHandle(handle):
            return [(PUT_HANDLE, rows.handle_row(handle))]
        case changes.UseHandle(handle_hash):
            return [("UPDATE handles SET used = 1 WHERE handle_hash = ?", (handle_hash,))]
        case changes.EndReference(application, reference, until):
            return _end(application, reference, until)
        case changes.PutLogOut(application, name, at, until):
            return [(PUT_LOG_OUT, (application, name, at, until))]
        case changes.UseLogOutToken(application, token_hash, until):
            return [(PUT_USED, (application, token_hash, until))]
        case changes.MoveStoreGrants(application, old, new):
            return [(MOVE, (new, application, old, Action.STORE.value))]
        case changes.AdoptRecords(application, reference, subject):
            return [(ADOPT, (subject, application, application, reference, Action.STORE.value))]
        case changes.PutRecord(record, ciphertext):
            return [(PUT_RECORD, (*rows.record_row(record), ciphertext))]
        case changes.PutUpload(upload):
            return [(PUT_UPLOAD, rows.upload_row(upload))]
        case changes.EndUpload(upload_hash):
            return [("UPDATE uploads SET expires_at = 0 WHERE upload_hash = ?", (upload_hash,))]
        case changes.DropUpload(upload_hash):
            return [("DELETE FROM uploads WHERE upload_hash = ?", (upload_hash,))]
        case changes.PutGrant(grant) | changes.NarrowGrant(grant):
            return [(PUT_GRANT, rows.grant_row(grant))]
        case changes.CountRead(grant):
            return [(COUNT_READ, rows.grant_key(grant))]
        case changes.RevokeGrants(application, reference, records):
            return _revoke(application, reference, records)
        case changes.MarkVerified(record_id, at):
            return [("UPDATE records SET verified_at = ? WHERE record_id = ?", (at, record_id))]
        case changes.SetErased(record_id, at):
            return [("UPDATE records SET erased_at = ? WHERE record_id = ?", (at, record_id))]
        case changes.ReplaceKey(record_id, key):
            return _replace_key(record_id, key)
        case changes.DestroyKey(record_id):
            return [("UPDATE records SET wrapped = x'' WHERE record_id = ?", (record_id,))]
        case changes.DropRecord(record_id):
            return [("DELETE FROM records WHERE record_id = ?", (record_id,))]
        case changes.DropAudit(sequence):
            return [
                ("DELETE FROM audit WHERE sequence < ?", (sequence,)),
                ("UPDATE audit SET line = '' WHERE sequence = ?", (sequence,)),
            ]
        case changes.Sweep(now, sessions_before, handles_before):
            return _sweep(now, sessions_before, handles_before)


def _end(application: str, reference: str, until: int | None) -> list[Statement]:
    whose = (application, reference)
    dropped: list[Statement] = [
        ("DELETE FROM sessions WHERE application = ? AND reference = ?", whose),
        ("DELETE FROM handles WHERE application = ? AND reference = ?", whose),
        ("DELETE FROM grants WHERE application = ? AND reference = ?", whose),
        ("UPDATE uploads SET expires_at = 0 WHERE application = ? AND reference = ?", whose),
    ]
    if until is None:
        return dropped
    return [*dropped, ("INSERT OR REPLACE INTO tombstones VALUES (?, ?, ?)", (*whose, until))]


def _revoke(
    application: str, reference: str | None, records: tuple[bytes, ...] | None
) -> list[Statement]:
    if records is None:
        whose = "DELETE FROM grants WHERE application = ? AND reference = ?"
        return [(whose, (application, reference))]
    if reference is None:
        every = "DELETE FROM grants WHERE record_id = ? AND application = ?"
        return [(every, (each, application)) for each in records]
    one = "DELETE FROM grants WHERE application = ? AND reference = ? AND record_id = ?"
    return [(one, (application, reference, each)) for each in records]


def _replace_key(record_id: bytes, key: Wrapped) -> list[Statement]:
    replaced = (REPLACE_KEY, (key.record_id, *rows.key_row(key), record_id))
    if key.record_id == record_id:
        return [replaced]
    return [replaced, (RENAME_GRANTS, (key.record_id, record_id))]


def _sweep(now: int, sessions_before: int, handles_before: int) -> list[Statement]:
    return [
        ("DELETE FROM sessions WHERE expires_at <= ?", (sessions_before,)),
        ("DELETE FROM handles WHERE created_at < ?", (handles_before,)),
        ("DELETE FROM grants WHERE expires_at <= ?", (now,)),
        ("DELETE FROM tombstones WHERE until <= ?", (now,)),
        ("DELETE FROM log_outs WHERE until <= ?", (now,)),
        ("DELETE FROM log_out_tokens WHERE until <= ?", (now,)),
    ]
