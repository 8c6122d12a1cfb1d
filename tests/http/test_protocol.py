"""What comes before the application: slow, large and misshapen requests, on real sockets."""

import asyncio
import json
import socket
from typing import Final

import pytest

from lunasec.tokenizer.http import protocol
from lunasec.tokenizer.http.server import listen
from lunasec.tokenizer.settings import Address
from tests.http.local import Local
from tests.http.sockets import (
    GOOD,
    HEAD,
    Answer,
    connected,
    sent_before_the_end,
    served,
    still_serves,
)


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
        assert await still_serves(port)


@pytest.mark.usefixtures("hurried")
async def test_t24_dripping_headers_gain_no_time(port: int) -> None:
    """A byte now and then does not put the end off."""
    async with connected(port) as connection:
        connection.send(HEAD + b"\r\nX-Slow: ")
        assert await sent_before_the_end(connection, b"x", 0.05, 60) < 30


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
        assert await still_serves(port)


async def test_t24_headers_that_never_end_have_a_size(port: int) -> None:
    """One header that goes on and on is cut off at its limit, not at its end."""
    async with connected(port) as connection:
        connection.send(HEAD + b"\r\nCookie: ")
        sent = await sent_before_the_end(connection, b"a" * 4096, 0.01, 256)
        assert protocol.HEADER_BYTES <= sent * 4096 < 4 * protocol.HEADER_BYTES
        assert await still_serves(port)


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
        assert await still_serves(port)


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


async def test_an_answer_waits_for_no_acknowledgment() -> None:
    """On asyncio's own loop too, each accepted connection sends at once (RFC 896 is off)."""
    delays = asyncio.get_running_loop().create_future()

    class Accepted(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            accepted = transport.get_extra_info("socket")
            delays.set_result(not accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))

    listener = listen("test", Address("127.0.0.1", 0))
    serving = await asyncio.get_running_loop().create_server(Accepted, sock=listener)
    async with serving, connected(listener.getsockname()[1]):
        assert not await delays
