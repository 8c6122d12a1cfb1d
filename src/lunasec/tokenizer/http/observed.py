"""Around every request: its answer's headers, a line in the log, the metrics, the last catch."""

import asyncio
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lunasec.tokenizer.http import problems
from lunasec.tokenizer.http.metrics import Metrics
from lunasec.tokenizer.settings import Settings

HSTS: Final = "max-age=63072000; includeSubDomains"

# On every answer (protocol.md, "Frame and page"). What an answer sets by itself stays, as the JSON
# ones do that only our own frames read. The default is open, since a page's bootstrap fetch follows
# a redirect to `/session/create`: blocked by the policy, the page would take each answer for an
# error of the network.
HEADERS: Final = {
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cross-origin-resource-policy": "cross-origin",
    "origin-agent-cluster": "?1",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}

Lines = Sequence[tuple[bytes, bytes]]

log = structlog.get_logger("lunasec.http")


def headers_of(settings: Settings) -> Lines:
    """List the headers of every answer; HSTS would bind a developer's own localhost."""
    headers = dict(HEADERS)
    host = urlsplit(settings.origin).hostname or ""
    if settings.secure and host != "localhost" and not host.endswith(".localhost"):
        headers["strict-transport-security"] = HSTS
    return tuple((name.encode(), value.encode()) for name, value in headers.items())


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """An application whose every answer has the headers, is logged, counted, and says no secret."""

    app: ASGIApp
    headers: Lines
    metrics: Metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request.

        An error that comes this far is answered here and goes no further: a server would log it
        with its text, and its text may quote a secret.
        """
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        clock = asyncio.get_running_loop().time
        began, status = clock(), 0
        # Ours, and never the caller's: an id that he chose would be his words in our log.
        scope["lunasec.request"] = secrets.token_hex(8)

        async def dressed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = self._with(message["headers"])
            await send(message)

        try:
            await self.app(scope, receive, dressed)
        except Exception as error:  # noqa: BLE001 - the last catch
            if not status:
                await problems.failed(scope, error)(scope, receive, dressed)
        finally:
            self._tell(scope, status, clock() - began)

    def _with(self, own: Lines) -> list[tuple[bytes, bytes]]:
        there = [name for name, _ in own]  # in lower case, as ASGI has it
        return [*own, *[each for each in self.headers if each[0] not in there]]

    def _tell(self, scope: Scope, status: int, seconds: float) -> None:
        place, code = problems.place(scope), scope.get("lunasec.code", "")
        self.metrics.answered(place["route"], status, code, seconds)
        log.info(
            "request",
            **place,
            method=scope["method"],
            status=status,
            code=code,
            application=scope.get("lunasec.application", ""),
            milliseconds=round(seconds * 1000, 1),
        )
