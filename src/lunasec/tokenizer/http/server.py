"""The HTTP server: uvicorn, with our protocol, and two listeners in one loop."""

import asyncio
import contextlib
import resource
import signal
import socket
import ssl
from collections.abc import Generator, Sequence
from typing import Any, Final, cast

import uvicorn
from starlette.types import ASGIApp

from lunasec.errors import ConfigurationInvalid
from lunasec.tokenizer.http.handshake import Handshake
from lunasec.tokenizer.http.lobby import Lobby
from lunasec.tokenizer.http.protocol import PatientProtocol
from lunasec.tokenizer.settings import Address

BACKLOG: Final = 2048
"""Connections that may wait to be accepted; a burst of page loads is not refused."""

IDLE_SECONDS: Final = 75
"""An idle connection is kept as long as browsers and proxies commonly keep theirs."""


HANDLES: Final = 16
"""Of each listener. libuv accepts one connection of each in a turn of the loop, and turns are long
under load: by one alone, the last of a hundred newcomers would wait for a hundred turns."""


class _Server(uvicorn.Server):
    """A server beside others: whoever runs them all takes the signals."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen by many handles of each socket."""
        await super().startup([each.dup() for each in sockets or () for _ in range(HANDLES)])

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        """Leave the signals alone."""
        yield


def server(app: ASGIApp, tls: ssl.SSLContext | None = None) -> uvicorn.Server:
    """Make a server for one listener, with a certificate a TLS one.

    `X-Forwarded-*` is not believed, and nothing here depends on it.
    """
    lobby = Lobby()

    def accept(**uvicorns: Any) -> asyncio.Protocol:  # noqa: ANN401 - uvicorn's
        http = PatientProtocol(lobby=lobby, **uvicorns)
        return http if tls is None else Handshake(http, tls)

    config = uvicorn.Config(
        app,
        http=cast("type[asyncio.Protocol]", accept),  # called, as a class would be
        ws="none",
        lifespan="off",
        proxy_headers=False,
        server_header=False,
        access_log=False,
        log_config=None,
        timeout_keep_alive=IDLE_SECONDS,
        timeout_graceful_shutdown=5,
    )
    return _Server(config)


def listen(setting: str, address: Address) -> socket.socket:
    """Bind a listener's address before anything is served, so that a busy port is said plainly.

    Raises: `ConfigurationInvalid`.
    """
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    # Only of a socket that says it is TCP's does asyncio's own loop take the 40 ms away for which
    # the second part of an answer waits otherwise (Nagle's algorithm, RFC 896).
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
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
    listener.settimeout(0)
    return listener


async def serve(servers: Sequence[tuple[uvicorn.Server, socket.socket]]) -> None:
    """Serve until SIGINT or SIGTERM, then finish what is under way."""

    def stop() -> None:
        for each, _ in servers:
            each.should_exit = True

    _allow_connections()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop)
    async with asyncio.TaskGroup() as tasks:
        for each, listener in servers:
            tasks.create_task(each.serve(sockets=[listener]))


def _allow_connections() -> None:
    """Take as many open files as the system lets us: each connection is one of them."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
