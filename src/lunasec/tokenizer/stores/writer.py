"""One thread that writes in groups: jobs that wait at the same moment share one commit."""

import asyncio
import queue
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

J = TypeVar("J")

GROUP_LIMIT: Final = 512
"""Jobs in one commit at the most, so that the first of them does not wait for a long tail."""


@dataclass(frozen=True, slots=True)
class Failure:
    """An outcome that is raised to the one who waits for it."""

    error: Exception


@dataclass(frozen=True, slots=True)
class _Ticket(Generic[J]):
    job: J
    future: "asyncio.Future[Any]"
    loop: asyncio.AbstractEventLoop


class Writer(Generic[J]):
    """Runs `commit` with groups of jobs, on a thread of its own, in the order they came.

    `commit` takes a sequence of jobs and returns one outcome for each: a value, or a `Failure`
    whose error is raised to the one who submitted that job.
    """

    def __init__(self, commit: Callable[[Sequence[J]], Sequence[Any]]) -> None:
        """Start the thread."""
        self._commit = commit
        self._queue: queue.SimpleQueue[_Ticket[J] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="lunasec-writer", daemon=True)
        self._thread.start()

    async def submit(self, job: J) -> Any:  # noqa: ANN401 - the outcome is the job's own type
        """Wait for the job's commit, and return or raise its outcome."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Any] = loop.create_future()
        self._queue.put(_Ticket(job, future, loop))
        return await future

    def close(self) -> None:
        """Finish the jobs that were submitted, and end the thread."""
        self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        going = True
        while going:
            tickets, going = self._gather()
            if tickets:
                outcomes = self._commit([each.job for each in tickets])
                _answer(tickets, outcomes)

    def _gather(self) -> tuple[list[_Ticket[J]], bool]:
        """Wait for a job, and take along all that wait behind it."""
        ticket = self._queue.get()
        tickets: list[_Ticket[J]] = []
        while ticket is not None:
            tickets.append(ticket)
            if len(tickets) == GROUP_LIMIT:
                return tickets, True
            try:
                ticket = self._queue.get_nowait()
            except queue.Empty:
                return tickets, True
        return tickets, False


def _answer(tickets: list[_Ticket[J]], outcomes: Sequence[Any]) -> None:
    """Hand outcomes to the waiting tasks: one wake-up for each event loop, not one for each job."""
    loops: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[Any], Any]]] = {}
    for ticket, outcome in zip(tickets, outcomes, strict=True):
        loops.setdefault(ticket.loop, []).append((ticket.future, outcome))
    for loop, pairs in loops.items():
        loop.call_soon_threadsafe(_settle, pairs)


def _settle(pairs: list[tuple["asyncio.Future[Any]", Any]]) -> None:
    for future, outcome in pairs:
        if future.done():  # the request was cancelled; what it asked for is durable all the same
            continue
        if isinstance(outcome, Failure):
            future.set_exception(outcome.error)
        else:
            future.set_result(outcome)
