"""LunaSec for Starlette, and for what is built on it."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any, Final, Unpack

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Lifespan

from lunasec.errors import LunaSecError
from lunasec.sdk import problems
from lunasec.sdk.asgi import LOG, carry_out, plugin_request, read_body, without_cookies
from lunasec.sdk.client import AsyncClient
from lunasec.sdk.grants import EVERY_TOKEN, Grant, Grants
from lunasec.sdk.identity import Identity, Provider
from lunasec.sdk.plugin import PREFIX, Identify, Plugin
from lunasec.sdk.providers import SessionDictionary, cookie_session_id, header_session_id
from lunasec.sdk.sessions import Sessions
from lunasec.sdk.settings import GivenSettings
from lunasec.sdk.tags import SafeHtml, library_script, session_meta

__all__ = [
    "EVERY_TOKEN",
    "Grant",
    "LunaSec",
    "LunaSecError",
    "SafeHtml",
    "cookie_session_id",
    "header_session_id",
    "starlette_session_id",
]

starlette_session_id: Final = SessionDictionary()
"""A provider on Starlette's `SessionMiddleware`; `.with_user("user_id")` tells users apart."""


class LunaSec:
    """LunaSec in one application: `register`, `grants`, `sessions`, `meta`, `script`, `client`.

    Takes the settings of `lunasec.sdk.settings.GivenSettings`, each of them also from `LUNASEC_*`;
    a wrong one raises `ConfigurationInvalid` here, at start. From a handler that is no `async def`:
    `anyio.from_thread.run(lunasec.grants.create, request, token)`.
    """

    def __init__(
        self,
        *,
        session_id_provider: Provider[Request],
        transport: httpx.AsyncBaseTransport | None = None,
        **settings: Unpack[GivenSettings],
    ) -> None:
        """Read settings and key file. `session_id_provider` maps a request to its session."""
        self.client = AsyncClient(transport=transport, **settings)
        self.settings = self.client.settings
        self.sessions = Sessions[Request](self.client, session_id_provider)
        self.grants = Grants[Request](self.client, self.sessions.reference)
        keys = self.client.credential.public_keys()
        self._plugin = Plugin(settings=self.settings, public_keys=keys)

    def register(self, app: Starlette) -> None:
        """Add the plugin's routes, before all others, and an answer for LunaSec's refusals.

        `app` is the outermost application: the routes belong at the root of its origin. A handler
        that it already has for `LunaSecError` is kept.
        """
        route = Route(f"{PREFIX}/{{name:path}}", self._answer, methods=["GET", "POST"])
        # First, since a catch-all route (a single-page application has one) would take them.
        app.router.routes.insert(0, route)
        app.exception_handlers.setdefault(LunaSecError, _refuse)
        app.router.lifespan_context = self._closing(app.router.lifespan_context)

    def meta(self, request: Request) -> SafeHtml:
        """Give the tag that tells the page its session, for its head; no shared cache may keep it.

        With an `async def` provider: `meta_for(await lunasec.sessions.reference(request))`.
        """
        return self.meta_for(self.sessions.reference_now(request))

    def meta_for(self, reference: str | None) -> SafeHtml:
        """Give the same tag for a session reference, or for nobody."""
        settings = self.settings
        return session_meta(settings.application, reference, settings.tokenizer_url)

    def script(self) -> SafeHtml:
        """Give the tag that loads the elements, for the page's head."""
        return library_script(self.settings.tokenizer_url)

    async def _answer(self, request: Request) -> Response:
        async def identify(step: Identify) -> Identity | None:
            asked = request if step.cookies else Request(without_cookies(request.scope))
            return await self.sessions.identity(asked)

        body = await read_body(request.stream())
        step = self._plugin.start(plugin_request(request.scope, body))
        answer = await carry_out(step, identify=identify, send=self.client.send)
        return Response(answer.body, answer.status, answer.headers)

    def _closing(self, lifespan: Lifespan[Any]) -> Lifespan[Any]:
        @asynccontextmanager
        async def closing(app: Any) -> AsyncGenerator[Any]:  # noqa: ANN401 - what Starlette types so
            async with self.client, lifespan(app) as state:
                yield state

        return closing


async def _refuse(_: Request, error: Exception) -> Response:
    """Answer a refusal that a handler let through."""
    if not isinstance(error, LunaSecError) or not problems.is_told(error):
        raise error
    LOG.info("%s: %s", error.code, error)
    return Response(problems.problem(error), error.status, problems.headers(error))
