"""What SQLite's store does beyond the contract: groups, plans, one instant, one owner."""
# pyright: reportPrivateUsage=false

import asyncio
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from lunasec.errors import StoreDamaged, Unavailable
from lunasec.tokenizer.core.changes import (
    PutSession,
    UseHandle,
)
from lunasec.tokenizer.core.ledger import (
    AuditPrefix,
    Batch,
    Condition,
    Destroyed,
    EpochBefore,
    ErasedBefore,
    ErasedSince,
    Facts,
    OfSubject,
    UnverifiedBefore,
    Want,
)
from lunasec.tokenizer.core.operation import Decision
from lunasec.tokenizer.stores.sqlite import SqliteStore
from tests.core.test_ledger import MADE
from tests.stores.lines import execute
from tests.stores.made_up import (
    ALICE,
    APPLICATION,
    COOKIE,
    NOW,
    OTHER,
    Apply,
    name,
    put_record,
    session,
)

WANT = Want(application=APPLICATION, session=COOKIE, references=(ALICE,))


class Slow(Apply):
    """An operation that takes as long to decide as somebody lets it."""

    def __init__(self) -> None:
        """Wait for `go`."""
        super().__init__(put_record(1))
        self.started = threading.Event()
        self.go = threading.Event()

    def decide(self, facts: Facts) -> Decision[int]:
        """Decide when told to."""
        self.started.set()
        self.go.wait(5)
        return super().decide(facts)


async def test_it_is_set_to_be_durable(sqlite: SqliteStore) -> None:
    """WAL, an fsync at each commit, overwriting of what is deleted, nothing in files elsewhere."""
    pragma = sqlite._connection.execute
    assert pragma("PRAGMA journal_mode").fetchone() == ("wal",)
    assert pragma("PRAGMA synchronous").fetchone() == (2,)
    assert pragma("PRAGMA secure_delete").fetchone() == (1,)
    assert pragma("PRAGMA temp_store").fetchone() == (2,)
    assert sqlite._reader.execute("PRAGMA query_only").fetchone() == (1,)


async def test_nobody_else_can_read_the_file(sqlite: SqliteStore, tmp_path: Path) -> None:
    """The database and what lies beside it are for its owner alone."""
    await sqlite.transact(Apply(put_record(1)))
    modes = _modes(tmp_path)
    assert set(modes) == {"lunasec.db", "lunasec.db-wal", "lunasec.db-shm", "lunasec.lock"}
    assert set(modes.values()) == {0o600}


def _modes(folder: Path) -> dict[str, int]:
    return {each.name: each.stat().st_mode & 0o777 for each in folder.iterdir()}


async def test_one_process_owns_the_file(sqlite: SqliteStore, tmp_path: Path) -> None:
    """A second one is refused, in one line that says why; after the first has gone, it is not."""
    with pytest.raises(StoreDamaged, match="in use by another process"):
        SqliteStore(tmp_path / "lunasec.db")
    await sqlite.close()
    await sqlite.close()
    await SqliteStore(tmp_path / "lunasec.db").close()


async def test_what_waits_together_is_committed_together(sqlite: SqliteStore) -> None:
    """Operations that arrive while a commit is under way share the next ones."""
    groups: list[int] = []
    sqlite.count_groups(groups.append)
    slow = Slow()
    first = asyncio.ensure_future(sqlite.transact(slow))
    await asyncio.to_thread(slow.started.wait, 5)
    others = [asyncio.ensure_future(sqlite.transact(Apply(put_record(n)))) for n in range(2, 258)]
    await asyncio.sleep(0)
    slow.go.set()
    assert await asyncio.gather(first, *others) == [1] * 257
    assert sum(groups) == 257
    assert len(groups) < 16


async def test_looking_does_not_wait_for_writers(sqlite: SqliteStore) -> None:
    """While an operation takes its time, facts are read as they were before it."""
    slow = Slow()
    waiting = asyncio.ensure_future(sqlite.transact(slow))
    await asyncio.to_thread(slow.started.wait, 5)
    [found] = (await sqlite.look(Want(application=APPLICATION, records=((name(1),),)))).found
    assert found.record is None
    assert not waiting.done()
    slow.go.set()
    assert await waiting == 1


async def test_a_look_is_of_one_instant(sqlite: SqliteStore, tmp_path: Path) -> None:
    """A log-out between two of its statements is seen by both or by none."""
    await sqlite.transact(Apply(PutSession(session())))

    def log_out(statement: str) -> None:
        if "tombstones" in statement:
            with closing(sqlite3.connect(tmp_path / "lunasec.db")) as other, other:
                other.execute("DELETE FROM sessions")
                other.execute("INSERT INTO tombstones VALUES (?, ?, 9)", (APPLICATION, ALICE))

    sqlite._reader.set_trace_callback(log_out)
    facts = await sqlite.look(WANT)
    sqlite._reader.set_trace_callback(None)
    assert (facts.session is None) == (ALICE in facts.ended)
    assert await sqlite.look(WANT) == Facts(ended=frozenset({ALICE}))


async def test_one_application_does_not_starve_another(sqlite: SqliteStore) -> None:
    """Behind a thousand operations of one application, another's waits for a few of them only."""
    answered: list[str] = []

    async def one(number: int, application: str) -> None:
        await sqlite.transact(Apply(put_record(number), application=application))
        answered.append(application)

    slow = Slow()
    first = asyncio.ensure_future(sqlite.transact(slow))
    await asyncio.to_thread(slow.started.wait, 5)
    noisy = [asyncio.ensure_future(one(number, APPLICATION)) for number in range(2, 1002)]
    await asyncio.sleep(0)
    quiet = asyncio.ensure_future(one(5000, OTHER))
    await asyncio.sleep(0)
    slow.go.set()
    await asyncio.gather(*noisy, quiet)
    await first
    assert answered.index(OTHER) < 600


async def test_a_broken_connection_is_replaced(sqlite: SqliteStore) -> None:
    """Where not even the roll-back works, that operation is refused and the next one is not."""
    await sqlite.transact(Apply(put_record(1)))
    sqlite._connection.close()
    with pytest.raises(Unavailable):
        await sqlite.transact(Apply(put_record(2)))
    assert await sqlite.transact(Apply(put_record(3), UseHandle(name(9)))) == 2
    assert (await sqlite.head()).sequence == 3


async def test_every_statement_has_an_index(sqlite: SqliteStore, tmp_path: Path) -> None:
    """However large the tables are, no fact and no change reads or sorts one from end to end."""
    traced: set[str] = set()
    for connection in (sqlite._reader, sqlite._connection):
        connection.set_trace_callback(traced.add)
    for change in MADE:
        await sqlite.transact(Apply(change))
    for want in _wants():
        await sqlite.look(want)
    sqlite._reader.set_trace_callback(None)
    sqlite._connection.set_trace_callback(None)
    asked = [each for each in traced if each.split()[0] in {"SELECT", "UPDATE", "DELETE"}]
    assert len(asked) > 25
    for statement in asked:
        plan = execute(tmp_path / "lunasec.db", f"EXPLAIN QUERY PLAN {statement}")
        # What a subquery found is no table: how it is found stands in a step of its own.
        steps = [str(step) for *_, step in plan if not str(step).startswith("SCAN (subquery")]
        slow = [step for step in steps if step.startswith(("SCAN", "USE TEMP"))]
        assert slow == [], statement


def _conditions() -> tuple[Condition, ...]:
    return (
        ErasedBefore(NOW),
        ErasedSince(APPLICATION, NOW),
        Destroyed(),
        UnverifiedBefore(NOW),
        EpochBefore(2),
        OfSubject(APPLICATION, "alice"),
    )


def _wants() -> list[Want]:
    """Ask every kind of question."""
    return [
        Want(
            application=APPLICATION,
            session=COOKIE,
            handle=name(2),
            references=(ALICE,),
            sessions_of=(ALICE,),
            sessions_under="ada",
            log_outs=(ALICE, "ada"),
            log_out_token=name(9),
            records=tuple((name(each),) for each in range(count)),
            grants_of=ALICE,
            contents=tuple((name(each),) for each in range(count)),
            batch=Batch(condition=condition, limit=5, skip=1, contents=True),
            count=condition,
            count_up_to=5 if count == 1 else None,
            wraps_of=1,
            audit=AuditPrefix(below=9, limit=3),
            other_session=COOKIE,
        )
        for count, condition in zip((1, 2, 3, 11, 120, 5), _conditions(), strict=True)
    ]
