"""The gate bounds how many operations of one application wait for the store."""

import asyncio
from typing import TypeVar

import pytest

from lunasec.errors import LunaSecError, TooManyRequests
from lunasec.tokenizer.core.operation import Operation
from lunasec.tokenizer.gate import WAITING_LIMIT, Gate
from lunasec.tokenizer.stores.memory import MemoryStore
from tests.stores.made_up import APPLICATION, OTHER, Apply

T = TypeVar("T")


class Held(MemoryStore):
    """A store that answers nobody until it is let go."""

    def __init__(self) -> None:
        """Let everybody through, for now."""
        super().__init__()
        self.go = asyncio.Event()
        self.go.set()

    async def transact(self, operation: Operation[T]) -> T | LunaSecError:
        """Wait, and then answer."""
        await self.go.wait()
        return await super().transact(operation)


async def test_an_application_waits_in_bounds() -> None:
    """Whatever came and went before, 1,024 may wait; one more is told to come back in a second."""
    store = Held()
    gate = Gate(store)
    for _ in range(3):
        assert await gate.admit(Apply()) == 0
    store.go.clear()
    waiting = [asyncio.ensure_future(gate.admit(Apply())) for _ in range(WAITING_LIMIT)]
    await asyncio.sleep(0)
    with pytest.raises(TooManyRequests) as refusal:
        await gate.admit(Apply(application=APPLICATION))
    assert refusal.value.retry_after == 1
    other = asyncio.ensure_future(gate.admit(Apply(application=OTHER)))
    await asyncio.sleep(0)
    waiting[0].cancel()
    await asyncio.sleep(0)
    late = asyncio.ensure_future(gate.admit(Apply(application=APPLICATION)))
    await asyncio.sleep(0)
    store.go.set()
    assert await asyncio.gather(*waiting[1:], other, late) == [0] * (WAITING_LIMIT + 1)


def test_the_limit_is_the_documented_one() -> None:
    """1,024 operations of one application may wait."""
    assert WAITING_LIMIT == 1024
