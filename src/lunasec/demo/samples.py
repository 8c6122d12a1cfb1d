"""What visitors typed on the gallery's page: tokens, each under the name of its field."""

import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, Self

FIELDS: Final = ("text", "ssn", "card", "phone", "date", "secret", "note", "files")
"""The fields of the page's form; the last one may hold several tokens."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS samples (
    account TEXT NOT NULL,
    field TEXT NOT NULL,
    place INTEGER NOT NULL,
    token TEXT NOT NULL,
    PRIMARY KEY (account, field, place)
) STRICT, WITHOUT ROWID
"""


class Samples:
    """Reads and writes samples, as `Accounts` does accounts, in the same file."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Keep an open connection whose table exists; `open` makes both."""
        self._connection = connection

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open the file at `path`; make it, and the table, at first start."""
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        connection.execute(SCHEMA)
        return cls(connection)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def of(self, account: str) -> dict[str, list[str]]:
        """Return an account's tokens by their fields; a field without one has an empty list."""
        found: dict[str, list[str]] = {field: [] for field in FIELDS}
        statement = "SELECT field, token FROM samples WHERE account = ? ORDER BY field, place"
        for field, token in self._connection.execute(statement, (account,)):
            found[field].append(token)
        return found

    def keep(self, account: str, samples: Mapping[str, Sequence[str]]) -> None:
        """Put an account's tokens in the place of those before; fields that are not named stay."""
        rows = [
            (account, field, place, token)
            for field, tokens in samples.items()
            for place, token in enumerate(tokens)
        ]
        with self._connection as connection:
            connection.execute("BEGIN")
            connection.executemany(
                "DELETE FROM samples WHERE account = ? AND field = ?",
                [(account, field) for field in samples],
            )
            connection.executemany("INSERT INTO samples VALUES (?, ?, ?, ?)", rows)
