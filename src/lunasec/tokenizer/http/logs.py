"""Structured logs: one JSON object a line, on standard error, without secrets by construction."""

import asyncio
import json
import logging
import sys
from typing import Any, BinaryIO, Final

import msgspec
import structlog
from structlog.typing import EventDict

_ENCODER: Final = msgspec.json.Encoder(enc_hook=repr)


class Bare(logging.Formatter):
    """What a library logs, without what it was about.

    A message's arguments and an exception's text may quote a cookie, a token or a path with a
    handle. Who logged it, where, and the error's class are enough to find it.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Write a record as one JSON object."""
        event = {
            "event": record.name,
            "level": record.levelname.lower(),
            "where": f"{record.module}.{record.funcName}:{record.lineno}",
        }
        if record.exc_info and record.exc_info[0]:
            event["error"] = record.exc_info[0].__name__
        return json.dumps(event)


class Lines:
    """Where structlog's lines go: what an event loop logs in one turn is written together."""

    def __init__(self, file: BinaryIO) -> None:
        """Write to `file`."""
        self._file = file
        self._lines: list[bytes] = []

    def msg(self, line: bytes) -> None:
        """Write a line: at the end of the loop's turn, or at once where no loop runs."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            self._write([line])
            return
        if not self._lines:
            loop.call_soon(self._flush)
        self._lines.append(line)

    info = warning = error = msg

    def _flush(self) -> None:
        lines, self._lines = self._lines, []
        self._write(lines)

    def _write(self, lines: list[bytes]) -> None:
        self._file.write(b"".join([part for line in lines for part in (line, b"\n")]))
        self._file.flush()


def configure() -> None:
    """Log as JSON. What libraries log goes the same way, from warnings on."""
    lines = Lines(sys.stderr.buffer)
    structlog.configure(
        processors=[structlog.processors.TimeStamper(fmt="iso", utc=True), _rendered],
        logger_factory=lambda *_: lines,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Bare())
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    # It warns of every request that is no HTTP; anybody can send those, and fill a disk with them.
    logging.getLogger("uvicorn.error").setLevel(logging.ERROR)


def _rendered(_logger: Any, level: str, event: EventDict) -> bytes:  # noqa: ANN401 - structlog's
    """Write a line in one step: every request has one, and waits for it."""
    event["level"] = level
    return _ENCODER.encode(event)
