"""The clients against real sockets: what a slow, silent or wrong peer can cost."""

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import Callable, Generator

import pytest
import uvicorn

from lunasec import AsyncClient, Client
from lunasec.errors import Unavailable
from lunasec.sdk.settings import GivenSettings
from lunasec.sdk.wire import Erased
from lunasec.tokenizer.http.server import IDLE_SECONDS
from tests.sdk.scripted import token

REFERENCE = "r" * 43
TOKENS = [token(1)]


@contextlib.contextmanager
def _listening(
    serve: Callable[[socket.socket], None] = lambda _: None,
) -> Generator[tuple[int, list[str]]]:
    """Listen on a free port of loopback, and serve each connection on a thread of its own."""
    accepted: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def accept() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connection, address = listener.accept()
                    accepted.append(str(address))
                    threading.Thread(target=_quietly(serve), args=[connection], daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        yield listener.getsockname()[1], accepted


def _quietly(serve: Callable[[socket.socket], None]) -> Callable[[socket.socket], None]:
    def served(connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection:
            serve(connection)

    return served


def _drip(connection: socket.socket) -> None:
    """Answer with one byte now and then, so that no single read ever times out."""
    connection.recv(65536)
    head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n"
    connection.sendall(head.encode())
    while True:
        connection.sendall(b" ")
        time.sleep(0.02)


def _silence(connection: socket.socket) -> None:
    connection.recv(65536)
    time.sleep(9)


def test_the_environment_names_no_proxy(
    given: GivenSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`HTTPS_PROXY` and `.netrc` are for others: the credential passes no stranger."""
    with _listening() as (port, accepted):
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{port}")
        unreachable: GivenSettings = {**given, "tokenizer_internal_url": "http://127.0.0.1:9"}
        with Client(**unreachable) as client, pytest.raises(Unavailable):
            client.end_session(session=REFERENCE)
    assert accepted == []


def _sync(settings: GivenSettings) -> None:
    with Client(**settings) as client:
        client.end_session(session=REFERENCE)


def _async(settings: GivenSettings) -> None:
    async def call() -> None:
        async with AsyncClient(**settings) as client:
            await client.end_session(session=REFERENCE)

    with asyncio.Runner() as runner:
        runner.run(call())


@pytest.mark.parametrize("serve", [_drip, _silence])
@pytest.mark.parametrize("client", ["sync", "async"])
def test_a_call_is_bounded_in_time(
    given: GivenSettings, serve: Callable[[socket.socket], None], client: str
) -> None:
    """A tokenizer that hangs, or drips, costs the time-out and no more, all tries together."""
    with _listening(serve) as (port, _):
        settings: GivenSettings = {
            **given,
            "tokenizer_internal_url": f"http://127.0.0.1:{port}",
            "timeout": 1.0,
        }
        call = _sync if client == "sync" else _async
        began = time.monotonic()
        with pytest.raises(Unavailable, match="no answer"):
            call(settings)
    assert 0.9 < time.monotonic() - began < 2.5


def test_one_async_client_serves_many_loops(given: GivenSettings) -> None:
    """A client made at import works in each event loop, one after another, with a real server."""
    body = b'{"erased": 1}'
    head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(body)}"

    def serve(connection: socket.socket) -> None:
        while connection.recv(65536):
            connection.sendall(head.encode() + b"\r\n\r\n" + body)

    with _listening(serve) as (port, _):
        settings: GivenSettings = {**given, "tokenizer_internal_url": f"http://127.0.0.1:{port}"}
        client = AsyncClient(**settings)

        async def twice() -> list[Erased]:
            answers = [await client.erase_tokens(tokens=TOKENS) for _ in range(2)]
            await client.aclose()
            return answers

        for _ in range(3):
            with asyncio.Runner() as runner:
                assert runner.run(twice()) == [Erased(erased=1), Erased(erased=1)]


def test_idle_connections_are_let_go_first(given: GivenSettings) -> None:
    """Connections are not kept as long as the tokenizer keeps them, nor as uvicorn by itself."""
    with Client(**given) as client:
        kept = client.options()["limits"].keepalive_expiry
    assert kept is not None
    assert kept < min(IDLE_SECONDS, uvicorn.Config("").timeout_keep_alive)
