"""The tokenizer as an ASGI application."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lunasec.errors import LunaSecError
from lunasec.tokenizer.http import problems, routes
from lunasec.tokenizer.http.routes import Services

HSTS: Final = "max-age=63072000; includeSubDomains"

# On every answer (protocol.md, "Frame and page"). What an answer sets by itself stays.
HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Origin-Agent-Cluster": "?1",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def tokenizer_app(services: Services) -> ASGIApp:
    """Build the public application: routes, errors and the headers of every answer."""
    app = Starlette(
        routes=routes.public(services),
        exception_handlers={
            LunaSecError: problems.refused,
            HTTPException: problems.unrouted,
            Exception: problems.failed,
        },
    )
    headers = dict(HEADERS)
    if services.settings.secure:
        headers["Strict-Transport-Security"] = HSTS
    return Headers(app, headers)


@dataclass(frozen=True, slots=True)
class Headers:
    """Adds headers to every answer, errors and 404s among them."""

    app: ASGIApp
    headers: Mapping[str, str]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def add(message: Message) -> None:
            if message["type"] == "http.response.start":
                there = {name.lower() for name, _ in message["headers"]}
                message["headers"] = [
                    *message["headers"],
                    *(
                        (name.lower().encode(), value.encode())
                        for name, value in self.headers.items()
                        if name.lower().encode() not in there
                    ),
                ]
            await send(message)

        await self.app(scope, receive, add)
