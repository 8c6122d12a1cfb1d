"""Every address of the tokenizer, in one list."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from lunasec.tokenizer.http import back_end, browser, caller, frames, limits, wire
from lunasec.tokenizer.http.services import Services

Endpoint = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Call:
    """An address that takes and gives JSON: for frames, for back ends, or for both."""

    path: str
    body: type[wire.Body]
    answer: type[wire.Answer]
    frame: Callable[..., Awaitable[Response]] | None = None
    back_end: Callable[..., Awaitable[Response]] | None = None


CALLS: Final = (
    Call("/session/ensure", wire.Ensure, wire.Ensured, frame=browser.ensure),
    Call("/tokenize", wire.Tokenize, wire.Tokenized, frame=browser.tokenize),
    Call("/detokenize", wire.Tokens, wire.Detokenized, frame=browser.detokenize),
    Call(
        "/tokens/describe",
        wire.Tokens,
        wire.Described,
        frame=browser.describe,
        back_end=back_end.describe,
    ),
    Call("/tokens/erase", wire.Erase, wire.Erased, back_end=back_end.erase),
    Call("/session/handles", wire.OfferHandle, wire.OfferedHandle, back_end=back_end.offer),
    Call("/session/end", wire.EndSession, wire.Done, back_end=back_end.end),
    Call("/session/upgrade", wire.UpgradeSession, wire.Done, back_end=back_end.upgrade),
    Call("/grants", wire.CreateGrants, wire.CreatedGrants, back_end=back_end.create_grants),
    Call("/grants/verify", wire.VerifyGrants, wire.VerifiedGrants, back_end=back_end.verify_grants),
    Call("/grants/revoke", wire.RevokeGrants, wire.Done, back_end=back_end.revoke_grants),
)


def public(services: Services) -> list[BaseRoute]:
    """List the addresses of the public listener, bound to `services`."""
    assets = services.assets

    async def create(request: Request) -> Response:
        redirected = request.method == "GET"
        open_session = browser.create_by_redirect if redirected else browser.create_by_post
        return await open_session(request, services)

    async def document(request: Request) -> Response:
        application = caller.application_named(
            request.path_params["application"], services.settings
        )
        return frames.document(
            services.settings, assets, application, request.path_params["role"]
        )

    async def asset(request: Request) -> Response:
        return assets.serve(request)

    async def entry(_request: Request) -> Response:
        return assets.entry()

    return [
        *(Route(each.path, _endpoint(each, services), methods=["POST"]) for each in CALLS),
        Route("/session/create/{application}", create, methods=["GET", "POST"]),
        Route("/frame/{application}/{role}", document),
        Route("/assets/{hash}/{name:path}", asset),
        Route("/lunasec.js", entry),
    ]


def _endpoint(call: Call, services: Services) -> Endpoint:
    """Bind a call: who it is comes first, then the body's limits and its shape."""

    async def from_frame(request: Request, handler: Callable[..., Awaitable[Response]]) -> Response:
        frame = browser.frame_request(services, request.headers)
        return await handler(services, frame, await _body(request, call.body))

    async def from_back_end(
        request: Request, handler: Callable[..., Awaitable[Response]]
    ) -> Response:
        who = caller.back_end(request.headers, services.credentials, services.clock())
        return await handler(services, who, await _body(request, call.body))

    async def endpoint(request: Request) -> Response:
        if call.frame is None or (call.back_end and "authorization" in request.headers):
            return await from_back_end(request, call.back_end)  # type: ignore[arg-type] - one is set
        return await from_frame(request, call.frame)

    return endpoint


async def _body(request: Request, kind: type[wire.Body]) -> Any:  # noqa: ANN401 - `kind` says it
    return wire.read(await limits.body(request), kind)
