"""Turns: large requests of one application wait for each other, and not everybody else for them."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Final

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

    @asynccontextmanager
    async def take(self, application: str, *, items: int, size: int) -> AsyncGenerator[None]:
        """Wait for a turn, where the request is a large one; hold it until the request is done.

        Raises: `TooManyRequests` where too many wait already.
        """
        if items <= LIGHT_ITEMS and size <= LIGHT_BYTES:
            yield
            return
        waiting = self._waiting.get(application, 0)
        if waiting >= WAITING:
            raise TooManyRequests(retry_after=1)
        place = self._places.setdefault(application, asyncio.Semaphore(AT_ONCE))
        self._waiting[application] = waiting + 1
        try:
            await place.acquire()
        finally:
            self._waiting[application] -= 1
        try:
            yield
        finally:
            place.release()
