"""The writer: lanes take turns, groups end, and whatever happens somebody is answered."""
# pyright: reportPrivateUsage=false

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lunasec.errors import Unavailable
from lunasec.tokenizer.stores.writer import GROUP_LIMIT, GROUP_SECONDS, Failure, Writer

Job = tuple[str, int]


class Notes:
    """A commit that waits until it may, notes its groups, and answers each job with itself."""

    def __init__(self, *, held: bool = False) -> None:
        """Start with an empty note."""
        self.groups: list[list[Job]] = []
        self.go = threading.Event()
        if not held:
            self.go.set()

    def commit(self, jobs: Iterator[Job]) -> Sequence[Any]:
        """Take all that is offered."""
        self.go.wait(5)
        self.groups.append(list(jobs))
        return self.groups[-1]

    @property
    def order(self) -> list[Job]:
        """Return all jobs as they were done."""
        return [job for group in self.groups for job in group]


async def submitted(commit: Notes, jobs: list[Job]) -> list[Any]:
    """Let jobs wait behind a held commit, and return their outcomes."""
    writer = Writer(commit.commit)
    tasks = [asyncio.ensure_future(writer.submit(job, job[0])) for job in jobs]
    await asyncio.sleep(0)
    commit.go.set()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    writer.close()
    return outcomes


@settings(max_examples=50, deadline=None)
@given(st.lists(st.sampled_from("abc"), max_size=60))
def test_each_job_is_done_once_and_answered(lanes: list[str]) -> None:
    """Every job gets its own answer, each is done once, and a lane keeps its order."""
    jobs = [(lane, number) for number, lane in enumerate(lanes)]
    notes = Notes(held=True)
    assert asyncio.run(submitted(notes, jobs)) == jobs
    assert Counter(notes.order) == Counter(jobs)
    for lane in "abc":
        assert [job for job in notes.order if job[0] == lane] == [j for j in jobs if j[0] == lane]


async def test_lanes_take_turns() -> None:
    """However long one lane is, the others get every other turn."""
    quiet = [(lane, number) for lane in "bc" for number in range(10)]
    notes = Notes(held=True)
    await submitted(notes, [("long", number) for number in range(300)] + quiet)
    assert max(notes.order.index(each) for each in quiet) < 40


async def test_a_group_has_a_limit() -> None:
    """The first of a long queue does not wait for its end."""
    notes = Notes(held=True)
    await submitted(notes, [("a", number) for number in range(3 * GROUP_LIMIT)])
    assert max(map(len, notes.groups)) == GROUP_LIMIT


async def test_a_group_takes_no_longer_than_it_may() -> None:
    """When jobs are large, a group is committed before it has all that wait."""
    notes = Notes(held=True)
    slow = 4 * GROUP_SECONDS / 10

    class Slow(Notes):
        def commit(self, jobs: Iterator[Job]) -> Sequence[Any]:
            self.go.wait(5)
            group: list[Job] = []
            for job in jobs:
                group.append(job)
                time.sleep(slow)
            self.groups.append(group)
            return group

    notes = Slow(held=True)
    await submitted(notes, [("a", number) for number in range(12)])
    assert max(map(len, notes.groups)) <= 3
    assert len(notes.order) == 12


async def test_a_failure_is_raised_to_the_one_whose_it_is() -> None:
    """Others of the group have their own outcomes."""

    class Failing(Notes):
        def commit(self, jobs: Iterator[Job]) -> Sequence[Any]:
            outcomes = super().commit(jobs)
            return [Failure(KeyError(each)) if each[1] == 1 else each for each in outcomes]

    outcomes = await submitted(Failing(held=True), [("a", 0), ("a", 1), ("a", 2)])
    assert (outcomes[0], outcomes[2]) == (("a", 0), ("a", 2))
    assert isinstance(outcomes[1], KeyError)


def _before(jobs: Iterator[Job]) -> Sequence[Any]:
    del jobs
    raise ZeroDivisionError


def _after(jobs: Iterator[Job]) -> Sequence[Any]:
    list(jobs)
    raise ZeroDivisionError


@pytest.mark.parametrize("broken", [_before, _after])
async def test_the_thread_outlives_every_mistake(
    broken: Callable[[Iterator[Job]], Sequence[Any]],
) -> None:
    """A commit that raises, with or without having taken jobs, is an answer to those who wait."""
    notes = Notes()
    writer = Writer(broken)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            await asyncio.wait_for(writer.submit(("a", 1), "a"), 5)
    writer._commit = notes.commit
    assert await asyncio.wait_for(writer.submit(("a", 2), "a"), 5) == ("a", 2)
    writer.close()


async def test_closing_finishes_what_was_submitted() -> None:
    """Jobs that wait are done and answered; later ones are refused at once."""
    notes = Notes(held=True)
    writer = Writer(notes.commit)
    tasks = [asyncio.ensure_future(writer.submit(("a", number), "a")) for number in range(5)]
    await asyncio.sleep(0)
    notes.go.set()
    writer.close()
    assert await asyncio.gather(*tasks) == [("a", number) for number in range(5)]
    with pytest.raises(Unavailable):
        await writer.submit(("a", 9), "a")


def test_a_loop_that_ended_harms_nobody() -> None:
    """Answers to a loop that was closed are dropped, and the thread goes on."""
    notes = Notes(held=True)
    writer = Writer(notes.commit)

    async def leave() -> None:
        waiting = asyncio.ensure_future(writer.submit(("a", 1), "a"))
        await asyncio.sleep(0)
        waiting.cancel()

    asyncio.run(leave())
    notes.go.set()

    async def come() -> Any:  # noqa: ANN401 - whatever is answered
        return await asyncio.wait_for(writer.submit(("a", 2), "a"), 5)

    assert asyncio.run(come()) == ("a", 2)
    writer.close()
