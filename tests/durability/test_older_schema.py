"""A database that an earlier version made is brought up to date at start, whole or not at all."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from lunasec.errors import StoreDamaged
from lunasec.tokenizer.embedded import open_directory
from lunasec.tokenizer.stores import sqlite_file
from tests.durability.filled import Filled, contents, fill, opened
from tests.stores.lines import execute
from tests.stores.made_up import NOW
from tests.stores.whole import Whole

OLDER = Path(__file__).with_name("schema-2.sql")
"""The schema of 0.1, to the letter."""


@pytest.fixture
def older(tmp_path: Path) -> Filled:
    """Fill a directory, and put what is in it into a database of that schema."""
    filled = asyncio.run(fill(tmp_path / "data"))
    made = tmp_path / "older.db"
    with closing(sqlite3.connect(made)) as connection:
        connection.executescript(
            f"PRAGMA application_id = {sqlite_file.APPLICATION_ID}; PRAGMA user_version = 2;"
            " PRAGMA journal_mode = WAL;" + OLDER.read_text()
        )
        connection.execute("ATTACH ? AS newer", (str(filled.database),))
        tables = connection.execute("SELECT name FROM main.sqlite_master WHERE type = 'table'")
        for (table,) in tables.fetchall():
            columns = ", ".join(row[1] for row in connection.execute(f"PRAGMA table_info({table})"))
            connection.execute(f"INSERT INTO {table} SELECT {columns} FROM newer.{table}")  # noqa: S608 - the schema's own names
        connection.commit()
    made.replace(filled.database)
    return filled


def _described(path: Path) -> dict[str, object]:
    """Tell the columns of each table, and what each index was made by."""
    with closing(sqlite3.connect(path)) as connection:
        names = connection.execute("SELECT name, type, sql FROM sqlite_master").fetchall()
        return {
            name: text
            if kind == "index"
            else connection.execute(f"PRAGMA table_info({name})").fetchall()
            for name, kind, text in names
        }


def test_it_is_as_a_new_one_and_keeps_its_values(older: Filled, tmp_path: Path) -> None:
    """Columns, indexes and values; what was revoked stays so; a second start changes nothing."""
    assert asyncio.run(opened(older.directory, lambda whole: _read(whole, older))) == 2
    new = asyncio.run(fill(tmp_path / "new"))
    assert _described(older.database) == _described(new.database)
    assert execute(older.database, "PRAGMA integrity_check") == [("ok",)]
    assert asyncio.run(opened(older.directory, lambda whole: _read(whole, older))) == 2


async def _read(whole: Whole, older: Filled) -> int:
    tokens = [*older.readable, *older.revoked]
    values = await whole.vault.detokenize(older.frame, tokens)
    assert not any(values[len(older.readable) :])
    return sum(each is not None for each in values)


def test_a_step_that_fails_leaves_it_as_it_was(older: Filled) -> None:
    """One that can't be brought up to date is refused, and an earlier version can go on with it."""
    execute(older.database, "CREATE INDEX records_subject ON records (kind)")
    before = _described(older.database)
    with pytest.raises(StoreDamaged):
        open_directory(older.directory, now=NOW)
    assert _described(older.database) == before
    assert execute(older.database, "PRAGMA user_version") == [(2,)]
    execute(older.database, "DROP INDEX records_subject")
    assert asyncio.run(opened(older.directory, lambda whole: _read(whole, older))) == 2


def test_a_step_that_fails_half_way_leaves_nothing_of_it(
    older: Filled, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What its first statements did goes with the one that fails."""
    (tmp_path / "sqlite-3.sql").write_text(
        "ALTER TABLE records ADD COLUMN one TEXT; ALTER TABLE records ADD COLUMN one TEXT"
    )
    monkeypatch.setattr(sqlite_file, "_SCHEMAS", tmp_path)
    before = _described(older.database)
    with pytest.raises(StoreDamaged):
        open_directory(older.directory, now=NOW)
    assert _described(older.database) == before


def test_what_was_refused_for_another_reason_is_not_changed(older: Filled) -> None:
    """Only what is taken into use is brought up to date."""
    older.directory.keys.path.rename(older.directory.keys.path.with_suffix(".away"))
    before = contents(older.directory.path)
    with pytest.raises(Exception, match="key"):
        open_directory(older.directory, now=NOW)
    assert contents(older.directory.path) == before
