"""LunaSec for Starlette, and for what is built on it."""

import logging
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
from lunasec.sdk.asgi import plugin_request, without_cookies
from lunasec.sdk.client import AsyncClient
from lunasec.sdk.grants import EVERY_TOKEN, Grant, Grants
from lunasec.sdk.identity import Provider
from lunasec.sdk.plugin import LARGEST_BODY, PREFIX, Answer, Identify, Offer, Plugin
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

_LOG: Final = logging.getLogger("lunasec")


class LunaSec:
    """LunaSec in one application: `register`, `grants`, `sessions`, `meta`, `script`, `client`.

    Takes the settings of `lunasec.sdk.settings.GivenSettings`, each of them also from `LUNASEC_*`;
    a wrong one raises `ConfigurationInvalid` here, at start.
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

    def meta(self, request: Request, *, session: str | None = None) -> SafeHtml:
        """Give the tag that tells the page its session, for the page's head.

        No shared cache may keep such a page. With an `async def` provider, give `session`, from
        `await lunasec.sessions.reference(request)`.
        """
        reference = session or self.sessions.reference_now(request)
        return session_meta(self.settings.application, reference)

    def script(self) -> SafeHtml:
        """Give the tag that loads the elements, for the page's head."""
        return library_script(self.settings.tokenizer_url)

    async def _answer(self, request: Request) -> Response:
        step = self._plugin.start(plugin_request(request.scope, await _body(request)))
        if isinstance(step, Identify):
            step = await self._identified(step, request)
        if isinstance(step, Offer):
            step = await self._offered(step)
        if step.failure is not None:
            _LOG.error("%s: %s", step.failure.code, step.failure)
        return Response(step.body, step.status, step.headers)

    async def _identified(self, step: Identify, request: Request) -> Answer | Offer:
        asked = request if step.cookies else Request(without_cookies(request.scope))
        try:
            return step.identified(await self.sessions.identity(asked))
        except LunaSecError as error:
            return step.failed(error)

    async def _offered(self, step: Offer) -> Answer:
        try:
            return step.offered(await self.client.send(step.call))
        except LunaSecError as error:
            return step.failed(error)

    def _closing(self, lifespan: Lifespan[Any]) -> Lifespan[Any]:
        @asynccontextmanager
        async def closing(app: Any) -> AsyncGenerator[Any]:  # noqa: ANN401 - what Starlette types so
            async with self.client, lifespan(app) as state:
                yield state

        return closing


async def _body(request: Request) -> bytes:
    """Read no more of a body than the plugin takes."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_BODY:
            break
    return bytes(body)


async def _refuse(_: Request, error: Exception) -> Response:
    """Answer a refusal that a handler let through."""
    if not isinstance(error, LunaSecError) or not problems.is_shown(error):
        raise error
    return Response(problems.problem(error), error.status, problems.headers(error))
