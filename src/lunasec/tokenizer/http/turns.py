"""Turns: large requests of one application wait for each other, and not everybody else for them."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any, Final

from lunasec.errors import TooManyRequests

LIGHT_ITEMS: Final = 128
"""Tokens or values in a request that costs so little that it need not wait: some milliseconds."""

LIGHT_BYTES: Final = 128 * 1024
"""The same for the size of a body."""

AT_ONCE: Final = 2
"""Large requests of one application under way: one is committed while the other is opened."""

WAITING: Final = 64
"""Large requests of one application that may wait; more are sent away, each holds a megabyte."""


class Turns:
    """Who is next, for each application.

    All requests share one event loop. A thousand tokens take it for some twenty milliseconds, so
    thirty such requests of one application would hold up every other one for as many turns.
    """

    def __init__(self) -> None:
        """Start with nobody waiting."""
        self._places: dict[str, asyncio.Semaphore] = {}
        self._waiting: dict[str, int] = {}
        self._held: dict[asyncio.Task[Any], tuple[str, asyncio.Semaphore]] = {}

    def take(self, application: str, *, items: int, size: int) -> "_Turn":
        """Have a block wait for a turn, where the request is a large one, and hold it.

        Raises, as the block begins: `TooManyRequests` where too many wait already.
        """
        return _Turn(self, application if items > LIGHT_ITEMS or size > LIGHT_BYTES else None)

    async def begin(self, application: str) -> None:
        """Wait for a turn of this task; or raise `TooManyRequests`."""
        waiting = self._waiting.get(application, 0)
        if waiting >= WAITING:
            raise TooManyRequests(retry_after=1)
        place = self._places.setdefault(application, asyncio.Semaphore(AT_ONCE))
        self._waiting[application] = waiting + 1
        try:
            await place.acquire()
        finally:
            self._waiting[application] -= 1
        self._held[_this_task()] = application, place

    def end(self) -> str | None:
        """Give the next one the turn of this task, and say whose it was, if it had one."""
        held = self._held.pop(_this_task(), None)
        if held is None:
            return None
        application, place = held
        place.release()
        return application

    @asynccontextmanager
    async def stepping_aside(self) -> AsyncGenerator[None]:
        """Let others go on while a block waits for something else; then take a turn again.

        Raises: `TooManyRequests`.
        """
        application = self.end()
        yield
        if application is not None:
            await self.begin(application)


class _Turn:
    """A request's turn, of which there is none to wait for where no application is named.

    A generator with `asynccontextmanager` would say the same, and cost a small request more than
    the reading of its body.
    """

    __slots__ = ("_application", "_turns")

    def __init__(self, turns: Turns, application: str | None) -> None:
        self._turns, self._application = turns, application

    async def __aenter__(self) -> None:
        if self._application is not None:
            await self._turns.begin(self._application)

    async def __aexit__(self, *_: object) -> None:
        if self._application is not None:
            self._turns.end()


def _this_task() -> asyncio.Task[Any]:
    task = asyncio.current_task()
    if task is None:
        raise RuntimeError("a turn is for tasks")
    return task
