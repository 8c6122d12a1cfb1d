"""Connections that only wait: how many there may be, for how long, and who makes way for whom."""

import asyncio
import socket
import ssl
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, closing
from pathlib import Path
from typing import Final

import pytest
import uvloop
from starlette.types import Receive, Scope, Send

from lunasec.cli import certificates
from lunasec.tokenizer.http import handshake, lobby
from lunasec.tokenizer.http.server import HANDLES
from lunasec.tokenizer.stores.memory import MemoryStore
from tests.http.local import local
from tests.http.sockets import GOOD, HEAD, Connection, connected, served, still_serves

PLACES: Final = 5
LOOPS: Final = {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}
Body = Callable[[], Coroutine[None, None, None]]
Run = Callable[[Body], None]


@pytest.fixture(params=LOOPS)
def run(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a test on a loop of its own, of each kind, at a listener with few places."""
    monkeypatch.setattr(lobby, "CONNECTIONS", PLACES)
    monkeypatch.setattr(handshake, "HANDSHAKE_SECONDS", 0.4)

    def run_here(body: Body) -> None:
        with asyncio.Runner(loop_factory=LOOPS[request.param]) as runner:
            runner.run(body())

    return run_here


@pytest.fixture
def tls(tmp_path: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Make a certificate: what the server says, and what its clients believe."""
    made = certificates.ensure(tmp_path / "tls", ["127.0.0.1"], 1_795_000_000)
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(made.certificate, made.key)
    client = ssl.create_default_context()
    client.check_hostname, client.verify_mode = False, ssl.CERT_NONE
    return server, client


@asynccontextmanager
async def serving(folder: Path, tls: ssl.SSLContext | None = None) -> AsyncGenerator[int]:
    """Serve a tokenizer in memory."""
    async with local(folder, MemoryStore()) as parties, served(parties.tokenizer.app, tls) as port:
        yield port


async def is_closed(connection: Connection) -> bool:
    """Tell whether the other side closed."""
    try:
        await connection.ended(0.1)
    except TimeoutError:
        return False
    return True


def test_t24_the_longest_waiting_makes_room(run: Run, tmp_path: Path) -> None:
    """Where connections are as many as there may be, the longest waiting is closed, no other."""

    async def body() -> None:
        async with serving(tmp_path) as port, AsyncExitStack() as stack:
            there = [await stack.enter_async_context(connected(port)) for _ in range(PLACES)]
            for each in (there[1], there[0]):  # they waited longest; now the others do
                each.send(GOOD)
                await each.answer()
            there[3].send(HEAD)
            assert await still_serves(port)
            assert [await is_closed(each) for each in there] == [False, False, True, False, False]
            for each in (there[1], there[0]):
                each.send(GOOD)
                assert (await each.answer()).status == 200

    run(body)


def test_t24_silent_connections_lock_nobody_out(run: Run, tmp_path: Path) -> None:
    """Any number of connections that say nothing stop no request of somebody else."""

    async def body() -> None:
        async with serving(tmp_path) as port, AsyncExitStack() as stack:
            for _ in range(3 * PLACES):
                await stack.enter_async_context(connected(port))
            assert await still_serves(port)

    run(body)


def test_t24_idle_connection_makes_room(run: Run, tmp_path: Path) -> None:
    """Who had its answer only waits: the one that had it first is closed."""

    async def body() -> None:
        async with serving(tmp_path) as port, AsyncExitStack() as stack:
            there = [await stack.enter_async_context(connected(port)) for _ in range(PLACES)]
            for each in there[::-1]:
                each.send(GOOD)
                await each.answer()
            assert await still_serves(port)
            assert [await is_closed(each) for each in there] == [*[False] * (PLACES - 1), True]

    run(body)


def test_t24_a_request_under_way_makes_no_room(run: Run) -> None:
    """Who is being served is not closed for a newcomer: then the newcomer is."""

    async def body() -> None:
        going = asyncio.Event()

        async def slow(_scope: Scope, _receive: Receive, send: Send) -> None:
            await going.wait()
            headers = [(b"content-length", b"0")]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body"})

        async with served(slow) as port, AsyncExitStack() as stack:
            there = [await stack.enter_async_context(connected(port)) for _ in range(PLACES)]
            for each in there:
                each.send(GOOD)
            await asyncio.sleep(0.1)
            newcomer = await stack.enter_async_context(connected(port))
            assert await is_closed(newcomer)
            going.set()
            assert {(await each.answer()).status for each in there} == {200}

    run(body)


def test_t24_connections_count_before_their_handshake(
    run: Run, tmp_path: Path, tls: tuple[ssl.SSLContext, ssl.SSLContext]
) -> None:
    """With a certificate too, silent connections lock nobody out, and the oldest are closed."""

    async def body() -> None:
        async with serving(tmp_path, tls[0]) as port, AsyncExitStack() as stack:
            silent = [await stack.enter_async_context(connected(port)) for _ in range(2 * PLACES)]
            assert await still_serves(port, tls[1])
            closed = [await is_closed(each) for each in silent[: PLACES + 1]]
            assert closed == [True] * (PLACES + 1)

    run(body)


def test_t24_handshakes_come_in_time(
    run: Run, tmp_path: Path, tls: tuple[ssl.SSLContext, ssl.SSLContext]
) -> None:
    """Who does not get through a handshake is cut off; who is through is served, and again."""

    async def body() -> None:
        async with serving(tmp_path, tls[0]) as port, connected(port) as silent:
            async with connected(port, tls[1]) as other:
                for _ in range(3):
                    other.send(GOOD + GOOD)
                    for _ in range(2):
                        assert (await other.answer()).status == 200
                assert await silent.ended(1) == b""
            async with connected(port) as plain:
                plain.send(GOOD)
                assert b"HTTP" not in await plain.ended(1)
            assert await still_serves(port, tls[1])

    run(body)


def test_newcomers_are_let_in_together() -> None:
    """While turns of the loop are long, the last of many has not to wait for one of each."""
    inside: list[int] = []
    all_in = asyncio.Event()

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        inside.append(0)
        if len(inside) == 2 * HANDLES:
            all_in.set()
        for _ in range(3):
            await asyncio.sleep(0)
        inside[0] = inside[0] or len(inside)
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})

    async def body() -> None:
        async with served(app) as port:
            with ExitStack() as stack:
                for _ in range(2 * HANDLES):  # all of them within one turn
                    one = socket.create_connection(("127.0.0.1", port))
                    stack.enter_context(closing(one)).sendall(GOOD)
                await asyncio.wait_for(all_in.wait(), 5)

    uvloop.run(body())
    assert inside[0] >= HANDLES
