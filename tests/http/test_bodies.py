"""Bodies that are slow or never end, readers that do not read, and connections that idle."""

import asyncio
import json
import socket

import pytest

from tests.http.local import Local
from tests.http.sockets import GOOD, connected, sent_before_the_end, still_serves


@pytest.mark.usefixtures("hurried")
async def test_t24_body_comes_in_time(port: int) -> None:
    """A body that stops half-way is 408, and soon after the connection ends."""
    async with connected(port) as connection:
        connection.send(GOOD[:-5])
        answer = await connection.answer()
        assert (answer.status, json.loads(answer.body)["code"]) == (408, "request_timeout")
        await connection.ended(3)
        assert await still_serves(port)


@pytest.mark.usefixtures("hurried")
async def test_t24_body_of_a_refused_request_is_not_waited_for(port: int) -> None:
    """Who is refused at once can't hold the connection by going on with his body."""
    refused = GOOD.replace(b"same-origin", b"cross-site").replace(
        b"Content-Length: 58", b"Content-Length: 1000000"
    )
    async with connected(port) as connection:
        connection.send(refused)
        assert (await connection.answer()).status == 403
        assert await sent_before_the_end(connection, b" " * 100, 0.05, 60) < 40
        assert await still_serves(port)


async def test_body_is_asked_for_after_the_caller_is_known(port: int) -> None:
    """`Expect: 100-continue` gets its 100 when the body is wanted, and not before a refusal."""
    head, _, body = GOOD.replace(b"Host:", b"Expect: 100-continue\r\nHost:").partition(b"\r\n\r\n")
    async with connected(port) as connection:
        connection.send(head + b"\r\n\r\n")
        assert (await connection.answer()).status == 100
        connection.send(body)
        assert (await connection.answer()).status == 200
        connection.send(head.replace(b"same-origin", b"cross-site") + b"\r\n\r\n")
        assert (await connection.answer()).status == 403


@pytest.mark.usefixtures("hurried")
async def test_t24_client_that_does_not_read_is_cut_off(parties: Local, port: int) -> None:
    """Whoever asks for much and takes nothing of it loses the connection, and we the memory."""
    base = parties.tokenizer.services.assets.base.encode()
    asked = b"GET %sframe/field.js HTTP/1.1\r\nHost: x\r\n\r\n" % base
    with socket.socket() as greedy:
        greedy.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        greedy.connect(("127.0.0.1", port))
        greedy.settimeout(0)
        cut_off = False
        for _ in range(100):
            try:
                greedy.send(asked * 20)
            except BlockingIOError:
                pass
            except ConnectionError:
                cut_off = True
                break
            await asyncio.sleep(0.03)
    assert cut_off
    assert await still_serves(port)


async def test_upgrade_is_not_taken(port: int) -> None:
    """A websocket is not opened; the address answers as it would without."""
    asked = b"GET /lunasec.js HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: %s\r\n\r\n"
    for kind in (b"websocket", b"h2c"):
        async with connected(port) as connection:
            connection.send(asked % kind)
            assert (await connection.answer()).status == 200
