"""`Client` and `AsyncClient`: the tokenizer as an application's back end sees it.

The verbs stand in `lunasec.sdk.verbs`; a class here adds `send`. A call is bounded in time as a
whole, its repetitions included, and in the size of its answer. It follows no redirect and no proxy
of the environment: the credential goes to the configured address and nowhere else.
"""

import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Final, Self, TypeVar, Unpack

import anyio
import httpx
import stamina
from anyio.lowlevel import RunVar

from lunasec.sdk.answers import Received, parse
from lunasec.sdk.back_channel import (
    BackChannel,
    Passing,
    add,
    given_up,
    received,
    worth_another_try,
)
from lunasec.sdk.settings import GivenSettings, read_settings
from lunasec.sdk.wire import Call

AnswerT = TypeVar("AnswerT")

CLOCK: Final = time.time  # noqa: TID251 - the only one of the SDK; wiring.py has the tokenizer's
ATTEMPTS: Final = 3  # With the first: more would only add to the load of a tokenizer in trouble.
# Seconds between attempts: short, since a user is waiting for the page.
_FIRST_WAIT: Final = 0.1
_LONGEST_WAIT: Final = 0.5
_JITTER: Final = 0.1


class Client(BackChannel):
    """The tokenizer, for code that is not async. Threads may share one.

    Takes the settings of `lunasec.sdk.settings.GivenSettings`, each of them also from `LUNASEC_*`.
    `transport` is for tests, and for client certificates.
    """

    def __init__(
        self,
        *,
        transport: httpx.BaseTransport | None = None,
        clock: Callable[[], float] = CLOCK,
        **settings: Unpack[GivenSettings],
    ) -> None:
        """Read the settings and the key file; nothing is sent before the first call."""
        super().__init__(read_settings(settings), clock)
        self._http = httpx.Client(transport=transport, **self.options())
        self._repeat = stamina.RetryingCaller(
            attempts=ATTEMPTS,
            timeout=self.settings.timeout,
            wait_initial=_FIRST_WAIT,
            wait_max=_LONGEST_WAIT,
            wait_jitter=_JITTER,
        )

    @contextmanager
    def rerouted(
        self, transport: httpx.BaseTransport, clock: Callable[[], float]
    ) -> Generator[None]:
        """Send everything through another transport for a while, by another clock; for tests."""
        kept = self._http, self._clock
        self._http, self._clock = httpx.Client(transport=transport, **self.options()), clock
        try:
            yield
        finally:
            self._http.close()
            self._http, self._clock = kept

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def __enter__(self) -> Self:
        """Use the client in a `with` block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connections."""
        self.close()

    def send(self, call: Call[AnswerT]) -> AnswerT:
        """Send a call and give its answer, or raise the `LunaSecError` that it states."""
        deadline = time.monotonic() + self.settings.timeout
        try:
            answer = self._repeat(worth_another_try(call), self._exchange, call, deadline)
        except (Passing, httpx.HTTPError, TimeoutError) as error:
            return given_up(call, error)
        return parse(call, answer)

    def _exchange(self, call: Call[AnswerT], deadline: float) -> Received:
        left = max(deadline - time.monotonic(), 0.001)
        timeout = httpx.Timeout(left, connect=min(left, self.settings.connect_timeout))
        body = bytearray()
        with self._http.stream(
            "POST", call.path, content=call.body, headers=self.headers(), timeout=timeout
        ) as response:
            for chunk in response.iter_bytes():
                # A read that gets a byte now and then never times out by itself.
                if time.monotonic() > deadline:
                    raise TimeoutError
                add(body, chunk)
        return received(response, body)


class AsyncClient(BackChannel):
    """The tokenizer, for async code, on asyncio and on trio.

    Takes the settings of `lunasec.sdk.settings.GivenSettings`, each of them also from `LUNASEC_*`.
    `transport` is for tests, and for client certificates. One object serves any number of event
    loops, one after another or in several threads: each has connections of its own.
    """

    def __init__(
        self,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        clock: Callable[[], float] = CLOCK,
        **settings: Unpack[GivenSettings],
    ) -> None:
        """Read the settings and the key file; nothing is sent before the first call."""
        super().__init__(read_settings(settings), clock)
        self._transport = transport
        self._http = _connections()
        self._repeat = stamina.AsyncRetryingCaller(
            attempts=ATTEMPTS,
            timeout=self.settings.timeout,
            wait_initial=_FIRST_WAIT,
            wait_max=_LONGEST_WAIT,
            wait_jitter=_JITTER,
        )

    @contextmanager
    def rerouted(
        self, transport: httpx.AsyncBaseTransport, clock: Callable[[], float]
    ) -> Generator[None]:
        """Send everything through another transport for a while, by another clock; for tests."""
        kept = self._transport, self._http, self._clock
        self._transport, self._http, self._clock = transport, _connections(), clock
        try:
            yield
        finally:
            self._transport, self._http, self._clock = kept

    async def aclose(self) -> None:
        """Close the connections of this event loop; a later call opens new ones."""
        http = self._http.get()
        if http is not None:
            self._http.set(None)
            await http.aclose()

    async def __aenter__(self) -> Self:
        """Use the client in an `async with` block."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close the connections."""
        await self.aclose()

    async def send(self, call: Call[AnswerT]) -> AnswerT:
        """Send a call and give its answer, or raise the `LunaSecError` that it states."""
        try:
            with anyio.fail_after(self.settings.timeout):
                answer = await self._repeat(worth_another_try(call), self._exchange, call)
        except (Passing, httpx.HTTPError, TimeoutError) as error:
            return given_up(call, error)
        return parse(call, answer)

    async def _exchange(self, call: Call[AnswerT]) -> Received:
        body = bytearray()
        async with self._connected().stream(
            "POST", call.path, content=call.body, headers=self.headers()
        ) as response:
            async for chunk in response.aiter_bytes():
                add(body, chunk)
        return received(response, body)

    def _connected(self) -> httpx.AsyncClient:
        http = self._http.get()
        if http is None:
            http = httpx.AsyncClient(transport=self._transport, **self.options())
            self._http.set(http)
        return http


def _connections() -> RunVar[httpx.AsyncClient | None]:
    """Make a place for the connections of each event loop."""
    return RunVar("lunasec", default=None)
