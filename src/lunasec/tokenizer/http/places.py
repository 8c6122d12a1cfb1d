"""Places: how much is in memory at once, and whose turn it is to have the next one."""

import asyncio
from collections import Counter, deque
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Final

from lunasec.errors import TooManyRequests

WAIT_SECONDS: Final = 8
"""Shorter than a body may take that nobody reads (`limits.BODY_SECONDS`)."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    holder: str
    size: int
    turn: "asyncio.Future[None]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """How many places there are: in all, of one application, of one holder within it.

    The `first` ones of an application are for holders who have none yet: however many a few hold,
    others come in.
    """

    whole: int
    application: int
    holder: int
    first: int


UPLOADS: Final = Room(whole=24, application=12, holder=4, first=4)
"""Each holds a segment of 1 MiB until it is on the disk."""

DOWNLOADS: Final = Room(whole=48, application=24, holder=6, first=8)
"""Each holds a quarter of a segment until the client has taken it; a browser has six connections
to a host."""


ANSWERS: Final = Room(whole=64 * 2**20, application=32 * 2**20, holder=16 * 2**20, first=8 * 2**20)
"""Sealed bytes of answers that were not taken yet; in memory they are some three times as many. The
largest answer is half of what a session has (`values.ANSWER_BYTES`)."""

LIGHT_ANSWER: Final = 16 * 1024
"""An answer that needs no place: on all connections together they are as much as a few large."""


class Taken(Counter[tuple[str, ...]]):
    """How much of a room is taken: in all, by each application, by each of its holders."""

    def __init__(self, room: Room) -> None:
        """Start with nothing."""
        super().__init__()
        self._room = room

    def has_place(self, application: str, holder: str, size: int) -> bool:
        """Say whether there is room for `size` more."""
        own, room = self[application, holder], self._room
        return (
            self[()] + size <= room.whole
            and self[application,] + size <= room.application - (room.first if own else 0)
            and own + size <= room.holder
        )

    def change(self, application: str, holder: str, size: int) -> None:
        """Take so much, or give it back."""
        for key in ((), (application,), (application, holder)):
            self[key] += size
            if not self[key]:
                del self[key]


class Places:
    """Who may move a segment, or an answer, now. Applications take turns, and in one its holders.

    A holder is a session; all temporary sessions of an application are one, since anybody can have
    any number of those.
    """

    def __init__(self, room: Room) -> None:
        """Start with every place free."""
        self._room = room
        self._taken = Taken(room)
        self._lanes: dict[str, deque[_Waiting]] = {}  # the application whose turn is next is first

    @asynccontextmanager
    async def take(self, application: str, holder: str, size: int = 1) -> AsyncGenerator[None]:
        """Wait for a place, or for one of `size`, and hold it.

        Raises: `TooManyRequests` where as many wait as there are places, or none came free in time.
        """
        await self._wait(application, holder, size)
        try:
            yield
        finally:
            self._taken.change(application, holder, -size)
            self._wake()

    def is_free(self, application: str, holder: str, size: int = 1) -> bool:
        """Say whether a place could be had without a wait."""
        lane = self._lanes.get(application, ())
        waits = any(each.holder == holder for each in lane)
        return not waits and self._taken.has_place(application, holder, size)

    async def _wait(self, application: str, holder: str, size: int) -> None:
        # Whoever could have a place that is free was woken when it came free: no place of one is
        # overtaken, and a large one only by what leaves room for it in time.
        if self.is_free(application, holder, size):
            self._taken.change(application, holder, size)
            return
        lane = self._lanes.get(application, ())
        every = size + sum(each.size for each in lane)
        own = size + sum(each.size for each in lane if each.holder == holder)
        if own > self._room.holder or every > self._room.application:
            raise TooManyRequests(retry_after=1)
        waiting = _Waiting(holder, size, asyncio.get_running_loop().create_future())
        self._lanes.setdefault(application, deque()).append(waiting)
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                await waiting.turn
        except BaseException as error:
            self._leave(application, waiting)
            if isinstance(error, TimeoutError):
                raise TooManyRequests(retry_after=1) from None
            raise

    def _leave(self, application: str, waiting: _Waiting) -> None:
        """Go without a place, and give back one that was given at this very moment."""
        if waiting.turn.done() and not waiting.turn.cancelled():
            self._taken.change(application, waiting.holder, -waiting.size)
        elif lane := self._lanes.get(application):
            with suppress(ValueError):
                lane.remove(waiting)
            if not lane:
                del self._lanes[application]
        self._wake()

    def _wake(self) -> None:
        """Give free places to those who wait: one application after the other."""
        while sum(self._wake_one(application) for application in list(self._lanes)):
            pass

    def _wake_one(self, application: str) -> bool:
        lane = self._lanes[application]
        able = (
            each
            for each in lane
            if not each.turn.done() and self._taken.has_place(application, each.holder, each.size)
        )
        chosen = next(able, None)
        if chosen is None:
            return False
        lane.remove(chosen)
        self._taken.change(application, chosen.holder, chosen.size)
        chosen.turn.set_result(None)
        del self._lanes[application]
        if lane:
            self._lanes[application] = lane  # behind the others
        return True
