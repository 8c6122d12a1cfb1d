"""Who is visiting behind an auth proxy: what its token says, verified once for each request.

Templates can't wait for a provider that may fetch keys, so they read what was found here.
"""

from typing import Final

from starlette.requests import HTTPConnection, Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from lunasec.errors import Unavailable
from lunasec.proxy import ProxyProvider

_FOUND: Final = "lunasec.demo.proxied"
_NO_KEYS: Final = PlainTextResponse("The auth proxy's keys can't be had. Try again.\n", 503)


def identity(request: HTTPConnection) -> tuple[str, str] | None:
    """Return (session id, user): the session id provider that LunaSec is given."""
    found: tuple[str, str] | None = request.scope.get(_FOUND)
    return found


class Verified:
    """Asks the token of each request whose it is."""

    def __init__(self, app: ASGIApp, *, provider: ProxyProvider) -> None:
        """Wrap `app`."""
        self._app, self._provider = app, provider

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the request, with whose it is in its scope."""
        if scope["type"] == "http":
            try:
                scope[_FOUND] = await self._provider(Request(scope))
            except Unavailable:
                await _NO_KEYS(scope, receive, send)
                return
        await self._app(scope, receive, send)
