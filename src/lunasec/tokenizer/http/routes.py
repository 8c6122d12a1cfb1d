"""Every address of the tokenizer, in one list."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from lunasec.errors import NotFound
from lunasec.tokenizer.core.identity import ApplicationCaller
from lunasec.tokenizer.http import (
    answers,
    back_end,
    browser,
    caller,
    cookieless,
    explanations,
    files,
    frames,
    limits,
    log_in,
    log_out,
    not_logged_in,
    redemption,
    wire,
)
from lunasec.tokenizer.http.assets import directory
from lunasec.tokenizer.http.fonts import PLACE
from lunasec.tokenizer.http.services import FrameRequest, Services

Endpoint = Callable[[Request], Awaitable[Response]]

# The body is of the call's own type: `Call.body` reads it.
FrameHandler = Callable[[Services, FrameRequest, Any], Awaitable[Response]]
BackEndHandler = Callable[[Services, ApplicationCaller, Any], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Call:
    """An address that takes JSON, and mostly gives it: for frames, back ends, or both."""

    path: str
    body: type[wire.Body]
    answer: type[answers.Answer] | None
    """None where the answer is a segment's bytes."""
    frame: FrameHandler | None = None
    back_end: BackEndHandler | None = None


CALLS: Final = (
    Call("/session/ensure", wire.Ensure, answers.Ensured, frame=browser.ensure),
    Call("/session/register", wire.RegisterKey, answers.Registered, frame=cookieless.register),
    Call("/tokenize", wire.Tokenize, answers.Tokenized, frame=browser.tokenize),
    Call("/detokenize", wire.Detokenize, answers.Detokenized, frame=browser.detokenize),
    Call(
        "/tokens/describe",
        wire.Tokens,
        answers.Described,
        frame=browser.describe,
        back_end=back_end.describe,
    ),
    Call("/files", wire.PlanUpload, answers.PlannedUpload, frame=files.plan),
    Call("/files/missing", wire.NamedUpload, answers.MissingSegments, frame=files.missing),
    Call("/files/drop", wire.NamedUpload, answers.Done, frame=files.drop),
    Call("/files/read", wire.ReadSegment, None, frame=files.read),
    Call("/tokens/erase", wire.Erase, answers.Erased, back_end=back_end.erase),
    Call("/session/handles", wire.OfferHandle, answers.OfferedHandle, back_end=back_end.offer),
    Call("/session/end", wire.EndSession, answers.Done, back_end=back_end.end),
    Call("/session/upgrade", wire.UpgradeSession, answers.Done, back_end=back_end.upgrade),
    Call("/grants", wire.CreateGrants, answers.CreatedGrants, back_end=back_end.create_grants),
    Call(
        "/grants/verify",
        wire.VerifyGrants,
        answers.VerifiedGrants,
        back_end=back_end.verify_grants,
    ),
    Call("/grants/revoke", wire.RevokeGrants, answers.Done, back_end=back_end.revoke_grants),
)

SEGMENT: Final = "/files/{upload}/{index}"
CREATE: Final = "/session/create/{application}"
LOG_IN: Final = "/session/log-in/{application}"
LOGGED_IN: Final = "/session/log-in/{application}/callback"
LOG_OUT: Final = "/session/back-channel-logout/{application}"


class CallRoute(Route):
    """A JSON call; whoever has its route may skip the looking for it."""

    def __init__(self, path: str, endpoint: Endpoint) -> None:
        """Take `POST` alone."""
        super().__init__(path, endpoint, methods=["POST"])
        self.call = endpoint


def public(services: Services) -> list[BaseRoute]:
    """List the addresses of the public listener, bound to `services`."""
    settings, assets, fonts = services.settings, services.assets, services.fonts
    explained, page = explanations.Explanations(directory()), not_logged_in.NotLoggedIn(directory())

    async def create(request: Request) -> Response:
        redeem = redemption.by_post if request.method == "POST" else redemption.by_redirect
        return await redeem(request, services)

    async def document(request: Request) -> Response:
        if cookieless.is_asked_for(request):
            return await cookieless.document(request, services)
        application = caller.application_named(request.path_params["application"], settings)
        return frames.document(services, application, request.path_params["role"])

    async def asset(request: Request) -> Response:
        return assets.serve(request)

    async def font(request: Request) -> Response:
        return fonts.serve(request)

    async def entry(_request: Request) -> Response:
        return assets.entry()

    async def errors(_request: Request) -> Response:
        return explained.serve()

    async def worker(_request: Request) -> Response:
        return assets.worker()

    async def segment(request: Request) -> Response:
        return await files.put(services, request)

    return [
        *(CallRoute(each.path, _endpoint(each, services)) for each in CALLS),
        Route(SEGMENT, segment, methods=["PUT"]),
        _exactly(CREATE, create, "GET", "POST"),
        _exactly(LOG_IN, page.instead(_bound(log_in.begin, services)), "GET"),
        _exactly(LOGGED_IN, page.instead(_bound(log_in.finish, services)), "GET"),
        Route(LOG_OUT, _bound(log_out.by_provider, services), methods=["POST"]),
        Route("/frame/{application}/{role}", document),
        Route("/assets/{hash}/{name:path}", asset),
        Route(f"{PLACE}{{name}}", font),
        Route("/lunasec.js", entry),
        Route("/errors", errors),
        Route(frames.WORKER, worker),
    ]


def _bound(
    handler: Callable[[Request, Services], Awaitable[Response]], services: Services
) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        return await handler(request, services)

    return endpoint


def _exactly(path: str, endpoint: Endpoint, *methods: str) -> Route:
    """Take these methods and no HEAD, which Starlette adds to every GET.

    Whatever looks at addresses beforehand is no browser that brings its handle, or its state, and
    must not use it up.
    """
    route = Route(path, endpoint, methods=methods)
    route.methods = set(methods)
    return route


def _endpoint(call: Call, services: Services) -> Endpoint:
    """Bind a call: who it is comes first, then the body's limits and its shape."""
    from_frame, from_back_end = call.frame, call.back_end

    async def endpoint(request: Request) -> Response:
        headers = caller.Fields(request.headers)
        # An auth proxy may put its own `Authorization` on what a frame sends.
        is_signed = headers.getlist("authorization") and not headers.getlist(
            caller.APPLICATION_HEADER
        )
        if from_back_end and (from_frame is None or is_signed):
            who = caller.back_end(headers, services.credentials, services.clock())
            request.scope["lunasec.application"] = who.application
            with services.bodies.hold((who.application, who.key_id), limits.most(headers)):
                data = await limits.body(request)
                body = wire.read(data, call.body)
                turn = services.turns.take(who.application, items=wire.items(body), size=len(data))
                async with turn:
                    return await from_back_end(services, who, body)
        if from_frame is None:
            raise NotFound
        frame = await browser.frame_request(services, headers, request.scope)
        name = request.scope["lunasec.application"] = frame.application.name
        size = limits.most(headers)
        with services.bodies.hold(await browser.sender(services, frame, size), size):
            data = await limits.body(request)
            frame = await cookieless.proven(services, frame, request, data)
            body = wire.read(data, call.body)
            async with services.turns.take(name, items=wire.items(body), size=len(data)):
                return await from_frame(services, frame, body)

    return endpoint
