"""The SQLite file itself: held by one process, opened so that it keeps what it is told."""

import fcntl
import os
import secrets
import sqlite3
from collections.abc import Generator
from contextlib import closing, contextmanager
from functools import partial
from importlib import resources
from pathlib import Path
from typing import Final

from lunasec.errors import LunaSecError, StoreDamaged, Unavailable

APPLICATION_ID: Final = 0x4C554E41
"""`LUNA`, in the file's header: another program's database is not taken for ours."""

SCHEMA_VERSION: Final = 4

OLDEST_SCHEMA: Final = 2
"""The first that a release had; what is between is brought up to date at start."""

_SCHEMAS: Final = resources.files("lunasec.tokenizer.stores").joinpath("schema")

_PASSING: Final = (
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PROTOCOL,
)


def hold(path: Path) -> int:
    """Keep other processes away until the returned descriptor is closed, if only by our death.

    Raises: `StoreDamaged` when another process holds it; `Unavailable`.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        flags = os.O_CREAT | os.O_RDWR | os.O_CLOEXEC
        descriptor = os.open(path.with_suffix(".lock"), flags, 0o600)
    except OSError as error:
        raise Unavailable(f"{path} can't be used: {error.strerror}.") from None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        message = f"{path} is in use by another process; stop that one first."
        raise StoreDamaged(message) from None
    return descriptor


def connect(path: Path) -> sqlite3.Connection:
    """Open a database that is there; nothing is ever made by opening it."""
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=rw",
        uri=True,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=256,
    )
    # What is no UTF-8 was damaged: that row is refused for what it says, and not its neighbors too.
    connection.text_factory = partial(str, encoding="utf-8", errors="replace")
    connection.execute("PRAGMA busy_timeout = 2000")
    connection.execute("PRAGMA temp_store = MEMORY")  # no rows in files elsewhere
    return connection


def connect_to_write(path: Path) -> sqlite3.Connection:
    """Open a database so that what is committed is durable, and what is deleted is overwritten."""
    connection = connect(path)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA fullfsync = ON")  # on macOS an fsync alone does not reach the disk
    connection.execute("PRAGMA secure_delete = ON")
    return connection


def create(path: Path, *, keyset: str) -> None:
    """Make an empty database for a key set: whole and durable under its name, or not at all.

    Raises: `Unavailable`.
    """
    draft = new_draft(path)
    schema = _SCHEMAS.joinpath("sqlite.sql").read_text()
    with closing(connect_to_write(draft)) as connection:
        connection.executescript(
            f"BEGIN; PRAGMA application_id = {APPLICATION_ID};"
            f" PRAGMA user_version = {SCHEMA_VERSION}; {schema}; COMMIT;"
        )
        meta = {
            "store_id": secrets.token_hex(16),
            "incarnation": "0",
            "generation": "0",
            "keyset": keyset,
        }
        connection.executemany("INSERT INTO meta VALUES (?, ?)", meta.items())
        empty_log(connection)
    put_in_place(draft, path)


def bring_up_to_date(connection: sqlite3.Connection) -> None:
    """Change an earlier version's schema into this one's: each step whole and durable, or not.

    Raises: `sqlite3.Error`; the connection is of no use then, and is closed.
    """
    [version] = connection.execute("PRAGMA user_version").fetchone()
    for following in range(version + 1, SCHEMA_VERSION + 1):
        step = _SCHEMAS.joinpath(f"sqlite-{following}.sql").read_text()
        whole = f"BEGIN IMMEDIATE; {step}; PRAGMA user_version = {following}; COMMIT;"
        try:
            connection.executescript(whole)
        except sqlite3.Error:
            connection.close()  # and with it goes the step that was begun
            raise


def empty_log(connection: sqlite3.Connection) -> bool:
    """Move what is in a database's log into the database, durably; a reader may prevent it.

    Closing does that too, but says nothing of it when it fails.
    """
    busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return not busy


@contextmanager
def writing(path: Path) -> Generator[None]:
    """Say of a failure in the block that `path` can't be written."""
    try:
        yield
    except OSError as error:
        raise Unavailable(f"{path} can't be written: {error.strerror}.") from None


def new_draft(path: Path) -> Path:
    """Make an empty file beside `path`, in which a database can be prepared; an old one goes."""
    draft = path.with_name(f".{path.name}.new")
    with writing(path):
        remove(draft)
        draft.touch(mode=0o600)
    return draft


def remove(draft: Path) -> None:
    """Drop a draft and what lies beside it, if it is still there."""
    for each in family(draft):
        each.unlink(missing_ok=True)


def put_in_place(draft: Path, path: Path) -> None:
    """Give a finished draft its name, durably; it is closed by now, and its log is empty.

    Raises: `Unavailable`.
    """
    with writing(path):
        draft.rename(path)
        sync_directory(path.parent)


def sync_directory(directory: Path) -> None:
    """Make durable which names stand for which files."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def family(path: Path) -> list[Path]:
    """Name a database and the files beside it, the log first: without it the rest is old."""
    return [path.with_name(f"{path.name}{end}") for end in ("-wal", "-journal", "-shm", "")]


def damaged(path: Path, why: str) -> StoreDamaged:
    """Say which file, what is wrong and what to do."""
    return StoreDamaged(
        f"{path}: {why}. Nothing was changed. Take a backup into use with `lunasec restore`, or"
        " name another data directory."
    )


def refusal(path: Path, error: sqlite3.Error) -> LunaSecError:
    """Tell a damaged database from one that can't be opened just now."""
    if getattr(error, "sqlite_errorcode", 0) & 0xFF in _PASSING:
        return Unavailable(f"{path} can't be opened: {error}.")
    return damaged(path, f"it is not whole ({error})")
