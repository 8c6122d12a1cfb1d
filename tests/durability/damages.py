"""Ways to damage a file."""

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Final

from tests.stores.lines import execute

Damage = Callable[[Path], object]


def overwrite(start: int, data: bytes) -> Damage:
    """Write other bytes into the middle of a file."""

    def damage(path: Path) -> None:
        with path.open("r+b") as file:
            file.seek(start)
            file.write(data)

    return damage


def sql(statement: str) -> Damage:
    """Change a database behind the program's back."""
    return lambda path: execute(path, statement)


def foreign(path: Path) -> None:
    """Put another program's database there."""
    path.unlink()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE notes (text TEXT)")


NOT_SQLITE: Final = "not an SQLite database"
NOT_WHOLE: Final = "is not whole"
OF_DATABASES: Final[dict[str, tuple[Damage, str]]] = {
    "empty": (lambda path: path.write_bytes(b""), NOT_SQLITE),
    "random bytes": (lambda path: path.write_bytes(os.urandom(50_000)), NOT_SQLITE),
    "a text": (lambda path: path.write_text("a text file, by mistake\n" * 50), NOT_SQLITE),
    "half a header": (lambda path: os.truncate(path, 99), NOT_SQLITE),
    "a header": (lambda path: os.truncate(path, 100), NOT_WHOLE),
    "a page": (lambda path: os.truncate(path, 4096), NOT_WHOLE),
    "half": (lambda path: os.truncate(path, path.stat().st_size // 2), NOT_WHOLE),
    "all but a page": (lambda path: os.truncate(path, path.stat().st_size - 4096), NOT_WHOLE),
    "no header": (overwrite(0, bytes(100)), NOT_SQLITE),
    "a random schema": (overwrite(100, os.urandom(3000)), NOT_WHOLE),
    "a random page": (overwrite(4096, os.urandom(4096)), NOT_WHOLE),
    "another random page": (overwrite(3 * 4096, os.urandom(4096)), NOT_WHOLE),
    "another program's": (foreign, "another program's database"),
    "another id": (sql("PRAGMA application_id = 7"), "another program's database"),
    "newer": (sql("PRAGMA user_version = 99"), "a newer version of LunaSec made it"),
    "older": (sql("PRAGMA user_version = 0"), "an older version of LunaSec made it"),
    "without a table": (sql("DROP TABLE meta"), NOT_WHOLE),
}
OF_SMALL_FILES: Final[dict[str, Damage]] = {
    "empty": lambda path: path.write_bytes(b""),
    "random bytes": lambda path: path.write_bytes(os.urandom(300)),
    "another format": lambda path: path.write_text("{}"),
    "cut off": lambda path: os.truncate(path, path.stat().st_size - 10),
    "a digit": lambda path: path.write_bytes(path.read_bytes().replace(b"1", b"2")),
    "open to others": lambda path: path.chmod(0o644),
    "newer": lambda path: path.write_bytes(path.read_bytes().replace(b"/v", b"/v9")),
}
OF_BACKUPS: Final[dict[str, Damage]] = {
    "missing": lambda path: path.unlink(),
    "empty": lambda path: path.write_bytes(b""),
    "a text": lambda path: path.write_bytes(b"not a database" * 100),
    "cut off": lambda path: os.truncate(path, 5000),
    "a page": overwrite(4096, b"\xff" * 4096),
    "other keys": sql("UPDATE meta SET value = 'other' WHERE name = 'keyset'"),
}
