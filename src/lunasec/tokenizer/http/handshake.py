"""TLS on a connection that was accepted: counted from then on, and short of time."""

import asyncio
import os
import socket
import ssl
from contextlib import suppress
from typing import Any, Final

from lunasec.tokenizer.http.protocol import PatientProtocol

HANDSHAKE_SECONDS: Final = 5
"""All of a handshake in this time, as all of a request's headers; asyncio's own is a minute."""

FAREWELL_SECONDS: Final = 2
"""A client says in this time that it heard the end; asyncio's own is half a minute."""


class Handshake(asyncio.Protocol):
    """A connection until it speaks TLS; from then on it is its HTTP's.

    The loop's own TLS listener tells of a connection only when its handshake is over: any number of
    silent ones would be there, uncounted.
    """

    def __init__(self, http: PatientProtocol, tls: ssl.SSLContext) -> None:
        """Name what speaks HTTP later, and the certificate."""
        self._http, self._tls = http, tls

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Count it, and begin."""
        # The plain transport reads on until start_tls has its turn, and on uvloop what it reads by
        # then is lost. So it goes at once, and its socket to a transport that begins with TLS.
        taken = socket.socket(fileno=os.dup(transport.get_extra_info("socket").fileno()))
        taken.setblocking(False)  # noqa: FBT003 - its name for it
        transport.abort()
        shaking = self._http.loop.create_task(self._shake(taken))
        self._http.lobby.enter(self._http, shaking.cancel)

    async def _shake(self, taken: socket.socket) -> None:
        http: Any = self._http  # uvicorn's types leave out that there is no transport at first
        try:
            with suppress(OSError):  # in words of TLS or of the network; nobody is to be told
                await self._http.loop.connect_accepted_socket(
                    lambda: self._http,
                    taken,
                    ssl=self._tls,
                    ssl_handshake_timeout=HANDSHAKE_SECONDS,
                    ssl_shutdown_timeout=FAREWELL_SECONDS,
                )
        finally:
            if http.transport is None:
                self._http.lobby.leave(self._http)
