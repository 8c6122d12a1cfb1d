"""HTTP by hand: our server on a port of this process, and connections as odd as one likes."""

import asyncio
import ssl
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Final

from starlette.types import ASGIApp

from lunasec.tokenizer.http.server import listen, server
from lunasec.tokenizer.settings import Address


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer as it came: status, headers by their names in lower case, body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@asynccontextmanager
async def served(app: ASGIApp, tls: ssl.SSLContext | None = None) -> AsyncGenerator[int]:
    """Serve an application on a free loopback port; give the port."""
    listener = listen("test", Address("127.0.0.1", 0))
    running = server(app, tls)
    task = asyncio.create_task(running.serve(sockets=[listener]))
    while not running.started:  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(0.005)
    port: int = listener.getsockname()[1]
    try:
        yield port
    finally:
        running.should_exit = True
        running.force_exit = True
        await task


@dataclass(frozen=True, slots=True)
class Connection:
    """A connection to write bytes to and read answers from."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    def send(self, data: bytes) -> None:
        """Send bytes as they are."""
        self.writer.write(data)

    async def answer(self, seconds: float = 5) -> Answer:
        """Read one answer; raise `EOFError` where the connection ends before it."""
        async with asyncio.timeout(seconds):
            try:
                head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                first, *lines = head.split("\r\n")[:-2]
                headers = {
                    name.lower(): value
                    for name, _, value in (each.partition(": ") for each in lines)
                }
                body = await self.reader.readexactly(int(headers.get("content-length", "0")))
            except (asyncio.IncompleteReadError, ConnectionError):
                raise EOFError from None
        return Answer(status=int(first.split(" ")[1]), headers=headers, body=body)

    async def ended(self, seconds: float = 5) -> bytes:
        """Read what comes until the other side closes; raise `TimeoutError` where it does not."""
        async with asyncio.timeout(seconds):
            with suppress(ConnectionError):
                return await self.reader.read()
            return b""


@asynccontextmanager
async def connected(port: int, tls: ssl.SSLContext | None = None) -> AsyncGenerator[Connection]:
    """Open a connection, and close it at the end."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**22, ssl=tls)
    try:
        yield Connection(reader, writer)
    finally:
        writer.transport.abort()
        with suppress(ConnectionError):
            await writer.wait_closed()


def request(
    path: str, headers: Mapping[str, str], body: bytes = b"", *, method: str = "POST"
) -> bytes:
    """Write a request."""
    stated = {"Host": "secure.lunasec.localhost:1", **headers, "Content-Length": str(len(body))}
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in stated.items())]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


ENSURE: Final = {
    "Sec-Fetch-Site": "same-origin",
    "LunaSec-Application": "payroll",
    "Content-Type": "application/json",
}
BODY: Final = b'{"session": "%s"}' % (b"A" * 43)
GOOD: Final = request("/session/ensure", ENSURE, BODY)
HEAD: Final = GOOD.partition(b"\r\n\r\n")[0]


async def still_serves(port: int, tls: ssl.SSLContext | None = None) -> bool:
    """Tell whether somebody else is answered all the while."""
    async with connected(port, tls) as other:
        other.send(GOOD)
        return (await other.answer()).status == 200


async def sent_before_the_end(
    connection: Connection, piece: bytes, seconds: float, most: int
) -> int:
    """Send one piece after another until the other side closes, and say how many were sent."""
    for sent in range(most):
        try:
            connection.send(piece)
            await connection.writer.drain()
            await connection.ended(seconds)
        except TimeoutError:
            continue
        except ConnectionError:
            return sent
        return sent
    return most
