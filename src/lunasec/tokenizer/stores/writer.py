"""One thread that writes in groups: jobs that wait at the same moment share one commit."""

import asyncio
import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from lunasec.errors import Unavailable

J = TypeVar("J")

GROUP_LIMIT: Final = 512
"""Jobs in one commit at the most, so that the first of them does not wait for a long tail."""

GROUP_SECONDS: Final = 0.025
"""After this long a group takes no further job: a few of 1,000 tokens are a whole group."""


@dataclass(frozen=True, slots=True)
class Failure:
    """An outcome that is raised to the one who waits for it."""

    error: Exception


@dataclass(frozen=True, slots=True)
class _Ticket(Generic[J]):
    job: J
    lane: str
    future: "asyncio.Future[Any]"
    loop: asyncio.AbstractEventLoop


class Writer(Generic[J]):
    """Runs `commit` with groups of jobs, on a thread of its own.

    Jobs of one lane go in the order they came; the lanes take turns, so that a long one delays
    the others by a job each and no more. `commit` draws jobs for as long as the group may grow,
    one at least, and returns one outcome for each: a value, or a `Failure` whose error is raised to
    the one who submitted that job.
    """

    def __init__(self, commit: Callable[[Iterator[J]], Sequence[Any]]) -> None:
        """Start the thread."""
        self._commit = commit
        self._mailbox: queue.SimpleQueue[list[_Ticket[J]] | None] = queue.SimpleQueue()
        self._arrived: dict[asyncio.AbstractEventLoop, list[_Ticket[J]]] = {}
        self._lanes: dict[str, deque[_Ticket[J]]] = {}  # the thread's own; the next turn is first
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="lunasec-writer", daemon=True)
        self._thread.start()

    async def submit(self, job: J, lane: str) -> Any:  # noqa: ANN401 - the outcome is the job's own type
        """Wait for the job's commit, and return or raise its outcome.

        Raises: `Unavailable` after `close`.
        """
        if self._closed:
            raise Unavailable
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Any] = loop.create_future()
        arrived = self._arrived.get(loop)
        if arrived is None:
            arrived = self._arrived[loop] = []
            loop.call_soon(self._post, loop)
        arrived.append(_Ticket(job, lane, future, loop))
        return await future

    def _post(self, loop: asyncio.AbstractEventLoop) -> None:
        """Hand over at once what all requests asked for that were read in the same turn.

        One by one, the first would wake the thread, which then takes the interpreter's lock from
        the loop and commits alone what could have been one group with the others.
        """
        self._mailbox.put(self._arrived.pop(loop, []))

    def close(self) -> None:
        """Finish the jobs that were submitted, and end the thread."""
        self._closed = True
        for loop in list(self._arrived):
            self._post(loop)
        self._mailbox.put(None)
        self._thread.join()

    def _run(self) -> None:
        going = True
        while going or self._lanes:
            if not self._lanes:
                going = self._sort_in(self._mailbox.get())
                continue
            first = self._next()
            if first is not None:
                tickets = [first]
                _answer(tickets, self._outcomes(tickets))

    def _outcomes(self, tickets: list[_Ticket[J]]) -> Sequence[Any]:
        """Commit a group; the thread lives on, whatever happens, or nobody would be answered."""
        try:
            return self._commit(self._draw(tickets))
        except Exception as error:  # noqa: BLE001 - see above
            return [Failure(error)] * len(tickets)

    def _draw(self, tickets: list[_Ticket[J]]) -> Iterator[J]:
        """Give the first job, and those that arrive while earlier ones are under way."""
        end = time.monotonic() + GROUP_SECONDS
        yield tickets[0].job
        while len(tickets) < GROUP_LIMIT and time.monotonic() < end:
            ticket = self._next()
            if ticket is None:
                return
            tickets.append(ticket)
            yield ticket.job

    def _next(self) -> _Ticket[J] | None:
        with suppress(queue.Empty):
            while self._sort_in(self._mailbox.get_nowait()):
                pass
        while self._lanes:
            name = next(iter(self._lanes))
            lane = self._lanes.pop(name)
            ticket = lane.popleft()
            if lane:
                self._lanes[name] = lane  # behind the others
            # A job that nobody waits for any more is not begun: after an outage of the disk, work
            # that was answered `unavailable` long ago would go before that of the living.
            if not ticket.future.cancelled():
                return ticket
        return None

    def _sort_in(self, tickets: list[_Ticket[J]] | None) -> bool:
        """Put tickets into their lanes; None is the end, after which none comes."""
        if tickets is None:
            self._mailbox.put(None)  # for whoever looks next
            return False
        for ticket in tickets:
            self._lanes.setdefault(ticket.lane, deque()).append(ticket)
        return True


def _answer(tickets: list[_Ticket[Any]], outcomes: Sequence[Any]) -> None:
    """Hand outcomes to the waiting tasks: one wake-up for each event loop, not one for each job."""
    loops: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[Any], Any]]] = {}
    for ticket, outcome in zip(tickets, outcomes, strict=True):
        loops.setdefault(ticket.loop, []).append((ticket.future, outcome))
    for loop, pairs in loops.items():
        with suppress(RuntimeError):  # the loop was closed; nobody waits there any more
            loop.call_soon_threadsafe(_settle, pairs)


def _settle(pairs: list[tuple["asyncio.Future[Any]", Any]]) -> None:
    for future, outcome in pairs:
        if future.done():  # the request was cancelled; what it asked for is durable all the same
            continue
        if isinstance(outcome, Failure):
            future.set_exception(outcome.error)
        else:
            future.set_result(outcome)
