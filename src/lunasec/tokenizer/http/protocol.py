"""HTTP/1.1 as uvicorn reads it, with what uvicorn leaves open: time, size, and clear refusals."""

import asyncio
from collections.abc import Callable
from typing import Any, Final

import httptools
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from lunasec.errors import MalformedRequest
from lunasec.tokenizer.http import limits, problems
from lunasec.tokenizer.http.lobby import Lobby
from lunasec.tokenizer.http.observed import HEADERS

HEADER_SECONDS: Final = 5
"""All of a request's headers in this time; a slow client holds no place for longer."""

HEADER_BYTES: Final = 64 * 1024
"""All headers together; cookies of a shared domain can be many, but not that many."""

HEADER_COUNT: Final = 200
"""A browser sends some twenty, a chain of proxies some more."""

BODY_SECONDS: Final = limits.BODY_SECONDS + 2
"""A body that is still coming then is nobody's: its request was answered two seconds ago."""

WRITE_SECONDS: Final = 10
"""A client takes some of its answer in this time, or it is cut off: its answer is in our memory."""

_TOO_LARGE: Final = 431  # RFC 6585, section 5
_VERSIONS: Final = frozenset({"1.0", "1.1"})  # the parser lets 0.9 and 2.0 pass as well


class PatientProtocol(HttpToolsProtocol):
    """Uvicorn's protocol, which by itself waits for ever, reads any header and answers as text."""

    _timer: asyncio.TimerHandle | None = None
    _due: float | None = None
    _then: Callable[[], None]
    _writing: asyncio.TimerHandle | None = None
    _in_headers: bool = False
    _seen: int = 0
    _status: int = 400

    def __init__(self, *, lobby: Lobby, **uvicorns: Any) -> None:  # noqa: ANN401 - uvicorn's
        """Name where the listener's connections are counted."""
        super().__init__(**uvicorns)
        self.lobby = lobby

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start the clock with the connection, and make room for it."""
        super().connection_made(transport)
        self._wait(HEADER_SECONDS, self._expire)
        self.lobby.enter(self, self._make_room)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the clocks."""
        self.lobby.leave(self)
        self._stop()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self.resume_writing()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Bound headers that are not whole yet: the parser tells of each when it has all of it."""
        begun = self._in_headers
        super().data_received(data)
        if begun and self._in_headers and not self.transport.is_closing():
            self._seen += len(data)
            if self._seen > HEADER_BYTES:
                self._status = _TOO_LARGE
                self.send_400_response("")

    def on_message_begin(self) -> None:
        """Start the clock with each further request of a connection."""
        super().on_message_begin()
        self._in_headers, self._seen = True, 0
        scope: Any = self.scope  # uvicorn's type has no room for what is ours
        scope[limits.PATIENCE] = self._be_patient
        self._wait(HEADER_SECONDS, self._expire)

    def on_url(self, url: bytes) -> None:
        """Bound the address."""
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Bound the headers; what is raised here refuses the request.

        Trailers come this way too, behind the body. They are no headers (RFC 9110, section 6.5.1):
        a proxy that checks or takes out headers has not looked at them.
        """
        if not self._in_headers:
            return
        self._count(len(name) + len(value))
        if len(self.headers) >= HEADER_COUNT:
            self._status = _TOO_LARGE
            raise httptools.HttpParserError("too many headers")
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Demand a version that we speak, and one host (RFC 9112, section 3.2); start the clock."""
        parser: Any = self.parser  # uvicorn's types leave open that it is there
        if parser.get_http_version() not in _VERSIONS:
            raise httptools.HttpParserError("another version")
        if [name for name, _ in self.headers].count(b"host") != 1:
            raise httptools.HttpParserError("not one host")
        self._in_headers = False
        self.lobby.work(self)
        self._wait(BODY_SECONDS, self.transport.close)
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Stop the clock: the rest is for us to do."""
        self._stop()
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Wait from now on, unless a further request came meanwhile."""
        super().on_response_complete()
        if self._is_idle():
            self.lobby.wait(self)

    def pause_writing(self) -> None:
        """Start the clock of a client that does not read."""
        super().pause_writing()
        self._writing = self.loop.call_later(WRITE_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        """Stop it."""
        if self._writing is not None:
            self._writing.cancel()
            self._writing = None
        super().resume_writing()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - uvicorn's words, for nobody
        """Refuse what can't be read, and close.

        While an earlier request of the connection waits for its answer, nothing is written: it
        would be taken for that answer.
        """
        if self._is_idle():
            self.transport.write(_refusal(self._status))
        self.transport.close()

    def _count(self, size: int) -> None:
        self._seen += size
        if self._seen > HEADER_BYTES:
            self._status = _TOO_LARGE
            raise httptools.HttpParserError("headers too large")

    def _is_idle(self) -> bool:
        # Uvicorn's types leave out that there is none before the first request.
        cycle: Any = self.cycle
        return cycle is None or bool(cycle.response_complete)

    def _expire(self) -> None:
        """Close, unless an answer is under way: then a pipelined request has to wait as we do."""
        if self._is_idle():
            self.transport.close()
        else:
            self._wait(HEADER_SECONDS, self._expire)

    def _make_room(self) -> None:
        """Close at once, but for the rest of an answer, which still goes out."""
        if self.transport.get_write_buffer_size():
            self.transport.close()
        else:
            self.transport.abort()

    def _be_patient(self, seconds: float) -> None:
        """Give a body that is still coming so long, counted from now."""
        if self._due is not None:
            self._wait(seconds + BODY_SECONDS - limits.BODY_SECONDS, self.transport.close)

    def _wait(self, seconds: float, then: Callable[[], None]) -> None:
        """Set the clock. One timer serves many requests: it looks, when it rings, what is due."""
        self._due, self._then = self.loop.time() + seconds, then
        if self._timer is None or self._due < self._timer.when():
            if self._timer is not None:
                self._timer.cancel()
            self._timer = self.loop.call_at(self._due, self._ring)

    def _ring(self) -> None:
        self._timer = None
        if self._due is None:
            return
        if self.loop.time() < self._due:
            self._timer = self.loop.call_at(self._due, self._ring)
            return
        self._due = None
        self._then()

    def _stop(self) -> None:
        self._due = None


def _refusal(status: int) -> bytes:
    """Write an answer by hand: the request did not get as far as the application."""
    detail = "The request is not HTTP/1.1, or its headers are too large."
    answer = problems.problem(MalformedRequest(detail))
    headers = {**HEADERS, "connection": "close"}
    lines = [STATUS_LINE[status]]
    lines += [b"%s: %s\r\n" % each for each in answer.raw_headers]
    lines += [f"{name}: {value}\r\n".encode() for name, value in headers.items()]
    return b"".join([*lines, b"\r\n", bytes(answer.body)])
