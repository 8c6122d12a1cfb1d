"""The ledger in one SQLite file, owned by one process: WAL, `synchronous=FULL`, group commit."""

import os
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any, Final, TypeVar, cast

from lunasec.errors import LunaSecError, Unavailable
from lunasec.tokenizer.core.audit import Entry, Head
from lunasec.tokenizer.core.changes import DESTROYS, TAKES_AWAY, Change, PutRecord, ReplaceKey
from lunasec.tokenizer.core.keyset import LAST_LOOKUP, Newest
from lunasec.tokenizer.core.ledger import Facts, Want
from lunasec.tokenizer.core.operation import Operation
from lunasec.tokenizer.core.rollback import Mark
from lunasec.tokenizer.stores import changes, sql, sqlite_file, sqlite_inspection
from lunasec.tokenizer.stores.sqlite_inspection import About
from lunasec.tokenizer.stores.writer import Failure, Writer

T = TypeVar("T")

_TAKES_AWAY: Final = frozenset(TAKES_AWAY)
_DESTROYS: Final = frozenset(DESTROYS)
_NEWEST: Final = (
    "SELECT (SELECT coalesce(max(lookup_version), 0) FROM records WHERE lookup_version <= ?),"
    " (SELECT coalesce(max(epoch), 0) FROM wraps)"
)


class SqliteStore:
    """Keeps the ledger in `path`. Point reads run on the caller's loop; one thread writes."""

    def __init__(
        self,
        path: Path,
        *,
        keyset: str = "",
        anchor: Head | None = None,
        accept: Callable[[About | None], None] = lambda _: None,
    ) -> None:
        """Open the database; or make it, for `keyset`.

        `accept` is told what was found, None where there is none yet, before a byte is changed;
        what it raises is a refusal.

        Raises: `StoreDamaged` when the file is not a whole database of ours, or is in use.
        """
        self._path = path
        self._closed = False
        self._advance: Callable[[Mark], None] = lambda _: None
        self._committed: Callable[[int], None] = lambda _: None
        self._lock = sqlite_file.hold(path)
        try:
            about = sqlite_inspection.inspect(path, anchor)
            accept(about)
            if about is None:
                sqlite_file.create(path, keyset=keyset)
            self._open()
        except sqlite3.Error as error:
            os.close(self._lock)
            raise sqlite_file.refusal(path, error) from error
        except BaseException:
            os.close(self._lock)
            raise
        self._marked: Mark = self._mark
        self._to_purge = True  # what an earlier process left in the log
        self._writer: Writer[Operation[Any]] = Writer(self._commit)

    def _open(self) -> None:
        self._connection = sqlite_file.connect_to_write(self._path)
        sqlite_file.bring_up_to_date(self._connection)
        self._reader = sqlite_file.connect(self._path)
        self._reader.execute("PRAGMA query_only = ON")
        self._read_state()

    def _read_state(self) -> None:
        self._head = sql.last(self._connection)
        self._mark = Mark(
            store_id=sql.meta(self._connection, "store_id"),
            incarnation=int(sql.meta(self._connection, "incarnation")),
            generation=int(sql.meta(self._connection, "generation")),
        )

    @property
    def mark(self) -> Mark:
        """How far this database has come."""
        return self._mark

    @property
    def newest_keys(self) -> Newest:
        """The highest numbers of keys that anything here was made with."""
        lookup, wrap = self._connection.execute(_NEWEST, (LAST_LOOKUP,)).fetchone()
        return Newest(lookup=lookup, wrap=wrap)

    def keep_marks(self, advance: Callable[[Mark], None]) -> None:
        """Call `advance` after every commit that took something away, before it is answered."""
        self._advance = advance

    def count_groups(self, committed: Callable[[int], None]) -> None:
        """Call `committed`, on the writer's thread, with the size of each committed group."""
        self._committed = committed

    async def transact(self, operation: Operation[T]) -> T | LunaSecError:
        """Wait for the group's commit; applications take turns."""
        lane = operation.want().application
        return cast("T | LunaSecError", await self._writer.submit(operation, lane))

    async def look(self, want: Want) -> Facts:
        """Read straight on the loop: microseconds, where a thread would take ten times as long."""
        reader = self._reader
        try:
            if sql.is_one_statement(want):
                return sql.find(reader, want)
            reader.execute("BEGIN")
            try:
                return sql.find(reader, want)
            finally:
                if reader.in_transaction:
                    reader.execute("COMMIT")
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
        if self._closed:  # by now the lock's number may be another file's
            return
        self._closed = True
        self._writer.close()
        self._reader.close()
        self._connection.close()
        os.close(self._lock)

    def _commit(self, operations: Iterator[Operation[Any]]) -> Sequence[Any]:
        """Commit a group; if its transaction fails, each operation is tried alone."""
        taken: list[Operation[Any]] = []
        try:
            answers = self._transaction(_noting(operations, taken))
        except Exception as error:  # noqa: BLE001 - the others must not notice
            self._recover()
            if len(taken) > 1:
                return [answer for each in taken for answer in self._commit(iter((each,)))]
            return [_failure(error)]
        self._committed(len(answers))
        try:
            self._follow_up()
        except (OSError, LunaSecError) as error:
            # It is done, but an older copy could undo it unseen: so it is not acknowledged.
            return [_unavailable(error) for _ in answers]
        return answers

    def _transaction(self, operations: Iterator[Operation[Any]]) -> Sequence[Any]:
        connection = self._connection
        operations = chain((next(operations),), operations)  # without one, nothing is begun
        connection.execute("BEGIN IMMEDIATE")
        answers: list[Any] = []
        applied: list[Change] = []
        entries = list[Entry]()
        for operation in operations:
            decision = operation.decide(sql.find(connection, operation.want()))
            changes.apply(connection, decision.changes)
            applied += decision.changes
            entries += decision.entries
            answers.append(decision.answer)
        head = changes.append(connection, self._head, entries)
        kinds = set(map(type, applied))
        self._count_wraps(applied)
        mark = self._next_mark(takes_away=not _TAKES_AWAY.isdisjoint(kinds))
        connection.execute("COMMIT")
        self._head, self._mark = head, mark
        self._to_purge = self._to_purge or not _DESTROYS.isdisjoint(kinds)
        return answers

    def _count_wraps(self, applied: list[Change]) -> None:
        wraps = Counter(
            each.record.key.epoch if isinstance(each, PutRecord) else each.key.epoch
            for each in applied
            if isinstance(each, PutRecord | ReplaceKey)
        )
        for epoch, count in wraps.items():
            changes.count_wraps(self._connection, epoch, count)

    def _next_mark(self, *, takes_away: bool) -> Mark:
        if not takes_away:
            return self._mark
        mark = replace(self._mark, generation=self._mark.generation + 1)
        update = "UPDATE meta SET value = ? WHERE name = 'generation'"
        self._connection.execute(update, (str(mark.generation),))
        return mark

    def _follow_up(self) -> None:
        """Do what has to be done between a commit and its answers."""
        if self._mark != self._marked:  # this commit's, or one whose mark could not be written
            self._advance(self._mark)
            self._marked = self._mark
        if self._to_purge:
            self._to_purge = not self._purged()

    def _purged(self) -> bool:
        """Empty the log, which holds what was overwritten; a reader elsewhere may prevent it."""
        try:
            self._connection.execute("PRAGMA busy_timeout = 0")
            emptied = sqlite_file.empty_log(self._connection)
            self._connection.execute("PRAGMA busy_timeout = 2000")
        except sqlite3.Error:  # what was committed is durable all the same
            return False
        return emptied

    def _recover(self) -> None:
        """Leave the failed transaction; where even that fails, begin with a new connection."""
        try:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
        except sqlite3.Error:
            with suppress(sqlite3.Error):
                self._connection.close()
                self._connection = sqlite_file.connect_to_write(self._path)
                self._read_state()


def _noting(
    operations: Iterator[Operation[Any]], taken: list[Operation[Any]]
) -> Iterator[Operation[Any]]:
    for each in operations:
        taken.append(each)
        yield each


def _failure(error: Exception) -> Failure:
    """Tell a store that can't write from an operation's own mistake."""
    return _unavailable(error) if isinstance(error, sqlite3.Error | OSError) else Failure(error)


def _unavailable(cause: Exception) -> Failure:
    unavailable = Unavailable()
    unavailable.__cause__ = cause
    return Failure(unavailable)
