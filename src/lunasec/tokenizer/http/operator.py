"""The operator's own listener: health, readiness, metrics. Never on the public address."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from lunasec.errors import LunaSecError
from lunasec.tokenizer.core.ledger import Want
from lunasec.tokenizer.http.services import Services
from lunasec.tokenizer.ports import Store


def operator_app(services: Services, store: Store) -> ASGIApp:
    """Build the operator's application."""

    async def health(_request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def ready(_request: Request) -> Response:
        try:
            await store.look(Want(application=""))
        except LunaSecError as error:
            return JSONResponse({"status": "not ready", "code": error.code}, 503)
        return JSONResponse({"status": "ready"})

    return Starlette(routes=[Route("/health", health), Route("/ready", ready)])
