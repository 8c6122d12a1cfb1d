"""Any sequence of operations: SQLite gives the answers, the log and the facts that memory gives."""
# pyright: reportPrivateUsage=false

import asyncio
import shutil
import tempfile
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from lunasec.errors import LunaSecError
from lunasec.tokenizer.core.changes import Change
from lunasec.tokenizer.core.ledger import (
    Action,
    Batch,
    Destroyed,
    EndedBy,
    EpochBefore,
    Want,
)
from lunasec.tokenizer.core.operation import Operation
from lunasec.tokenizer.stores.memory import MemoryStore
from lunasec.tokenizer.stores.sqlite import SqliteStore
from tests.stores.domains import APPLICATIONS
from tests.stores.drawn import CHANGES, OPERATIONS
from tests.stores.drawn_wants import WANTS
from tests.stores.lines import end, lines
from tests.stores.made_up import ALICE, APPLICATION, BOB, NOW, OTHER, Apply, name

T = TypeVar("T")

IN_MEMORY = Path("/dev/shm")  # noqa: S108 - faster where there is one; durability is not the point here


class Stores(RuleBasedStateMachine):
    """The same operations on both stores, one by one and in groups."""

    def __init__(self) -> None:
        """Start with two empty stores."""
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(dir=IN_MEMORY if IN_MEMORY.is_dir() else None))
        self.loop = asyncio.new_event_loop()
        self.memory = MemoryStore()
        self.sqlite = self.opened()

    def opened(self) -> SqliteStore:
        """Open the database; whether it is durable is for other tests, and costs time here."""
        store = SqliteStore(self.folder / "lunasec.db")
        store._connection.execute("PRAGMA synchronous = OFF")
        return store

    def run(self, waiting: Coroutine[Any, Any, T]) -> T:
        """Wait for one answer."""
        return self.loop.run_until_complete(waiting)

    def both(self, *operations: Operation[Any]) -> None:
        """Put a group of operations to both stores, and compare the outcomes."""
        answers = [self.run(_outcomes(each, operations)) for each in (self.memory, self.sqlite)]
        assert answers[0] == answers[1]

    @rule(operation=OPERATIONS)
    def operate(self, operation: Operation[Any]) -> None:
        """One of the core's operations."""
        self.both(operation)

    @rule(operations=st.lists(OPERATIONS, min_size=2, max_size=5))
    def operate_together(self, operations: list[Operation[Any]]) -> None:
        """Several of one application that wait at the same moment; others would take turns."""
        lane = operations[0].want().application
        self.both(*[each for each in operations if each.want().application == lane])

    @rule(made=st.lists(CHANGES, max_size=4), application=APPLICATIONS)
    def change(self, made: list[Change], application: str) -> None:
        """Changes that the core would not make in this order."""
        self.both(Apply(*made, application=application))

    @rule(want=WANTS)
    def look(self, want: Want) -> None:
        """Any question has one answer."""
        assert self.run(self.memory.look(want)) == self.run(self.sqlite.look(want))

    @rule()
    def restart(self) -> None:
        """What is in the file is all that there is."""
        self.run(self.sqlite.close())
        self.sqlite = self.opened()

    @invariant()
    def logs_end_alike(self) -> None:
        """Both logs have the same end, and so the same lines."""
        assert self.run(self.memory.head()) == self.run(self.sqlite.head())

    def teardown(self) -> None:
        """Compare all that is left, and clean up."""
        assert lines(self.memory) == lines(self.sqlite)
        assert self.run(self.memory.head()) == end(self.memory) == end(self.sqlite)
        for number in range(6):
            for application in (APPLICATION, OTHER):
                for action in Action:
                    self.look(_everything(number, application, action))
        self.run(self.sqlite.close())
        self.loop.close()
        shutil.rmtree(self.folder)


def _everything(number: int, application: str, action: Action) -> Want:
    return Want(
        application=application,
        session=name(number),
        handle=name(number),
        references=(ALICE, BOB),
        sessions_of=(ALICE, BOB),
        log_outs=(ALICE, BOB, "proxied session", "proxied user"),
        log_out_token=name(number),
        records=((name(number),),),
        grants_of=(ALICE, BOB)[number % 2],
        action=action,
        contents=((name(number),),),
        batch=Batch(condition=EpochBefore(9), limit=9, contents=True),
        count=Destroyed(),
        wraps_of=number,
        uploads=(name(number),),
        ended_uploads=EndedBy(NOW + 9, 9),
        count_uploads=True,
        blobs=(name(number + 2000),),
    )


async def _outcomes(
    store: MemoryStore | SqliteStore, operations: tuple[Operation[Any], ...]
) -> list[Any]:
    outcomes = await asyncio.gather(
        *[store.transact(each) for each in operations], return_exceptions=True
    )
    for each in outcomes:
        if isinstance(each, BaseException) and not isinstance(each, LunaSecError):
            raise each
    return [_comparable(each) for each in outcomes]


def _comparable(outcome: Any) -> Any:  # noqa: ANN401 - whatever an operation answers
    if isinstance(outcome, LunaSecError):
        return type(outcome), outcome.detail
    return outcome


Stores.TestCase.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
TestStores = Stores.TestCase
