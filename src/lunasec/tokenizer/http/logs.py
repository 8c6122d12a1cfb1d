"""Structured logs: one JSON object a line, on standard error, without secrets by construction."""

import json
import logging
import sys
from typing import Any, Final

import msgspec
import structlog

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


def configure() -> None:
    """Log as JSON. What libraries log goes the same way, from warnings on."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(serializer=_encode),
        ],
        logger_factory=structlog.BytesLoggerFactory(sys.stderr.buffer),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Bare())
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    # It warns of every request that is no HTTP; anybody can send those, and fill a disk with them.
    logging.getLogger("uvicorn.error").setLevel(logging.ERROR)


def _encode(event: Any, **_: Any) -> bytes:  # noqa: ANN401 - structlog's signature
    return _ENCODER.encode(event)
