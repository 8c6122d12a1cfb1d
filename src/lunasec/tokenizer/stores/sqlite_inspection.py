"""Looks at a database before it is used, without changing a byte of it or beside it."""

import os
import shutil
import sqlite3
from collections.abc import Generator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lunasec.errors import Unavailable
from lunasec.tokenizer.core.audit import Head
from lunasec.tokenizer.core.ledger import File
from lunasec.tokenizer.core.rollback import Mark
from lunasec.tokenizer.stores import sql
from lunasec.tokenizer.stores.rows import read_file
from lunasec.tokenizer.stores.sqlite_file import (
    APPLICATION_ID,
    OLDEST_SCHEMA,
    SCHEMA_VERSION,
    damaged,
    refusal,
)

CHECKED_BYTES: Final = 32 * 2**20
"""Up to here every page and index is checked at start, in well under a second."""

_HEADER_BYTES: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What a database says of itself."""

    mark: Mark
    keyset: str
    head: Head
    anchored: bool


def inspect(
    path: Path,
    anchor: Head | None = None,
    *,
    called: Path | None = None,
    checked_bytes: int = CHECKED_BYTES,
) -> About | None:
    """Look at a database without changing a byte of it; None where there is none yet.

    A file of up to `checked_bytes` is checked whole. `anchored` says whether its audit log goes
    through `anchor`. A copy is `called` what it was copied from.

    Raises: `StoreDamaged` when it is not a whole database of ours.
    """
    name, log = called or path, path.with_name(f"{path.name}-wal")
    if not path.exists():
        if log.exists():
            raise damaged(name, f"it is missing, although its log {log.name} is there")
        return None
    try:
        _check_header(path, name)
        with _aside(path) as copy, closing(_connect_to_read(copy)) as connection:
            _check(connection, name, whole=path.stat().st_size <= checked_bytes)
            return _about(connection, anchor)
    except OSError as error:
        raise Unavailable(f"{name} can't be read: {error.strerror}.") from None
    except sqlite3.Error as error:
        raise refusal(name, error) from None


def files(path: Path) -> list[File]:
    """List the files that the records of a database name, but for those that were destroyed.

    A row whose file can't be one is passed over, as it is when it is asked for.

    Raises: `StoreDamaged`, `Unavailable`.
    """
    statement = "SELECT blob, file_size FROM records WHERE blob IS NOT NULL AND wrapped <> x''"
    try:
        with _aside(path) as copy, closing(_connect_to_read(copy)) as connection:
            found = [read_file(*row) for row in connection.execute(statement)]
            return [each for each in found if each]
    except OSError as error:
        raise Unavailable(f"{path} can't be read: {error.strerror}.") from None
    except sqlite3.Error as error:
        raise refusal(path, error) from None


def _connect_to_read(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
    connection.execute("PRAGMA temp_store = MEMORY")
    return connection


@contextmanager
def _aside(path: Path) -> Generator[Path]:
    """Give the database a second name, with a copy of its log.

    SQLite can't read a database in WAL mode without writing files beside it, even when told to
    read only, and it may drop a log that it finds useless: all that happens beside the second name.
    """
    folder = path.with_name(f".{path.name}.inspection")
    shutil.rmtree(folder, ignore_errors=True)
    try:
        folder.mkdir(mode=0o700)
        copy, log = folder / path.name, path.with_name(f"{path.name}-wal")
        try:
            os.link(path.resolve(), copy)
        except OSError:  # a file system without links
            shutil.copyfile(path, copy)
        if log.exists():
            shutil.copyfile(log, folder / log.name)
        yield copy
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _check_header(path: Path, name: Path) -> None:
    with path.open("rb") as file:
        header = file.read(_HEADER_BYTES)
    if len(header) < _HEADER_BYTES or not header.startswith(b"SQLite format 3\0"):
        raise damaged(name, "it is not an SQLite database")
    if int.from_bytes(header[68:72], "big") != APPLICATION_ID:  # SQLite file format, 1.3.14
        raise damaged(name, "it is another program's database")


def _check(connection: sqlite3.Connection, name: Path, *, whole: bool) -> None:
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if not OLDEST_SCHEMA <= version <= SCHEMA_VERSION:
        newer = "a newer" if version > SCHEMA_VERSION else "an older"
        raise damaged(name, f"{newer} version of LunaSec made it (schema {version})")
    if whole:
        found = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
        if found != "ok":
            raise damaged(name, f"it is not whole ({found.splitlines()[0]})")


def _about(connection: sqlite3.Connection, anchor: Head | None) -> About:
    statement = "SELECT digest FROM audit WHERE sequence = ?"
    row = connection.execute(statement, (anchor.sequence if anchor else 0,)).fetchone()
    numbers = [sql.meta(connection, name) for name in ("incarnation", "generation")]
    if not all(each.isdecimal() for each in numbers):
        raise sqlite3.DatabaseError("the table of marks is damaged")
    return About(
        mark=Mark(
            store_id=sql.meta(connection, "store_id"),
            incarnation=int(numbers[0]),
            generation=int(numbers[1]),
        ),
        keyset=sql.meta(connection, "keyset"),
        head=sql.last(connection),
        anchored=anchor is None
        or anchor.sequence == 0
        or (row is not None and row[0] == anchor.digest),
    )
