"""The mark beside the keys moves before anybody is told that something was taken away."""
# pyright: reportPrivateUsage=false

import asyncio
from pathlib import Path

import pytest

from lunasec.errors import Unavailable
from lunasec.tokenizer.core.changes import (
    TAKES_AWAY,
    Change,
    EndReference,
    PutGrant,
    PutHandle,
    PutSession,
    RevokeGrants,
)
from lunasec.tokenizer.core.ledger import (
    Want,
)
from lunasec.tokenizer.core.rollback import Mark
from lunasec.tokenizer.stores.sqlite import SqliteStore
from tests.core.test_ledger import MADE
from tests.stores.made_up import (
    ALICE,
    APPLICATION,
    COOKIE,
    NOW,
    Apply,
    grant,
    handle,
    put_record,
    session,
)

WANT = Want(application=APPLICATION, session=COOKIE, references=(ALICE,))


@pytest.mark.parametrize("change", MADE, ids=lambda change: type(change).__name__)
async def test_the_mark_moves_before_the_answer(sqlite: SqliteStore, change: Change) -> None:
    """What takes something away has moved the mark by the time that it is answered."""
    await sqlite.transact(
        Apply(PutSession(session()), PutHandle(handle()), put_record(1), PutGrant(grant(1)))
    )
    marks: list[Mark] = []
    sqlite.keep_marks(marks.append)
    before = sqlite.mark
    await sqlite.transact(Apply(change))
    assert sqlite.mark.generation == before.generation + isinstance(change, TAKES_AWAY)
    assert marks == ([sqlite.mark] if isinstance(change, TAKES_AWAY) else [])


async def test_without_its_mark_nothing_is_acknowledged(sqlite: SqliteStore) -> None:
    """A mark that can't be written refuses the whole group, and is caught up with by the next."""
    marks: list[Mark] = []

    def full(_: Mark) -> None:
        raise Unavailable

    sqlite.keep_marks(full)
    revoke = Apply(RevokeGrants(APPLICATION, ALICE, None))
    outcomes = await asyncio.gather(
        *[sqlite.transact(each) for each in (Apply(put_record(1)), revoke)], return_exceptions=True
    )
    assert Unavailable in {type(each) for each in outcomes}
    with pytest.raises(Unavailable):
        await sqlite.transact(Apply(put_record(2)))
    sqlite.keep_marks(marks.append)
    assert await sqlite.transact(Apply(put_record(3))) == 1
    assert marks == [sqlite.mark]
    assert await sqlite.transact(Apply(put_record(4))) == 1
    assert len(marks) == 1


async def test_the_mark_outlives_the_process(tmp_path: Path) -> None:
    """How far a database has come is in the database."""
    store = SqliteStore(tmp_path / "lunasec.db")
    await store.transact(Apply(EndReference(APPLICATION, ALICE, NOW)))
    mark = store.mark
    await store.close()
    store = SqliteStore(tmp_path / "lunasec.db")
    assert (store.mark, store.mark.generation) == (mark, 1)
    await store.close()
