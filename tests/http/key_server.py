"""A server of an auth proxy's keys, which a test lets fail in each of the ways that servers do."""

import threading
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal

Fault = Literal["down", "hanging", "dripping", "dripping headers"]

STEP_SECONDS = 0.2
"""Between two bytes: no single read waits for long."""

STEPS = 40
"""Long after everybody should have gone."""


class KeyServer(ThreadingHTTPServer):
    """Answers `keys`, unless it has a fault, and counts who asks."""

    def __init__(self) -> None:
        """Listen on loopback."""
        super().__init__(("127.0.0.1", 0), _Answer)
        self.keys, self.asked = b"", 0
        self.fault: Fault | None = None
        self.over = threading.Event()

    @property
    def address(self) -> str:
        """Say where the keys are."""
        return f"http://127.0.0.1:{self.server_port}/keys"


class _Answer(BaseHTTPRequestHandler):
    @property
    def _asked(self) -> KeyServer:
        assert isinstance(self.server, KeyServer)
        return self.server

    def do_GET(self) -> None:
        self._asked.asked += 1
        match self._asked.fault:
            case None:
                self._says(f"HTTP/1.1 200 OK\r\nContent-Length: {len(self._asked.keys)}\r\n\r\n")
                self.wfile.write(self._asked.keys)
            case "hanging":
                self._asked.over.wait()
            case "dripping":
                self._says("HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n")
                self._drips(" ")
            case "dripping headers":
                self._says("HTTP/1.1 200 OK\r\n")
                self._drips("X-Nothing: more\r\n")
            case "down":
                pass

    def _says(self, text: str) -> None:
        self.wfile.write(text.encode())

    def _drips(self, text: str) -> None:
        try:
            for _ in range(STEPS):
                if self._asked.over.wait(STEP_SECONDS):
                    return
                self._says(text)
        except OSError:
            """Whoever asked has gone."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
        """Say nothing."""


@contextmanager
def key_server() -> Generator[KeyServer]:
    """Serve, and let go of everybody at the end."""
    server = KeyServer()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server
    finally:
        server.over.set()
        server.shutdown()
        thread.join()
        server.server_close()
