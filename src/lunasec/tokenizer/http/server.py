"""The HTTP server: uvicorn, with a limit on headers' time and size, and two listeners in one loop."""

import asyncio
import contextlib
import signal
from collections.abc import Generator, Sequence
from typing import Any, Final

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from lunasec.tokenizer.settings import Address

HEADER_SECONDS: Final = 5
"""All of a request's headers in this time; a slow client holds no place for longer."""

HEADER_BYTES: Final = 64 * 1024
"""All headers together; cookies of a shared domain can be many, but not that many."""

_TOO_LARGE: Final = b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\n\r\n"


class PatientProtocol(HttpToolsProtocol):
    """Uvicorn's protocol, which by itself waits for headers for ever."""

    _timer: asyncio.TimerHandle | None = None
    _waited_for: int = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start the clock with the connection."""
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the clock."""
        self._stop()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """Start the clock with each further request of a connection."""
        super().on_message_begin()
        self._wait()

    def on_headers_complete(self) -> None:
        """Stop the clock: the body has one of its own."""
        self._stop()
        super().on_headers_complete()

    def data_received(self, data: bytes) -> None:
        """Count what arrives until the headers are whole."""
        super().data_received(data)
        if self._timer is not None:
            self._waited_for += len(data)
            if self._waited_for > HEADER_BYTES and not self.transport.is_closing():
                self.transport.write(_TOO_LARGE)
                self.transport.close()

    def _wait(self) -> None:
        self._stop()
        self._waited_for = 0
        self._timer = self.loop.call_later(HEADER_SECONDS, self.transport.close)

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


class _Server(uvicorn.Server):
    """A server beside others: whoever runs them all takes the signals."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Leave the signals alone."""
        yield


def server(app: ASGIApp, address: Address, **tls: Any) -> uvicorn.Server:  # noqa: ANN401 - uvicorn's
    """Make a server for one listener; `ssl_certfile` and `ssl_keyfile` make it TLS."""
    config = uvicorn.Config(
        app,
        host=address.host,
        port=address.port,
        http=PatientProtocol,
        ws="none",
        lifespan="off",
        proxy_headers=False,
        server_header=False,
        date_header=False,
        access_log=False,
        log_config=None,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=5,
        **tls,
    )
    return _Server(config)


async def serve(servers: Sequence[uvicorn.Server]) -> None:
    """Serve until SIGINT or SIGTERM, then finish what is under way."""

    def stop() -> None:
        for each in servers:
            each.should_exit = True

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop)
    async with asyncio.TaskGroup() as tasks:
        for each in servers:
            tasks.create_task(each.serve())
