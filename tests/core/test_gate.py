"""The gate: every outcome of the store, a store that hangs, and too many who wait for it."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import pytest

from lunasec.errors import LunaSecError, NotGranted, TooManyRequests, Unavailable
from lunasec.tokenizer import gate
from lunasec.tokenizer.core.audit import START, Head
from lunasec.tokenizer.core.ledger import Facts, Want
from lunasec.tokenizer.core.operation import Decision
from lunasec.tokenizer.gate import BATCH, WAITING_LIMIT, Gate, admit_all


@dataclass(frozen=True, slots=True)
class Ask:
    """An operation that decides what it was told to."""

    answer: str | LunaSecError
    application: str = "payroll"

    def want(self) -> Want:
        """Want nothing."""
        return Want(application=self.application)

    def decide(self, facts: Facts) -> Decision[Any]:  # noqa: ARG002 - the port's signature
        """Answer."""
        return Decision(answer=self.answer)


@dataclass(frozen=True, slots=True)
class Batches:
    """An operation that is asked again and again, and decides the next of these each time."""

    answers: list[int | LunaSecError]

    def want(self) -> Want:
        """Want nothing."""
        return Want(application="")

    def decide(self, facts: Facts) -> Decision[int]:  # noqa: ARG002 - the port's signature
        """Answer."""
        return Decision(answer=self.answers.pop(0))


@dataclass(slots=True)
class PausedStore:
    """A store that answers nothing until it is let."""

    goes: asyncio.Event = field(default_factory=asyncio.Event)
    begun: int = 0

    async def transact(self, operation: Any) -> Any:  # noqa: ANN401 - any operation
        """Wait, and decide."""
        self.begun += 1
        await self.goes.wait()
        return operation.decide(Facts()).answer

    async def look(self, want: Want) -> Facts:  # noqa: ARG002 - the port's signature
        """Find nothing."""
        return Facts()

    async def head(self) -> Head:
        """Have an empty log."""
        return START

    async def close(self) -> None:
        """Have nothing to close."""


async def test_answers_are_returned_and_refusals_raised() -> None:
    """What an operation decided as a value, the gate alone turns into an error."""
    store = PausedStore()
    store.goes.set()
    assert await Gate(store).admit(Ask("yes")) == "yes"
    with pytest.raises(NotGranted):
        await Gate(store).admit(Ask(NotGranted()))


async def test_a_store_that_hangs_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for ever, and whoever gave up makes room for the next."""
    monkeypatch.setattr(gate, "ANSWER_SECONDS", 0.05)
    store = PausedStore()
    gates = Gate(store)
    for _ in range(2):
        refused = await asyncio.gather(
            *(gates.admit(Ask("yes")) for _ in range(WAITING_LIMIT)), return_exceptions=True
        )
        assert {type(each) for each in refused} == {Unavailable}


async def test_one_application_can_not_take_all_places() -> None:
    """The next of a full application is refused before any work; another's is not."""
    store = PausedStore()
    gates = Gate(store)
    waiting = [asyncio.create_task(gates.admit(Ask("yes"))) for _ in range(WAITING_LIMIT)]
    await asyncio.sleep(0)
    assert store.begun == WAITING_LIMIT
    with pytest.raises(TooManyRequests):
        await gates.admit(Ask("yes"))
    assert store.begun == WAITING_LIMIT
    other = asyncio.create_task(gates.admit(Ask("yes", application="clinic")))
    await asyncio.sleep(0)
    store.goes.set()
    assert await other == "yes"
    assert await asyncio.gather(*waiting) == ["yes"] * WAITING_LIMIT
    assert await gates.admit(Ask("yes")) == "yes"


@pytest.mark.parametrize(
    ("answers", "total"),
    [
        ([0, 1], 0),
        ([BATCH - 1, 1], BATCH - 1),
        ([BATCH, 0, 1], BATCH),
        ([BATCH, 2 * BATCH, 7, 1], 3 * BATCH + 7),
    ],
)
async def test_batches_are_repeated_until_one_is_not_full(
    answers: list[int | LunaSecError], total: int
) -> None:
    """The sum comes back, and the store is not asked once more to hear that nothing is left."""
    store, batches = PausedStore(), Batches([*answers])
    store.goes.set()
    assert await admit_all(Gate(store), batches) == total
    assert (store.begun, batches.answers) == (len(answers) - 1, [1])


async def test_a_refused_batch_is_the_last() -> None:
    """The refusal is raised, and nothing comes after it."""
    store, batches = PausedStore(), Batches([BATCH, NotGranted(), 1])
    store.goes.set()
    with pytest.raises(NotGranted):
        await admit_all(Gate(store), batches)
    assert batches.answers == [1]
