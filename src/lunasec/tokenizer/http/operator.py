"""The operator's own listener: health, readiness, metrics. Never on the public address."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from lunasec.tokenizer.core.ledger import Want
from lunasec.tokenizer.http import metrics
from lunasec.tokenizer.http.app import observed
from lunasec.tokenizer.http.services import Services
from lunasec.tokenizer.ports import Store

_UNKEPT = {"Cache-Control": "no-store"}


def operator_app(services: Services, store: Store) -> ASGIApp:
    """Build the operator's application."""

    async def health(_request: Request) -> Response:
        return JSONResponse({"status": "ok"}, headers=_UNKEPT)

    async def ready(_request: Request) -> Response:
        await store.look(Want(application=""))
        return JSONResponse({"status": "ready"}, headers=_UNKEPT)

    async def measured(_request: Request) -> Response:
        text = services.metrics.text(await store.head())
        return Response(text, headers=_UNKEPT, media_type=metrics.MEDIA_TYPE)

    listed = [Route("/health", health), Route("/ready", ready), Route("/metrics", measured)]
    return observed(services, [*listed])
