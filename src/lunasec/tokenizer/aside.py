"""Work that may block, done beside the event loop: on a thread of its own, and only for so long."""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final, TypeVar, cast

from lunasec.errors import Unavailable
from lunasec.tokenizer.time_limits import within

T = TypeVar("T")

ASIDE_SECONDS: Final = 2
"""A small file takes milliseconds; after this the disk is down, or somebody holds its lock."""


class Aside:
    """Does one piece of work at a time: what hangs is not begun again beside itself."""

    def __init__(self) -> None:
        """Start idle."""
        self._busy = False

    async def run(self, work: Callable[[], T]) -> T:
        """Return what `work` does, while everybody else is served.

        Raises: what `work` raises; `Unavailable` when it takes too long, and from then on for as
        long as it has not come back. It may still be done by then, though nobody is told.
        """
        if self._busy:
            raise Unavailable("What was begun earlier has not come back.")
        loop = asyncio.get_running_loop()
        done: asyncio.Future[Any] = loop.create_future()
        self._busy = True
        # A daemon: a file system that hangs is no reason for a process not to end.
        threading.Thread(
            target=self._work, args=(work, done, loop), name="lunasec-aside", daemon=True
        ).start()
        try:
            with within(ASIDE_SECONDS):
                return cast("T", await done)
        except TimeoutError:
            raise Unavailable("The disk, or a lock on a file, is not to be had in time.") from None

    def _work(
        self,
        work: Callable[[], Any],
        done: "asyncio.Future[Any]",
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        error: Exception | None = None
        result: Any = None
        try:
            result = work()
        except Exception as raised:  # noqa: BLE001 - it is raised to the one who waits
            error = raised
        self._busy = False
        with suppress(RuntimeError):  # the loop was closed; nobody waits there any more
            loop.call_soon_threadsafe(_settle, done, result, error)


def _settle(done: "asyncio.Future[Any]", result: object, error: Exception | None) -> None:
    if done.done():
        return
    if error is not None:
        done.set_exception(error)
    else:
        done.set_result(result)
