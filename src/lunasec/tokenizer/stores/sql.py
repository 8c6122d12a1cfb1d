"""Facts, found in rows: one statement for each, in SQLite's dialect of SQL."""

import sqlite3
from collections.abc import Iterator
from typing import Final

from lunasec.tokenizer.core import ledger
from lunasec.tokenizer.core.audit import START, Head
from lunasec.tokenizer.core.ledger import Batch, Condition, Facts, Found, Handle, Session, Want
from lunasec.tokenizer.stores import rows
from lunasec.tokenizer.stores.rows import HANDLE, RECORD, RECORD_COLUMNS, SESSION, Row

_SESSION: Final = f"SELECT {SESSION} FROM sessions WHERE secret_hash = ?"  # noqa: S608 - constants
_SESSIONS_OF: Final = f"SELECT {SESSION} FROM sessions WHERE application = ? AND reference = ?"  # noqa: S608
_HANDLE: Final = f"SELECT {HANDLE} FROM handles WHERE handle_hash = ?"  # noqa: S608
_ENDED: Final = "SELECT 1 FROM tombstones WHERE application = ? AND reference = ?"
_WRAPS: Final = "SELECT count FROM wraps WHERE epoch = ?"

# A record with the grant that one session has for it. Unknown, ungranted and foreign tokens run
# this same statement.
_FIND: Final = (
    "SELECT r."  # noqa: S608 - constants
    + RECORD.replace(", ", ", r.")
    + ", g.expires_at, g.reads_left{contents}"
    " FROM records r LEFT JOIN grants g ON g.application = r.application AND g.reference = ?1"
    " AND g.record_id = r.record_id AND g.action = ?2"
    " WHERE r.application = ?3 AND r.record_id IN ({places})"
)
_CONTENTS: Final = ", CASE WHEN g.expires_at IS NULL THEN NULL ELSE r.ciphertext END"

# How many ids one statement takes: the short ones cost less for one, the long ones for many.
_SIZES: Final = (1, 2, 10, 100)
_STATEMENTS: Final = {
    (size, contents): _FIND.format(
        contents=_CONTENTS if contents else "",
        places=", ".join(f"?{number}" for number in range(4, 4 + size)),
    )
    for size in _SIZES
    for contents in (False, True)
}

# Each begins with what its index begins with (schema/sqlite.sql), so that none reads the table.
_CONDITIONS: Final = {
    ledger.ErasedBefore: ("erased_at < ? AND wrapped <> x''", "erased_at, rowid"),
    ledger.ErasedSince: (
        "erased_at >= ?2 AND application = ?1 AND wrapped <> x''",
        "erased_at, rowid",
    ),
    ledger.Destroyed: ("erased_at IS NOT NULL AND wrapped = x''", "erased_at, rowid"),
    ledger.UnverifiedBefore: (
        "created_at < ? AND verified_at IS NULL AND erased_at IS NULL",
        "created_at, rowid",
    ),
    ledger.EpochBefore: ("epoch < ? AND wrapped <> x''", "epoch, rowid"),
}


def find(connection: sqlite3.Connection, want: Want) -> Facts:
    """Read the wanted facts; call it within a transaction, so that they are of one instant."""
    return Facts(
        session=_session(connection, want.session) if want.session else None,
        handle=_handle(connection, want.handle) if want.handle else None,
        ended=frozenset(
            each for each in want.references if _is_ended(connection, want.application, each)
        ),
        sessions=_sessions_of(connection, want) if want.sessions_of else (),
        found=_found(connection, want) if want.records else (),
        batch=_batch(connection, want.batch) if want.batch else (),
        count=_count(connection, want.count) if want.count else 0,
        wraps=_wraps(connection, want.wraps_of) if want.wraps_of else 0,
    )


def last(connection: sqlite3.Connection) -> Head:
    """Return the end of the audit chain."""
    statement = "SELECT sequence, digest FROM audit ORDER BY sequence DESC LIMIT 1"
    row = connection.execute(statement).fetchone()
    return START if row is None else Head(sequence=row[0], digest=row[1])


def meta(connection: sqlite3.Connection, name: str) -> str:
    """Read what the database says of itself; nothing where it does not."""
    row = connection.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
    return "" if row is None else str(row[0])


def _session(connection: sqlite3.Connection, secret_hash: bytes) -> Session | None:
    row = connection.execute(_SESSION, (secret_hash,)).fetchone()
    return None if row is None else rows.read_session(row)


def _sessions_of(connection: sqlite3.Connection, want: Want) -> tuple[Session, ...]:
    found = [
        row
        for reference in set(want.sessions_of)
        for row in connection.execute(_SESSIONS_OF, (want.application, reference))
    ]
    return tuple(rows.read_session(row) for row in sorted(found))


def _handle(connection: sqlite3.Connection, handle_hash: bytes) -> Handle | None:
    row = connection.execute(_HANDLE, (handle_hash,)).fetchone()
    return None if row is None else rows.read_handle(row)


def _is_ended(connection: sqlite3.Connection, application: str, reference: str) -> bool:
    return connection.execute(_ENDED, (application, reference)).fetchone() is not None


def _wraps(connection: sqlite3.Connection, epoch: int) -> int:
    row = connection.execute(_WRAPS, (epoch,)).fetchone()
    return 0 if row is None else int(row[0])


def _found(connection: sqlite3.Connection, want: Want) -> tuple[Found, ...]:
    """Ask for every id that each token can have; of those that are there, the first one counts.

    Which statements run depends on how many tokens there are, and on nothing that is there.
    """
    wanted = [record_id for ids in want.records for record_id in ids]
    there: dict[bytes, Row] = {}
    for ids in _portions(wanted):
        parameters = (want.grants_of, want.action.value, want.application, *ids)
        statement = _STATEMENTS[len(ids), want.contents]
        there.update((row[0], row) for row in connection.execute(statement, parameters))
    return tuple([_first(want, there, ids) for ids in want.records])


def _portions(wanted: list[bytes]) -> Iterator[list[bytes]]:
    """Cut a list of ids into portions of the known sizes; the last id fills up the last of them."""
    while wanted:
        size = next((size for size in _SIZES if size >= len(wanted)), _SIZES[-1])
        portion, wanted = wanted[:size], wanted[size:]
        yield portion + portion[-1:] * (size - len(portion))


def _first(want: Want, there: dict[bytes, Row], record_ids: tuple[bytes, ...]) -> Found:
    row = next((there[each] for each in record_ids if each in there), None)
    if row is None:
        return Found()
    expires_at, reads_left = row[RECORD_COLUMNS : RECORD_COLUMNS + 2]
    return Found(
        record=rows.read_record(row),
        grant=(
            None if expires_at is None else rows.read_grant(want, row[0], expires_at, reads_left)
        ),
        ciphertext=row[-1] if want.contents else None,
    )


def _batch(connection: sqlite3.Connection, batch: Batch) -> tuple[Found, ...]:
    where, order = _CONDITIONS[type(batch.condition)]
    contents = ", ciphertext" if batch.contents else ""
    statement = (
        f"SELECT {RECORD}{contents} FROM records WHERE {where}"  # noqa: S608 - constants
        f" ORDER BY {order} LIMIT {batch.limit:d} OFFSET {batch.skip:d}"
    )
    return tuple(
        Found(record=rows.read_record(row), ciphertext=row[-1] if batch.contents else None)
        for row in connection.execute(statement, _parameters(batch.condition))
    )


def _count(connection: sqlite3.Connection, condition: Condition) -> int:
    where, _ = _CONDITIONS[type(condition)]
    statement = f"SELECT count(*) FROM records WHERE {where}"  # noqa: S608 - constants
    return int(connection.execute(statement, _parameters(condition)).fetchone()[0])


def _parameters(condition: Condition) -> Row:
    match condition:
        case ledger.ErasedBefore(at) | ledger.UnverifiedBefore(at):
            return (at,)
        case ledger.ErasedSince(application, at):
            return application, at
        case ledger.Destroyed():
            return ()
        case ledger.EpochBefore(epoch):
            return (epoch,)
