"""The HTTP server: uvicorn, with a limit on headers' time and size, and two listeners in one loop."""

import asyncio
import contextlib
import signal
import socket
from collections.abc import Generator, Sequence
from typing import Any, Final

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from lunasec.errors import ConfigurationInvalid
from lunasec.tokenizer.settings import Address

HEADER_SECONDS: Final = 5
"""All of a request's headers in this time; a slow client holds no place for longer."""

HEADER_BYTES: Final = 64 * 1024
"""All headers together; cookies of a shared domain can be many, but not that many."""

BACKLOG: Final = 2048
"""Connections that may wait to be accepted; a burst of page loads is not refused."""

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


def server(app: ASGIApp, **tls: Any) -> uvicorn.Server:  # noqa: ANN401 - uvicorn's
    """Make a server for one listener; `ssl_certfile` and `ssl_keyfile` make it TLS."""
    config = uvicorn.Config(
        app,
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


def listen(setting: str, address: Address) -> socket.socket:
    """Bind a listener's address before anything is served, so that a busy port is said plainly.

    Raises: `ConfigurationInvalid`.
    """
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((address.host, address.port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        detail = (
            f"{setting}: {address.text} can't be listened on: {error.strerror}."
            " Stop what uses it, or choose another address there."
        )
        raise ConfigurationInvalid(detail) from None
    listener.setblocking(False)
    return listener


async def serve(servers: Sequence[tuple[uvicorn.Server, socket.socket]]) -> None:
    """Serve until SIGINT or SIGTERM, then finish what is under way."""

    def stop() -> None:
        for each, _ in servers:
            each.should_exit = True

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop)
    async with asyncio.TaskGroup() as tasks:
        for each, listener in servers:
            tasks.create_task(each.serve(sockets=[listener]))
