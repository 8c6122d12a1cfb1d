"""Small real servers that answer as they are told: an application, or a proxy in the way."""

import threading
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import cast


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What to say."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


Answers = Callable[[str, Mapping[str, str]], Answer]
"""From a path and the request's headers to what to say."""


@contextmanager
def answering(answers: Answers) -> Generator[int]:
    """Serve on a free loopback port until the block ends; give the port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(answers))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def passing_on(port: int, change: Callable[[str, Answer], Answer]) -> Answers:
    """Answer as a reverse proxy in front of `port`, which changes what passes through it."""

    def answer(path: str, headers: Mapping[str, str]) -> Answer:
        connection = HTTPConnection("127.0.0.1", port, timeout=10)
        try:
            connection.request("GET", path, headers=dict(headers))
            reply = connection.getresponse()
            kept = {
                name: value
                for name, value in reply.getheaders()
                if name.lower() not in {"content-length", "connection"}
            }
            return change(path, Answer(status=reply.status, body=reply.read(), headers=kept))
        finally:
            connection.close()

    return answer


def _handler(answers: Answers) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            """Answer."""
            said = answers(self.path, cast("Mapping[str, str]", self.headers))
            self.send_response_only(said.status)
            for name, value in said.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(said.body)))
            self.end_headers()
            self.wfile.write(said.body)

        def do_POST(self) -> None:
            """Answer likewise: a path is what is asked about."""
            self.do_GET()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its signature
            """Say nothing."""

    return Handler
