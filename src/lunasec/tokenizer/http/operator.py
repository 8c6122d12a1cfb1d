"""The operator's own listener: health, readiness, metrics. Never on the public address."""

from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from lunasec.tokenizer.core.ledger import UnverifiedBefore, Want
from lunasec.tokenizer.http import metrics
from lunasec.tokenizer.http.app import observed
from lunasec.tokenizer.http.services import Services
from lunasec.tokenizer.ports import Store

UNTAKEN_SECONDS: Final = 3600
"""A store grant lives this long at most; until then a form may still be on its way."""

COUNTED: Final = 100_000
"""Tokens that nobody took are counted up to here, so that no request waits for a long count."""

_UNKEPT = {"Cache-Control": "no-store"}


def operator_app(services: Services, store: Store) -> ASGIApp:
    """Build the operator's application."""

    async def health(_request: Request) -> Response:
        return JSONResponse({"status": "ok"}, headers=_UNKEPT)

    async def ready(_request: Request) -> Response:
        await store.look(Want(application=""))
        return JSONResponse({"status": "ready"}, headers=_UNKEPT)

    async def measured(_request: Request) -> Response:
        want = Want(
            application="",
            count_uploads=True,
            count=UnverifiedBefore(services.clock() - UNTAKEN_SECONDS),
            count_up_to=COUNTED,
        )
        facts = await store.look(want)
        text = services.metrics.text(await store.head(), facts.uploads_count, facts.count)
        return Response(text, headers=_UNKEPT, media_type=metrics.MEDIA_TYPE)

    listed = [Route("/health", health), Route("/ready", ready), Route("/metrics", measured)]
    return observed(services, [*listed])
