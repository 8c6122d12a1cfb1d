"""Time limits: what `asyncio.timeout` does, with one timer for all who are inside one.

A timer each costs a request more than most of what it waits for, and hardly one ever rings.
"""

import asyncio
from types import TracebackType


def within(seconds: float) -> "_Limit":
    """Cancel what a `with` block waits for after so long, and raise `TimeoutError` out of it."""
    loop = asyncio.get_running_loop()
    clock = _clocks.get(loop)
    return _Limit(_clock_of(loop) if clock is None else clock, loop.time() + seconds)


class _Clock:
    """Who is inside a limit on one event loop. It rings when the first limit that it saw is up."""

    __slots__ = ("_loop", "_timer", "inside")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._timer: asyncio.TimerHandle | None = None
        self.inside: set[_Limit] = set()

    def set_for(self, end: float) -> None:
        """Ring at `end`, or before."""
        if self._timer is not None:
            if self._timer.when() <= end:
                return
            self._timer.cancel()
        self._timer = self._loop.call_at(end, self._ring)

    def _ring(self) -> None:
        """Cancel whose time is up; look again when the next one's is."""
        self._timer = None
        now = self._loop.time()
        for each in self.inside:
            each.ring(now)
        ends = [each.end for each in self.inside if not each.is_up]
        if ends:
            self.set_for(min(ends))


class _Limit:
    """One task's limit; `is_up` says whether this was what cancelled it."""

    __slots__ = ("_cancelling", "_clock", "_task", "end", "is_up")

    def __init__(self, clock: _Clock, end: float) -> None:
        self._clock, self.end, self.is_up = clock, end, False

    def __enter__(self) -> None:
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("a time limit is for tasks")
        self._task, self._cancelling = task, task.cancelling()
        self._clock.inside.add(self)
        self._clock.set_for(self.end)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._clock.inside.discard(self)
        # As in `asyncio.timeout`: where somebody else cancelled the task too, that goes on.
        ours = self.is_up and self._task.uncancel() <= self._cancelling
        if ours and kind is not None and issubclass(kind, asyncio.CancelledError):
            raise TimeoutError from error

    def ring(self, now: float) -> None:
        """Cancel the task where its time is up, once."""
        if not self.is_up and self.end <= now:
            self.is_up = True
            self._task.cancel()


_clocks: dict[asyncio.AbstractEventLoop, _Clock] = {}


def _clock_of(loop: asyncio.AbstractEventLoop) -> _Clock:
    """Make a loop's clock; those of loops that are closed go."""
    for each in list(_clocks):
        if each.is_closed():
            _clocks.pop(each, None)
    return _clocks.setdefault(loop, _Clock(loop))
