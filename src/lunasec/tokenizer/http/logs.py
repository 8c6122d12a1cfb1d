"""Structured logs: one JSON object a line, on standard error, without secrets by construction."""

import logging
import sys

import structlog


def configure() -> None:
    """Log as JSON. What libraries log goes the same way, from warnings on."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(
        level=logging.WARNING,
        stream=sys.stderr,
        format='{"level":"%(levelname)s","event":"%(name)s"}',
    )
