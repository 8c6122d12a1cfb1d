"""T5: a row of SQLite's that can't be right is refused alone, and stops neither page nor upkeep."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

import pytest
from structlog.testing import capture_logs

from lunasec.tokenizer.core.keyset import MAX_AGE
from lunasec.tokenizer.stores import sqlite_inspection
from lunasec.tokenizer.stores.sqlite import SqliteStore
from tests.http.local import local
from tests.stores.whole import Whole, fresh_keys

DAMAGE: Final = {
    "metadata that is no JSON": "metadata = '[['",
    "metadata of another type": "metadata = '[[1, 2]]'",
    "metadata that is no text": "metadata = CAST(x'5bff' AS TEXT)",
    "kind that is no text": "kind = CAST(x'ff' AS TEXT)",
    "a huge size": f"size = {2**60}",
    "a negative size": "size = -1",
    "ciphertext of a file's size": (
        "ciphertext = CAST(substr(ciphertext, 1, 2) || zeroblob(256044) AS BLOB)"
    ),
    "ciphertext that is none": "ciphertext = x''",
    "a file under a name of another length": "blob = x'00', file_size = 1024",
    "a file without a size": "blob = zeroblob(32), file_size = NULL",
    "a file of a negative size": "blob = zeroblob(32), file_size = -1",
    "a file of a huge size": f"blob = zeroblob(32), file_size = {2**60}",
    "a lookup key that can't be": "lookup_version = -1",
    "a lookup key that is huge": f"lookup_version = {2**60}",
    "a wrap key that can't be": "epoch = -1",
    "a commitment of another length": "commitment = x'00'",
}


def damage(path: Path, change: str) -> None:
    """Change the second record behind the store's back."""
    statement = f"UPDATE records SET {change} WHERE rowid = 2"  # noqa: S608 - of this file
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        assert connection.execute(statement).rowcount == 1


@pytest.mark.parametrize("kind", DAMAGE)
async def test_t5_a_damaged_row_is_refused_alone(tmp_path: Path, kind: str) -> None:
    """Its token is refused as any other; its neighbors are read, and the operator is told."""
    path = tmp_path / "lunasec.db"
    async with local(tmp_path, SqliteStore(path)) as parties:
        victim = await parties.visitor()
        tokens = await victim.store("1", "2", "3")
        await parties.grant(victim.session, tokens)
        damage(path, DAMAGE[kind])
        with capture_logs() as logs:
            assert await victim.read(*tokens) == ["1", None, "3"]
            described = await victim.asks("/tokens/describe", tokens=tokens)
        assert described.status_code == 200
        told = [each for each in logs if each["event"] == "damaged record"]
        assert told
        assert not any(token in str(told) for token in tokens)
        text = parties.tokenizer.services.metrics.text(await parties.tokenizer.store.head(), 0)
        assert f"lunasec_damaged_records_total {len(told)}.0".encode() in text


@pytest.mark.parametrize("kind", DAMAGE)
async def test_t5_a_damaged_row_stops_no_upkeep(tmp_path: Path, kind: str) -> None:
    """The others get their new locks, and everything else that is due is done."""
    path = tmp_path / "lunasec.db"
    whole = Whole(SqliteStore(path), fresh_keys())
    frame = await whole.log_in()
    tokens = await whole.tokens(frame, 3)
    damage(path, DAMAGE[kind])
    whole.now += MAX_AGE + 1
    await whole.upkeep.run(whole.now)
    with closing(sqlite3.connect(path)) as connection:
        epochs = connection.execute("SELECT rowid, epoch FROM records").fetchall()
    assert {1, 3} <= {row for row, epoch in epochs if epoch == 2}
    frame = await whole.log_in()
    await whole.grant(frame, tokens)
    assert await whole.readable(frame, tokens) in ([True, False, True], [True, True, True])
    await whole.store.close()


@pytest.mark.parametrize("kind", [each for each in DAMAGE if each.startswith("a file")])
async def test_t5_a_damaged_row_stops_no_backup(tmp_path: Path, kind: str) -> None:
    """What can't be a file is not looked for when the files of a database are listed."""
    path = tmp_path / "lunasec.db"
    whole = Whole(SqliteStore(path), fresh_keys())
    await whole.tokens(await whole.log_in(), 3)
    await whole.store.close()
    damage(path, DAMAGE[kind])
    assert sqlite_inspection.files(path) == []


@pytest.mark.parametrize(
    "written", ["'{'", "'[]'", "'{}'", "'{\"groups\": 1}'", "CAST(x'ff' AS TEXT)"]
)
async def test_t5_what_a_log_in_said_is_whole_or_nothing(tmp_path: Path, written: str) -> None:
    """A session whose row says something else has said nothing, and is none where policies ask."""
    path = tmp_path / "lunasec.db"
    whole = Whole(SqliteStore(path), fresh_keys())
    frame = await whole.log_in()
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        statement = f"UPDATE sessions SET person = {written}"  # noqa: S608 - of this file
        assert connection.execute(statement).rowcount == 1
    assert frame.session_hash is not None
    session = await whole.sessions.find(frame.application, frame.session_hash)
    assert session is not None
    assert session.person is None
    await whole.store.close()
