"""The ledger in one SQLite file, owned by one process: WAL, `synchronous=FULL`, group commit."""

import fcntl
import os
import secrets
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib import resources
from pathlib import Path
from typing import Any, Final, TypeVar, cast

from lunasec.errors import LunaSecError, StoreDamaged, Unavailable
from lunasec.tokenizer.core.audit import START, Head
from lunasec.tokenizer.core.ledger import TAKES_AWAY, Facts, Operation, Want
from lunasec.tokenizer.core.rollback import Mark
from lunasec.tokenizer.stores import sql
from lunasec.tokenizer.stores.writer import Failure, Writer

T = TypeVar("T")

APPLICATION_ID: Final = 0x4C554E41
"""`LUNA`, in the file's header: another program's database is not taken for ours."""

SCHEMA_VERSION: Final = 1

QUICK_CHECK_BYTES: Final = 64 * 2**20
"""Up to here a whole check at start takes well under a second."""


class SqliteStore:
    """Keeps the ledger in `path`. Point reads run on the caller's loop; one thread writes."""

    def __init__(self, path: Path) -> None:
        """Open the database, or make it.

        Raises: `StoreDamaged` when the file is not a whole database of ours, or is in use.
        """
        self._path = path
        self._advance: Callable[[Mark], None] = lambda _: None
        self._lock = _lock(path)
        try:
            self._connection = _open(path)
            self._reader = _connect(path)
        except sqlite3.Error as error:
            raise _damaged(path, str(error)) from error
        self._head = _last(self._connection)
        self._mark = Mark(
            store_id=self.meta("store_id"),
            incarnation=int(self.meta("incarnation")),
            generation=int(self.meta("generation")),
        )
        self._writer: Writer[Operation[Any]] = Writer(self._commit)

    @property
    def mark(self) -> Mark:
        """How far this database has come."""
        return self._mark

    def keep_marks(self, advance: Callable[[Mark], None]) -> None:
        """Call `advance` after every commit that took something away, before it is answered."""
        self._advance = advance

    def meta(self, name: str) -> str:
        """Read what the database says of itself: its store_id, its keyset."""
        statement = "SELECT value FROM meta WHERE name = ?"
        row = self._reader.execute(statement, (name,)).fetchone()
        return "" if row is None else str(row[0])

    def belong_to(self, keyset: str) -> None:
        """Bind a new database to its key set, for good.

        Raises: `StoreDamaged` when it belongs to another one.
        """
        if not self.meta("keyset"):
            update = "UPDATE meta SET value = ? WHERE name = 'keyset'"
            self._connection.execute(update, (keyset,))
        if self.meta("keyset") != keyset:
            raise _damaged(self._path, "its values were sealed with the keys of another key file")

    async def transact(self, operation: Operation[T]) -> T | LunaSecError:
        """Wait for the group's commit."""
        return cast("T | LunaSecError", await self._writer.submit(operation))

    async def look(self, want: Want) -> Facts:
        """Read straight on the loop: microseconds, where a thread would take ten times as long."""
        try:
            return sql.find(self._reader, want)
        except sqlite3.Error as error:
            raise Unavailable from error

    async def head(self) -> Head:
        """Return the end of the audit chain."""
        return self._head

    async def close(self) -> None:
        """Finish the last group, and close the file."""
        self.abandon()

    def abandon(self) -> None:
        """Close at once, as a start does that ends in a refusal."""
        self._writer.close()
        self._reader.close()
        self._connection.close()
        os.close(self._lock)

    def _commit(self, operations: Sequence[Operation[Any]]) -> Sequence[Any]:
        """Commit a group; if its transaction fails, each operation is tried alone."""
        try:
            answers, takes_away = self._transaction(operations)
        except Exception as error:  # noqa: BLE001 - the thread lives on, whatever happened
            self._roll_back()
            if len(operations) > 1:
                return [answer for each in operations for answer in self._commit([each])]
            return [_failure(error)]
        try:
            if takes_away:
                self._advance(self._mark)
        except (OSError, LunaSecError) as error:
            # It is done, but an older copy could undo it unseen: so it is not acknowledged.
            return [_failure(error)] * len(operations)
        return answers

    def _transaction(self, operations: Sequence[Operation[Any]]) -> tuple[Sequence[Any], bool]:
        connection, head, takes_away = self._connection, self._head, False
        connection.execute("BEGIN IMMEDIATE")
        answers: list[Any] = []
        for operation in operations:
            decision = operation.decide(sql.find(connection, operation.want()))
            for change in decision.changes:
                sql.apply(connection, change)
                takes_away = takes_away or isinstance(change, TAKES_AWAY)
            for entry in decision.entries:
                head = sql.append(connection, head, entry)
            answers.append(decision.answer)
        mark = replace(self._mark, generation=self._mark.generation + takes_away)
        if takes_away:
            update = "UPDATE meta SET value = ? WHERE name = 'generation'"
            connection.execute(update, (str(mark.generation),))
        connection.execute("COMMIT")
        self._head, self._mark = head, mark
        return answers, takes_away

    def _roll_back(self) -> None:
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")


def _failure(error: Exception) -> Failure:
    if isinstance(error, sqlite3.Error | OSError):
        unavailable = Unavailable()
        unavailable.__cause__ = error
        return Failure(unavailable)
    return Failure(error)


def _lock(path: Path) -> int:
    """Keep other processes out for as long as this one lives (BSD lock; the kernel lets go)."""
    descriptor = os.open(path.with_suffix(".lock"), os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        message = f"{path} is in use by another process; stop that one first."
        raise StoreDamaged(message) from error
    return descriptor


def _open(path: Path) -> sqlite3.Connection:
    """Open for writing, after making sure that it is ours and whole, or new."""
    new = not path.exists() or path.stat().st_size == 0
    if not new:
        _inspect(path)
    connection = _connect(path)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA secure_delete = ON")
    if new:
        path.chmod(0o600)
        _create(connection)
    return connection


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(
        path, isolation_level=None, check_same_thread=False, cached_statements=256
    )
    connection.execute("PRAGMA busy_timeout = 2000")
    return connection


def _inspect(path: Path) -> None:
    """Refuse a file that is not ours or not whole, before anything is written to it.

    Raises: `StoreDamaged`.
    """
    with path.open("rb") as file:
        header = file.read(100)
    if len(header) < 100 or not header.startswith(b"SQLite format 3\0"):  # noqa: PLR2004 - SQLite file format 1.3
        raise _damaged(path, "it is not an SQLite database")
    if int.from_bytes(header[68:72], "big") != APPLICATION_ID:
        raise _damaged(path, "it is another program's database")
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        small = path.stat().st_size < QUICK_CHECK_BYTES
        whole = connection.execute("PRAGMA quick_check(1)").fetchone()[0] if small else "ok"
    finally:
        connection.close()
    if version != SCHEMA_VERSION:
        raise _damaged(path, f"its schema is version {version}, this program's {SCHEMA_VERSION}")
    if whole != "ok":
        raise _damaged(path, whole)


def _damaged(path: Path, why: str) -> StoreDamaged:
    return StoreDamaged(
        f"{path}: {why}. Nothing was changed. Restore the last backup with"
        f" `lunasec restore`, or name another data directory."
    )


def _create(connection: sqlite3.Connection) -> None:
    schema = resources.files("lunasec.tokenizer.stores").joinpath("schema/sqlite.sql").read_text()
    connection.executescript(
        f"BEGIN; PRAGMA application_id = {APPLICATION_ID};"
        f" PRAGMA user_version = {SCHEMA_VERSION}; {schema};"
        f" INSERT INTO meta VALUES ('store_id', '{secrets.token_hex(16)}'),"  # noqa: S608 - ours
        " ('incarnation', '0'), ('generation', '0'), ('keyset', ''); COMMIT;"
    )


def _last(connection: sqlite3.Connection) -> Head:
    statement = "SELECT sequence, digest FROM audit ORDER BY sequence DESC LIMIT 1"
    row = connection.execute(statement).fetchone()
    return START if row is None else Head(sequence=row[0], digest=row[1])
