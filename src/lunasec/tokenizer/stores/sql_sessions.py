"""Facts of sessions, found in rows: who has one, who was offered one, and who logged out."""

import sqlite3
from typing import Final

from lunasec.tokenizer.core.ledger import Handle, Session, Want
from lunasec.tokenizer.stores import rows
from lunasec.tokenizer.stores.rows import HANDLE, SESSION

_SESSION: Final = f"SELECT {SESSION} FROM sessions WHERE secret_hash = ?"  # noqa: S608 - constants
_SESSIONS_OF: Final = f"SELECT {SESSION} FROM sessions WHERE application = ? AND reference = ?"  # noqa: S608
# Each says what its index says (schema/sqlite.sql), so that none reads the table.
_SESSIONS_UNDER: Final = tuple(
    f"SELECT {SESSION} FROM sessions WHERE application = ? AND {name} = ? AND {name} <> ''"  # noqa: S608
    for name in ("session_id", "user_id")
)
_HANDLE: Final = f"SELECT {HANDLE} FROM handles WHERE handle_hash = ?"  # noqa: S608
_ENDED: Final = "SELECT 1 FROM tombstones WHERE application = ? AND reference = ?"
_LOG_OUT: Final = "SELECT at FROM log_outs WHERE application = ? AND name = ?"
_USED: Final = "SELECT 1 FROM log_out_tokens WHERE application = ? AND token_hash = ?"


def session(connection: sqlite3.Connection, secret_hash: bytes) -> Session | None:
    """Find a session by its name."""
    row = connection.execute(_SESSION, (secret_hash,)).fetchone()
    return None if row is None else rows.read_session(row)


def sessions(connection: sqlite3.Connection, want: Want) -> tuple[Session, ...]:
    """Find the sessions of references, and those of an auth proxy's session or user."""
    asked = [(_SESSIONS_OF, reference) for reference in want.sessions_of]
    if want.sessions_under:
        asked += [(each, want.sessions_under) for each in _SESSIONS_UNDER]
    found = {
        row
        for statement, name in asked
        for row in connection.execute(statement, (want.application, name))
    }
    return tuple(rows.read_session(row) for row in sorted(found))


def handle(connection: sqlite3.Connection, handle_hash: bytes) -> Handle | None:
    """Find a handle."""
    row = connection.execute(_HANDLE, (handle_hash,)).fetchone()
    return None if row is None else rows.read_handle(row)


def ended(connection: sqlite3.Connection, want: Want) -> frozenset[str]:
    """Say which of the references were ended."""
    return frozenset(
        each
        for each in want.references
        if connection.execute(_ENDED, (want.application, each)).fetchone() is not None
    )


def log_outs(connection: sqlite3.Connection, want: Want) -> tuple[int, ...]:
    """Say when those that were logged out were."""
    found = [
        connection.execute(_LOG_OUT, (want.application, each)).fetchone() for each in want.log_outs
    ]
    return tuple(row[0] for row in found if row is not None)


def is_used(connection: sqlite3.Connection, application: str, token_hash: bytes) -> bool:
    """Say whether a log-out token was used."""
    return connection.execute(_USED, (application, token_hash)).fetchone() is not None
