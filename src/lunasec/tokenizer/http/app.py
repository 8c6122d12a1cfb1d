"""The tokenizer as an ASGI application."""

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute
from starlette.types import ASGIApp

from lunasec.errors import LunaSecError
from lunasec.tokenizer.http import problems, routes
from lunasec.tokenizer.http.observed import Observed, headers_of
from lunasec.tokenizer.http.services import Services


def tokenizer_app(services: Services) -> ASGIApp:
    """Build the public application: routes, errors and the headers of every answer."""
    return observed(services, routes.public(services))


def observed(services: Services, listed: list[BaseRoute]) -> ASGIApp:
    """Build an application of these routes."""
    app = Starlette(
        routes=listed,
        exception_handlers={
            LunaSecError: problems.refused,
            HTTPException: problems.unrouted,
            Exception: problems.unforeseen,
        },
    )
    # Starlette would answer `/grants/` with a redirect to whatever `Host` the request named.
    app.router.redirect_slashes = False
    return Observed(app=app, headers=headers_of(services.settings), metrics=services.metrics)
