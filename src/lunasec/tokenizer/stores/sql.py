"""Facts, found in rows: one statement for each, in SQLite's dialect of SQL."""

import sqlite3
from collections.abc import Iterator, Mapping
from typing import Final

from lunasec.tokenizer.core.audit import START, Head, Link
from lunasec.tokenizer.core.ledger import (
    AuditPrefix,
    Batch,
    EndedBy,
    Facts,
    Found,
    Upload,
    Want,
)
from lunasec.tokenizer.stores import conditions, rows, sql_sessions
from lunasec.tokenizer.stores.rows import RECORD, RECORD_COLUMNS, UPLOAD

_UPLOAD: Final = f"SELECT {UPLOAD} FROM uploads WHERE upload_hash = ? AND application = ?"  # noqa: S608
_ENDED_UPLOADS: Final = (
    f"SELECT {UPLOAD} FROM uploads WHERE expires_at <= ? ORDER BY expires_at, rowid LIMIT ?"  # noqa: S608
)
_NAMED: Final = (
    "SELECT EXISTS (SELECT 1 FROM records WHERE blob = ?1)"
    " OR EXISTS (SELECT 1 FROM uploads WHERE blob = ?1)"
)
_WRAPS: Final = "SELECT count FROM wraps WHERE epoch = ?"

# A record with the grant that one session has for it. Unknown, ungranted and foreign tokens run
# this same statement.
_FIND: Final = (
    "SELECT r."  # noqa: S608 - constants
    + RECORD.replace(", ", ", r.")
    + ", g.expires_at, g.reads_left, g.may_copy"
    " FROM records r LEFT JOIN grants g ON g.application = r.application AND g.reference = ?1"
    " AND g.record_id = r.record_id AND g.action = ?2"
    " WHERE r.application = ?3 AND r.record_id IN ({places})"
)
_CONTENTS: Final = (
    "SELECT r.record_id, r.ciphertext FROM grants g JOIN records r ON r.record_id = g.record_id"
    " WHERE g.application = ?3 AND g.reference = ?1 AND g.action = ?2 AND g.record_id IN ({places})"
    " AND r.application = ?3 AND r.erased_at IS NULL"
)

# How many ids one statement takes: the short ones cost less for one, the long ones for many.
_SIZES: Final = (1, 2, 10, 100)
_PLACES: Final = {size: ", ".join(f"?{4 + each}" for each in range(size)) for size in _SIZES}
_FINDS: Final = {size: _FIND.format(places=places) for size, places in _PLACES.items()}
_FETCHES: Final = {size: _CONTENTS.format(places=places) for size, places in _PLACES.items()}


def find(connection: sqlite3.Connection, want: Want) -> Facts:
    """Read the wanted facts; call it within a transaction, so that they are of one instant."""
    return Facts(
        session=sql_sessions.session(connection, want.session) if want.session else None,
        other_session=(
            sql_sessions.session(connection, want.other_session) if want.other_session else None
        ),
        handle=sql_sessions.handle(connection, want.handle) if want.handle else None,
        ended=sql_sessions.ended(connection, want) if want.references else frozenset(),
        log_outs=sql_sessions.log_outs(connection, want) if want.log_outs else (),
        log_out_token_used=(
            sql_sessions.is_used(connection, want.application, want.log_out_token)
            if want.log_out_token
            else False
        ),
        sessions=(
            sql_sessions.sessions(connection, want)
            if want.sessions_of or want.sessions_under
            else ()
        ),
        found=_found(connection, want) if want.records else (),
        contents=_contents(connection, want) if want.contents else (),
        batch=_batch(connection, want.batch) if want.batch else (),
        count=_count(connection, want),
        wraps=_wraps(connection, want.wraps_of) if want.wraps_of else 0,
        uploads=tuple([_upload(connection, want.application, each) for each in want.uploads]),
        ended_uploads=_ended_uploads(connection, want.ended_uploads) if want.ended_uploads else (),
        uploads_count=_uploads_count(connection) if want.count_uploads else 0,
        audit=_audit(connection, want.audit) if want.audit else (),
        blobs=frozenset(each for each in want.blobs if _is_named(connection, each)),
    )


def is_one_statement(want: Want) -> bool:
    """Say whether a session, or some contents, are all that is wanted.

    One statement reads as of one instant itself.
    """
    if not want.contents:
        return want == Want(application=want.application, session=want.session)
    whose, contents = want.grants_of, want.contents
    few = sum(map(len, contents)) <= _SIZES[-1]
    return few and want == Want(application=want.application, grants_of=whose, contents=contents)


def last(connection: sqlite3.Connection) -> Head:
    """Return the end of the audit chain."""
    statement = "SELECT sequence, digest FROM audit ORDER BY sequence DESC LIMIT 1"
    row = connection.execute(statement).fetchone()
    return START if row is None else Head(sequence=row[0], digest=row[1])


def _audit(connection: sqlite3.Connection, prefix: AuditPrefix) -> tuple[Link, ...]:
    statement = (
        "SELECT sequence, line, digest FROM audit WHERE sequence < ? ORDER BY sequence LIMIT ?"
    )
    found = connection.execute(statement, (prefix.below, prefix.limit))
    return tuple(Link(sequence=row[0], line=row[1], digest=row[2]) for row in found)


def meta(connection: sqlite3.Connection, name: str) -> str:
    """Read what the database says of itself; nothing where it does not."""
    row = connection.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
    return "" if row is None else str(row[0])


def _wraps(connection: sqlite3.Connection, epoch: int) -> int:
    row = connection.execute(_WRAPS, (epoch,)).fetchone()
    return 0 if row is None else int(row[0])


def _upload(connection: sqlite3.Connection, application: str, upload_hash: bytes) -> Upload | None:
    row = connection.execute(_UPLOAD, (upload_hash, application)).fetchone()
    return None if row is None else rows.read_upload(row)


def _ended_uploads(connection: sqlite3.Connection, by: EndedBy) -> tuple[Upload, ...]:
    found = connection.execute(_ENDED_UPLOADS, (by.at, by.limit))
    return tuple(rows.read_upload(row) for row in found)


def _uploads_count(connection: sqlite3.Connection) -> int:
    return int(connection.execute("SELECT count(*) FROM uploads").fetchone()[0])


def _is_named(connection: sqlite3.Connection, blob: bytes) -> bool:
    return bool(connection.execute(_NAMED, (blob,)).fetchone()[0])


def _found(connection: sqlite3.Connection, want: Want) -> tuple[Found, ...]:
    """Ask for every id that each token can have; of those that are there, the first one counts.

    Which statements run depends on how many tokens there are, and on nothing that is there.
    """
    there = {row[0]: row for row in _rows(connection, _FINDS, want, want.records)}
    return tuple([_first(want, there, ids) for ids in want.records])


def _contents(connection: sqlite3.Connection, want: Want) -> tuple[bytes | None, ...]:
    """Ask for every id, as `_found` does: a record may have moved since its ids were asked for."""
    there: dict[bytes, bytes] = dict(_rows(connection, _FETCHES, want, want.contents))
    return tuple(
        [next((there[each] for each in ids if each in there), None) for ids in want.contents]
    )


def _rows(
    connection: sqlite3.Connection,
    statements: Mapping[int, str],
    want: Want,
    records: tuple[tuple[bytes, ...], ...],
) -> Iterator[rows.Row]:
    whose = (want.grants_of, want.action.value, want.application)
    for ids in _portions([each for possible in records for each in possible]):
        yield from connection.execute(statements[len(ids)], (*whose, *ids))


def _portions(wanted: list[bytes]) -> Iterator[list[bytes]]:
    """Cut a list of ids into portions of the known sizes; the last id fills up the last of them."""
    while wanted:
        size = next((size for size in _SIZES if size >= len(wanted)), _SIZES[-1])
        portion, wanted = wanted[:size], wanted[size:]
        yield portion + portion[-1:] * (size - len(portion))


def _first(want: Want, there: dict[bytes, rows.Row], record_ids: tuple[bytes, ...]) -> Found:
    row = next(filter(None, map(there.get, record_ids)), None)
    if row is None:
        return Found()
    grant = row[RECORD_COLUMNS : RECORD_COLUMNS + 3]
    return Found(
        record=rows.read_record(row),
        grant=None if grant[0] is None else rows.read_grant(want, row[0], grant),
    )


def _batch(connection: sqlite3.Connection, batch: Batch) -> tuple[Found, ...]:
    where, order = conditions.WHERE[type(batch.condition)]
    contents = ", ciphertext" if batch.contents else ""
    statement = (
        f"SELECT {RECORD}{contents} FROM records WHERE {where}"  # noqa: S608 - constants
        f" ORDER BY {order} LIMIT {batch.limit:d} OFFSET {batch.skip:d}"
    )
    return tuple(
        Found(record=rows.read_record(row), ciphertext=row[-1] if batch.contents else None)
        for row in connection.execute(statement, conditions.parameters(batch.condition))
    )


def _count(connection: sqlite3.Connection, want: Want) -> int:
    condition, most = want.count, -1 if want.count_up_to is None else want.count_up_to
    if condition is None:
        return 0
    where, _ = conditions.WHERE[type(condition)]
    statement = f"SELECT count(*) FROM (SELECT 1 FROM records WHERE {where} LIMIT {most:d})"  # noqa: S608 - constants
    return int(connection.execute(statement, conditions.parameters(condition)).fetchone()[0])
