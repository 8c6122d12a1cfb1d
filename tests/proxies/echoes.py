"""Upstreams that answer with what they were sent, and raw requests for what is before them."""

import json
import ssl
import threading
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Fields = Sequence[tuple[str, str]]


class _Echo(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer with the path and with every header, doubled ones too."""
        body = json.dumps([self.path, [list(each) for each in self.headers.items()]]).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


@contextmanager
def echoing(port: int, tls: ssl.SSLContext | None = None) -> Generator[None]:
    """Listen on that loopback port until the block ends."""
    server = ThreadingHTTPServer(("127.0.0.1", port), _Echo)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def ask(
    port: int, path: str, fields: Fields, sent: bytes | None = None
) -> tuple[int, dict[str, str], str]:
    """Ask with exactly these headers, in this order; give status, headers and body.

    What is `sent` is JSON, and posted.
    """
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        method = "GET" if sent is None else "POST"
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        for name, value in fields:
            connection.putheader(name, value)
        if sent is not None:
            connection.putheader("Content-Type", "application/json")
            connection.putheader("Content-Length", str(len(sent)))
        connection.endheaders(sent)
        answer = connection.getresponse()
        stated = {name.lower(): value for name, value in answer.getheaders()}
        return answer.status, stated, answer.read().decode()
    finally:
        connection.close()
