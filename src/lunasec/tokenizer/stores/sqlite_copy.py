"""Copies of the database: a backup of one in use, one made fit to take its place, its audit log."""

import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

from lunasec.tokenizer.core.audit import Entry, Head, Link
from lunasec.tokenizer.core.rollback import Mark
from lunasec.tokenizer.stores import changes, sql, sqlite_file, sqlite_inspection
from lunasec.tokenizer.stores.sqlite_inspection import About

_VOID = ("sessions", "handles", "grants", "uploads")


def copy(source: Path, target: Path, *, before: Callable[[Path], None] = lambda _: None) -> About:
    """Copy a database as of one instant, while a tokenizer uses it, into a single new file.

    `before` is called with the finished copy, before that has its name.

    Raises: `StoreDamaged` when what was copied is not whole; `Unavailable`.
    """
    draft = sqlite_file.new_draft(target)
    try:
        with (
            closing(sqlite_file.connect(source)) as reader,
            closing(sqlite_file.connect(draft)) as writer,
        ):
            reader.backup(writer)  # in one read transaction
            # Without a log beside it, so that it is one file wherever it is carried.
            writer.execute("PRAGMA journal_mode = DELETE")
        about = _whole(draft, source)
        before(draft)
        sqlite_file.put_in_place(draft, target)
    except sqlite3.Error as error:
        raise sqlite_file.refusal(source, error) from None
    finally:
        with suppress(OSError):
            sqlite_file.remove(draft)
    return about


def draft_of(backup: Path, path: Path) -> tuple[Path, About]:
    """Copy a backup into a draft beside `path`; the backup itself is only read.

    Raises: `StoreDamaged` when it is missing or not whole; `Unavailable`.
    """
    if not backup.exists():
        raise sqlite_file.damaged(backup, "there is no such backup")
    draft = sqlite_file.new_draft(path)
    try:
        names = zip(sqlite_file.family(backup), sqlite_file.family(draft), strict=True)
        with sqlite_file.writing(path):
            for source, target in names:
                if source.exists() and not source.name.endswith("-shm"):
                    shutil.copyfile(source, target)
        return draft, _whole(draft, backup)
    except BaseException:
        with suppress(OSError):
            sqlite_file.remove(draft)
        raise


def void(draft: Path, mark: Mark, entry: Entry) -> Head:
    """Take all grants, sessions and handles out of a draft; records and the audit log stay.

    The draft gets the mark, and the audit log `entry` as its new end, which is returned.

    Raises: `StoreDamaged`, `Unavailable`.
    """
    try:
        with closing(sqlite_file.connect_to_write(draft)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            for table in _VOID:
                connection.execute(f"DELETE FROM {table}")  # noqa: S608 - constants
            numbers = {"incarnation": mark.incarnation, "generation": mark.generation}
            for name, number in numbers.items():
                update = "UPDATE meta SET value = ? WHERE name = ?"
                connection.execute(update, (str(number), name))
            head = changes.append(connection, sql.last(connection), [entry])
            connection.execute("COMMIT")
            sqlite_file.empty_log(connection)
    except sqlite3.Error as error:
        raise sqlite_file.refusal(draft, error) from None
    return head


def links(path: Path) -> Iterator[Link]:
    """Read the audit log from its first line on, as of one instant; a tokenizer may be running.

    Raises: `StoreDamaged`, `Unavailable`.
    """
    try:
        with closing(sqlite_file.connect(path)) as connection:
            statement = "SELECT sequence, line, digest FROM audit ORDER BY sequence"
            for sequence, line, digest in connection.execute(statement):
                yield Link(sequence=sequence, line=line, digest=digest)
    except sqlite3.Error as error:
        raise sqlite_file.refusal(path, error) from None


def _whole(draft: Path, source: Path) -> About:
    """Look at a copy, and blame what it was copied from."""
    about = sqlite_inspection.inspect(draft, called=source, checked_bytes=sys.maxsize)
    if about is None:
        raise sqlite_file.damaged(source, "it is missing")
    return about
