"""Small applications of Starlette and FastAPI, and a browser's way to ask them."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from lunasec.sdk.identity import Provider
from lunasec.sdk.settings import GivenSettings
from lunasec.starlette import LunaSec
from tests.sdk.scripted import STATE, ScriptedTokenizer

APP = "https://app.example.com"
NO_CORS = {"sec-fetch-site": "same-origin", "sec-fetch-mode": "no-cors", "sec-fetch-dest": "empty"}
CORS = {**NO_CORS, "sec-fetch-mode": "cors"}
FRAME = f"/.lunasec/secure-frame?state={STATE}"

Handler = Callable[[LunaSec, Request], Awaitable[Any]]


def made(
    given: GivenSettings,
    tokenizer: ScriptedTokenizer,
    provider: Provider[Request],
    routes: Mapping[str, Handler] | None = None,
    **more: Any,  # noqa: ANN401 - further settings
) -> Starlette:
    """Make an application with sessions, whose handlers answer with JSON."""
    settings: GivenSettings = {**given, **more}  # type: ignore[typeddict-item]
    lunasec = LunaSec(session_id_provider=provider, transport=tokenizer, **settings)
    return made_of(lunasec, routes or {})


def made_of(lunasec: LunaSec, routes: Mapping[str, Handler]) -> Starlette:
    """Make the same of a `LunaSec` that is there already."""

    def endpoint(handler: Handler) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            return JSONResponse(await handler(lunasec, request))

        return answer

    app = Starlette(
        routes=[
            Route(path, endpoint(handler), methods=["GET", "POST"])
            for path, handler in routes.items()
        ],
        middleware=[Middleware(SessionMiddleware, secret_key="not a secret")],
    )
    lunasec.register(app)
    return app


def browser(app: Starlette) -> httpx.AsyncClient:
    """Open a browser on an application: it keeps cookies and follows no redirect."""
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=APP)
