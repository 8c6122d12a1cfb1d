"""The tokenizer as an ASGI application."""

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from lunasec.errors import LunaSecError
from lunasec.tokenizer.http import problems, routes
from lunasec.tokenizer.http.observed import Observed, headers_of
from lunasec.tokenizer.http.services import Services


@dataclass(frozen=True, slots=True)
class Direct:
    """The JSON calls, found by their address in one step; all else goes the way of the list.

    Starlette tries one pattern after the other and wraps each call four times: together that costs
    as much as reading the request. What an endpoint raises is answered as the list's is.
    """

    calls: Mapping[str, tuple[Route, routes.Endpoint]]
    rest: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a call."""
        call = self.calls.get(scope.get("path", ""))
        if call is None or scope["type"] != "http" or scope["method"] != "POST":
            await self.rest(scope, receive, send)
            return
        scope["route"], endpoint = call
        request = Request(scope, receive, send)
        try:
            response = await endpoint(request)
        except LunaSecError as error:
            response = await problems.refused(request, error)
        await response(scope, receive, send)


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
    calls = {each.path: (each, each.call) for each in listed if isinstance(each, routes.CallRoute)}
    return Observed(
        app=Direct(calls, app), headers=headers_of(services.settings), metrics=services.metrics
    )
