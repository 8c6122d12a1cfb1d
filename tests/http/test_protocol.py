"""What comes before the application: slow, large and misshapen requests, on real sockets."""

import asyncio
import json
import socket
from collections.abc import AsyncGenerator
from contextlib import suppress
from typing import Final

import pytest
import pytest_asyncio

from lunasec.tokenizer.http import limits, protocol
from tests.http.local import Local
from tests.http.sockets import Answer, Connection, connected, request, served

ENSURE: Final = {
    "Sec-Fetch-Site": "same-origin",
    "LunaSec-Application": "payroll",
    "Content-Type": "application/json",
}
BODY: Final = b'{"session": "%s"}' % (b"A" * 43)
GOOD: Final = request("/session/ensure", ENSURE, BODY)
HEAD: Final = GOOD.partition(b"\r\n\r\n")[0]


@pytest_asyncio.fixture
async def port(parties: Local) -> AsyncGenerator[int]:
    """Serve a tokenizer."""
    async with served(parties.tokenizer.app) as made:
        yield made


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorten every time-out, so that a test need not wait."""
    monkeypatch.setattr(protocol, "HEADER_SECONDS", 0.3)
    monkeypatch.setattr(protocol, "BODY_SECONDS", 0.6)
    monkeypatch.setattr(protocol, "WRITE_SECONDS", 0.3)
    monkeypatch.setattr(limits, "BODY_SECONDS", 0.3)


async def _still_serves(port: int) -> bool:
    async with connected(port) as other:
        other.send(GOOD)
        return (await other.answer()).status == 200


async def test_good_request_is_answered(port: int) -> None:
    """What the other tests spoil is good."""
    async with connected(port) as connection:
        for _ in range(3):
            connection.send(GOOD)
            answer = await connection.answer()
            assert (answer.status, json.loads(answer.body)["active"]) == (200, False)
            assert "date" in answer.headers
            assert "server" not in answer.headers


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize("sent", [b"", b"P", HEAD, HEAD + b"\r\n", GOOD + b"P", GOOD + HEAD])
async def test_t24_headers_come_in_time(port: int, sent: bytes) -> None:
    """Who sends no headers, or not all, is cut off; an answer that is due is given before."""
    async with connected(port) as connection:
        connection.send(sent)
        rest = await connection.ended(3)
        assert rest.count(b"HTTP/1.1 200 ") == (1 if sent.startswith(GOOD) else 0)
        assert await _still_serves(port)


@pytest.mark.usefixtures("hurried")
async def test_t24_dripping_headers_gain_no_time(port: int) -> None:
    """A byte now and then does not put the end off."""
    async with connected(port) as connection:
        connection.send(HEAD + b"\r\nX-Slow: ")
        assert await _sent_before_the_end(connection, b"x", 0.05, 60) < 30


async def _sent_before_the_end(
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


@pytest.mark.parametrize(
    "sent",
    [
        b"GET /%s HTTP/1.1\r\nHost: x\r\n\r\n" % (b"a" * 70_000),
        HEAD + b"\r\nCookie: %s\r\n\r\n" % (b"a" * 70_000),
        HEAD + b"\r\nAuthorization: Bearer %s\r\n\r\n" % (b"a" * 2**20),
        HEAD + b"\r\n%s: a\r\n\r\n" % (b"a" * 70_000),
        HEAD + b"\r\n" + b"".join(b"A%d: a\r\n" % each for each in range(201)) + b"\r\n",
        HEAD + b"\r\n" + b"A: a\r\n" * 30_000 + b"\r\n",
    ],
    ids=["address", "cookie", "credential", "name", "many", "very many"],
)
async def test_t24_headers_have_a_size(port: int, sent: bytes) -> None:
    """More than 64 KiB, or than 200 headers, is 431 as a problem document, and the end."""
    async with connected(port) as connection:
        connection.send(sent)
        _is_refusal(await connection.answer(), 431)
        await connection.ended()
        assert await _still_serves(port)


async def test_t24_headers_that_never_end_have_a_size(port: int) -> None:
    """One header that goes on and on is cut off at its limit, not at its end."""
    async with connected(port) as connection:
        connection.send(HEAD + b"\r\nCookie: ")
        sent = await _sent_before_the_end(connection, b"a" * 4096, 0.01, 256)
        assert protocol.HEADER_BYTES <= sent * 4096 < 4 * protocol.HEADER_BYTES
        assert await _still_serves(port)


def _is_refusal(answer: Answer, status: int) -> None:
    """Look at an answer that the application had no part in."""
    assert answer.status == status
    assert json.loads(answer.body)["code"] == "malformed_request"
    for name, value in (
        ("content-type", "application/problem+json"),
        ("connection", "close"),
        ("cache-control", "no-store"),
        ("x-content-type-options", "nosniff"),
        ("origin-agent-cluster", "?1"),
    ):
        assert answer.headers[name] == value


MISSHAPEN: Final = {
    "no HTTP": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 50,
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "another version": GOOD.replace(b"HTTP/1.1", b"HTTP/3.0"),
    "no host": GOOD.replace(b"Host: secure.lunasec.localhost:1\r\n", b""),
    "two hosts": GOOD.replace(b"Host:", b"Host: evil.example\r\nHost:"),
    "two equal hosts": GOOD.replace(b"Host:", b"Host: secure.lunasec.localhost:1\r\nHost:"),
    "a length and chunks": GOOD.replace(b"Content-L", b"Transfer-Encoding: chunked\r\nContent-L"),
    "chunks and a length": GOOD.replace(b"\r\n\r\n", b"\r\nTransfer-Encoding: chunked\r\n\r\n"),
    "two lengths": GOOD.replace(b"Content-L", b"Content-Length: 0\r\nContent-L"),
    "two equal lengths": GOOD.replace(b"Content-L", b"Content-Length: 58\r\nContent-L"),
    "a length with a sign": GOOD.replace(b"Content-Length: ", b"Content-Length: +"),
    "a length in hexadecimal": GOOD.replace(b"Content-Length: ", b"Content-Length: 0x"),
    "a length of two values": GOOD.replace(b"Content-Length: ", b"Content-Length: 0, "),
    "a length too large": GOOD.replace(
        b"Content-Length: ", b"Content-Length: 99999999999999999999"
    ),
    "a negative length": GOOD.replace(b"Content-Length: ", b"Content-Length: -"),
    "other encodings": HEAD + b"\r\nTransfer-Encoding: gzip, chunked, x\r\n\r\n",
    "chunked twice": HEAD.replace(b"Content-Length: 58", b"A: a")
    + b"\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n",
    "a space before the colon": GOOD.replace(b"Host:", b"X-A : a\r\nHost:"),
    "a folded header": GOOD.replace(b"Host:", b"X-A: a\r\n b\r\nHost:"),
    "a bare CR": GOOD.replace(b"Host:", b"X-A: a\rX-B: b\r\nHost:"),
    "a NUL": GOOD.replace(b"Host:", b"X-A: a\x00b\r\nHost:"),
    "a header without a name": GOOD.replace(b"Host:", b": a\r\nHost:"),
    "a header without a colon": GOOD.replace(b"Host:", b"nothing\r\nHost:"),
    "a space in the address": GOOD.replace(b"/session/ensure", b"/session /ensure"),
    "a control in the address": GOOD.replace(b"/session/ensure", b"/session\x01ensure"),
    "a letter beyond ASCII in the address": GOOD.replace(b"/session/ensure", b"/sessi\xc3\xb6n"),
    "a method that nobody knows": GOOD.replace(b"POST", b"POSTS"),
    "a method in lower case": GOOD.replace(b"POST", b"post"),
    "version 2.0": GOOD.replace(b"HTTP/1.1", b"HTTP/2.0"),
    "no version": b"GET /lunasec.js\r\nHost: x\r\n\r\n",
}


@pytest.mark.parametrize("name", MISSHAPEN)
async def test_misshapen_request_is_refused(port: int, name: str) -> None:
    """What two readers could read in two ways is 400 and the end: nothing is smuggled."""
    async with connected(port) as connection:
        connection.send(MISSHAPEN[name] + GOOD)
        _is_refusal(await connection.answer(), 400)
        assert await connection.ended() == b""
        assert await _still_serves(port)


async def test_refusal_is_not_taken_for_an_earlier_answer(parties: Local) -> None:
    """Garbage behind a request that waits for its answer ends the connection without a word."""
    waiting = asyncio.Event()

    async def slow(scope: dict[str, object], receive: object, send: object) -> None:
        await waiting.wait()
        await parties.tokenizer.app(scope, receive, send)  # type: ignore[arg-type]

    async with served(slow) as port, connected(port) as connection:  # type: ignore[arg-type]
        connection.send(GOOD + b"garbage\r\n\r\n")
        assert await connection.ended() == b""
        waiting.set()


async def test_trailers_are_no_headers(parties: Local, port: int) -> None:
    """What stands behind a chunked body names no application, session or credential."""
    browser = await parties.visitor()
    trailers = (
        b"LunaSec-Application: payroll\r\n"
        b"Authorization: Bearer x\r\n"
        b"Cookie: __Host-lunasec-payroll=%s\r\n" % browser.cookie.encode()
    )
    head = (
        b"POST /session/ensure HTTP/1.1\r\nHost: secure.lunasec.localhost:1\r\n"
        b"Sec-Fetch-Site: same-origin\r\nContent-Type: application/json\r\n%s"
        b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n%s\r\n"
    )
    body = json.dumps({"session": browser.session}).encode()
    named = b"LunaSec-Application: payroll\r\n"
    async with connected(port) as connection:
        # Twice, so that the second is read whole before its turn comes.
        for _ in range(2):
            connection.send(
                head % (named, len(body), body, b"") + head % (b"", len(body), body, trailers)
            )
            assert json.loads((await connection.answer()).body)["active"] is False
            refused = json.loads((await connection.answer()).body)
            assert refused["code"] == "application_unknown"
        connection.send(head % (named, len(body), body, trailers))
        assert json.loads((await connection.answer()).body)["active"] is False


@pytest.mark.usefixtures("hurried")
async def test_t24_body_comes_in_time(port: int) -> None:
    """A body that stops half-way is 408, and soon after the connection ends."""
    async with connected(port) as connection:
        connection.send(GOOD[:-5])
        answer = await connection.answer()
        assert (answer.status, json.loads(answer.body)["code"]) == (408, "request_timeout")
        await connection.ended(3)
        assert await _still_serves(port)


@pytest.mark.usefixtures("hurried")
async def test_t24_body_of_a_refused_request_is_not_waited_for(port: int) -> None:
    """Who is refused at once can't hold the connection by going on with his body."""
    refused = GOOD.replace(b"same-origin", b"cross-site").replace(
        b"Content-Length: 58", b"Content-Length: 1000000"
    )
    async with connected(port) as connection:
        connection.send(refused)
        assert (await connection.answer()).status == 403
        assert await _sent_before_the_end(connection, b" " * 100, 0.05, 60) < 40
        assert await _still_serves(port)


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
    assert await _still_serves(port)


async def test_t24_idle_connection_makes_room(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where connections are as many as there may be, the next one takes an idle one's place."""
    monkeypatch.setattr(protocol, "CONNECTIONS", 3)
    async with connected(port) as first, connected(port) as second, connected(port) as third:
        for each in (first, second, third):
            each.send(GOOD)
            await each.answer()
        assert await _still_serves(port)
        closed = 0
        for each in (first, second, third):
            with suppress(TimeoutError):
                await each.ended(0.2)
                closed += 1
        assert closed in {1, 2}


async def test_upgrade_is_not_taken(port: int) -> None:
    """A websocket is not opened; the address answers as it would without."""
    asked = b"GET /lunasec.js HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: %s\r\n\r\n"
    for kind in (b"websocket", b"h2c"):
        async with connected(port) as connection:
            connection.send(asked % kind)
            assert (await connection.answer()).status == 200
