"""Time limits: as `asyncio.timeout`, for many at once, with one timer."""

import asyncio
import time

import pytest

from lunasec.tokenizer.time_limits import within


async def _waits(seconds: float, limit: float) -> str:
    try:
        with within(limit):
            await asyncio.sleep(seconds)
    except TimeoutError:
        return "up"
    return "done"


async def test_each_limit_is_its_own() -> None:
    """Long and short ones in any order: those whose time is up are cancelled, and only those."""
    began = time.monotonic()
    waits = [(5, 0.05), (0.01, 5), (5, 0.02), (0.2, 5), (5, 0.1), (0, 0.05), (5, 0)]
    said = await asyncio.gather(*(_waits(*each) for each in waits))
    assert said == ["up", "done", "up", "done", "up", "done", "up"]
    assert time.monotonic() - began < 2


async def test_limits_that_come_later_ring_too() -> None:
    """The timer is set again, whether somebody is inside when it rings or not."""
    for _ in range(3):
        assert await _waits(5, 0.02) == "up"
        assert await _waits(0.03, 5) == "done"


async def test_the_inner_limit_ends_the_inner_block() -> None:
    """What is around it goes on, and has a limit of its own still."""

    async def outer() -> None:
        with within(0.1):
            assert await _waits(5, 0.01) == "up"
            await asyncio.sleep(5)

    with pytest.raises(TimeoutError):
        await outer()


async def test_who_cancels_a_task_has_his_way() -> None:
    """A task that was cancelled from outside is cancelled, also where its time is up as well."""
    task = asyncio.create_task(_waits(5, 5))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    late = asyncio.create_task(_waits(5, 0.01))
    await asyncio.sleep(0)
    asyncio.get_running_loop().call_later(0.01, late.cancel)
    time.sleep(0.05)  # noqa: ASYNC251 - both are due in the same turn
    with pytest.raises(asyncio.CancelledError):
        await late


async def test_other_errors_pass() -> None:
    """A block's own error is not hidden by its limit."""
    with pytest.raises(ValueError, match="own"), within(0):
        raise ValueError("own")


def test_each_event_loop_has_its_own_clock() -> None:
    """A loop that was closed with somebody inside does not stop the clock of the next one."""

    async def left_behind() -> None:
        task = asyncio.create_task(_waits(60, 30))
        await asyncio.sleep(0)
        assert not task.done()

    asyncio.run(left_behind())
    assert asyncio.run(_waits(5, 0.02)) == "up"
