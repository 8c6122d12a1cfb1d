"""Large answers: each has a place in memory, from before it is fetched until it was taken."""

from contextlib import AsyncExitStack
from typing import Final, Self

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from lunasec.tokenizer.http.answers import Answer, answer
from lunasec.tokenizer.http.places import LIGHT_ANSWER
from lunasec.tokenizer.http.services import Services
from lunasec.tokenizer.time_limits import within

PART_BYTES: Final = 256 * 1024
"""Of an answer that the connection has at once: the next part waits until the client took it."""

SEND_SECONDS: Final = 60
"""All of an answer is taken in this time, at 200 kB/s for the largest, or it is cut off."""


class Room:
    """A request's place among large answers, if it needs one; it goes on to the answer."""

    def __init__(self, services: Services, application: str, holder: str) -> None:
        """Hold nothing yet."""
        self._services, self._whose = services, (application, holder)
        self._place: AsyncExitStack | None = None

    async def __aenter__(self) -> Self:
        """Begin."""
        return self

    async def make(self, size: int) -> None:
        """Wait until so many bytes may be in memory; others go on meanwhile.

        Raises: `TooManyRequests`.
        """
        if size <= LIGHT_ANSWER:
            return
        places, turns = self._services.answers, self._services.turns
        self._place = AsyncExitStack()
        if places.is_free(*self._whose, size):
            await self._place.enter_async_context(places.take(*self._whose, size))
            return
        async with turns.stepping_aside():
            await self._place.enter_async_context(places.take(*self._whose, size))

    def answer(self, body: Answer) -> Response:
        """Write an answer; it gives the place back."""
        if self._place is None:
            return answer(body)
        return _Held(answer(body), self._place.pop_all())

    async def __aexit__(self, *_: object) -> None:
        """Give the place back that no answer took."""
        if self._place is not None:
            await self._place.aclose()


class _Held(Response):
    """An answer that goes out in parts, as the client takes it."""

    def __init__(self, whole: Response, place: AsyncExitStack) -> None:
        self.status_code, self.background = whole.status_code, whole.background
        self.body, self.raw_headers = whole.body, whole.raw_headers
        self._place = place

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it. Whoever takes it too slowly loses the connection, short of what was said."""
        del scope, receive
        async with self._place:
            with within(SEND_SECONDS):
                start = {"status": self.status_code, "headers": self.raw_headers}
                await send({"type": "http.response.start", **start})
                body = bytes(self.body)
                for at in range(0, len(body), PART_BYTES):
                    part, more = body[at : at + PART_BYTES], at + PART_BYTES < len(body)
                    await send({"type": "http.response.body", "body": part, "more_body": more})
