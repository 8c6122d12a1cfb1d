"""The demo's database: one SQLite file with one table, in which the number is only ever a token."""

import secrets
import sqlite3
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

SCHEMA = """
CREATE TABLE IF NOT EXISTS accounts (
    id TEXT PRIMARY KEY,
    username TEXT NOT NULL UNIQUE COLLATE NOCASE,
    password_hash TEXT NOT NULL,
    ssn TEXT,
    created_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
) STRICT
"""


class UsernameTakenError(Exception):
    """Another account has this name, in whatever case it is written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One user of the demo."""

    id: str
    """Random, so that an old cookie never fits an account of a newly made database."""

    username: str
    password_hash: str = field(repr=False)
    ssn: str | None = field(repr=False)
    """The token of the social security number, or None. The demo never has the number itself."""

    created_at: str


class Accounts:
    """Reads and writes accounts. One connection, for one thread: the event loop's.

    Its statements take microseconds; handing them to another thread would take longer.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Keep an open connection whose table exists; `open` makes both."""
        self._connection = connection

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open the file at `path`; make it, and the table, at first start."""
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(SCHEMA)
        return cls(connection)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def add(self, *, username: str, password_hash: str, ssn: str | None) -> Account:
        """Make an account, or raise `UsernameTakenError`."""
        statement = (
            "INSERT INTO accounts (id, username, password_hash, ssn) "
            "VALUES (?, ?, ?, ?) RETURNING *"
        )
        values = (secrets.token_hex(8), username, password_hash, ssn)
        try:
            return _account(self._connection.execute(statement, values).fetchone())
        except sqlite3.IntegrityError as error:
            raise UsernameTakenError from error

    def find(self, account_id: str) -> Account | None:
        """Return the account of that id, if there is one."""
        return self._one("SELECT * FROM accounts WHERE id = ?", account_id)

    def named(self, username: str) -> Account | None:
        """Return the account of that name, in whatever case it is written, if there is one."""
        return self._one("SELECT * FROM accounts WHERE username = ?", username)

    def known(self, username: str) -> Account:
        """Return the account of a user whom an auth proxy names; make it at the first visit."""
        return self.named(username) or self.add(username=username, password_hash="", ssn=None)

    def newest(self, count: int) -> list[Account]:
        """Return the newest accounts first, at most `count`."""
        statement = "SELECT * FROM accounts ORDER BY rowid DESC LIMIT ?"
        return [_account(row) for row in self._connection.execute(statement, (count,))]

    def count(self) -> int:
        """Return how many accounts there are."""
        (number,) = self._connection.execute("SELECT count(*) FROM accounts").fetchone()
        return int(number)

    def keep_ssn(self, account_id: str, token: str | None) -> None:
        """Put the token of a number in the place of the one before, or None to forget it."""
        self._connection.execute("UPDATE accounts SET ssn = ? WHERE id = ?", (token, account_id))

    def _one(self, statement: str, value: str) -> Account | None:
        row = self._connection.execute(statement, (value,)).fetchone()
        return None if row is None else _account(row)


def _account(row: sqlite3.Row) -> Account:
    return Account(**dict(row))
