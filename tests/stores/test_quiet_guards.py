"""What nothing else would notice: handles that go with their session, and bytes that are gone."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from lunasec.tokenizer.core.changes import EndReference, PutHandle
from lunasec.tokenizer.core.ledger import Want
from lunasec.tokenizer.stores import sqlite_file
from tests.stores.conftest import AnyStore
from tests.stores.made_up import ALICE, APPLICATION, BOB, NOW, Apply, handle, name


async def test_handles_end_with_their_reference(store: AnyStore) -> None:
    """None that was not redeemed is left at log-out; those of others are."""
    await store.transact(Apply(PutHandle(handle(handle_hash=name(2), reference=ALICE))))
    await store.transact(Apply(PutHandle(handle(handle_hash=name(3), reference=BOB))))
    await store.transact(Apply(EndReference(APPLICATION, ALICE, NOW + 9)))
    left = [
        (await store.look(Want(application=APPLICATION, handle=name(each)))).handle is not None
        for each in (2, 3)
    ]
    assert left == [False, True]


def test_what_is_deleted_is_overwritten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever SQLite does by default where it was built: no deleted byte is left in the file."""
    path, canary = tmp_path / "lunasec.db", b"the canary of a deleted row" * 8
    sqlite_file.create(path, keyset="k")
    connect = sqlite_file.connect

    def careless(path: Path) -> sqlite3.Connection:
        connection = connect(path)
        connection.execute("PRAGMA secure_delete = OFF")
        return connection

    monkeypatch.setattr(sqlite_file, "connect", careless)
    with closing(sqlite_file.connect_to_write(path)) as connection:
        connection.execute("INSERT INTO audit VALUES (1, 'x', ?)", (canary,))
        sqlite_file.empty_log(connection)
        assert canary in path.read_bytes()
        connection.execute("DELETE FROM audit")
        sqlite_file.empty_log(connection)
        assert canary not in path.read_bytes()
