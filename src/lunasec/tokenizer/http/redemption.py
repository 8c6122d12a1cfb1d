"""Step 5 of the bootstrap: a browser brings a handle and gets a session."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Final

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response

from lunasec.errors import HandleInvalid, SchemeDisabled, TooManyRequests
from lunasec.tokenizer.core.secret import Secret
from lunasec.tokenizer.http import caller, cookies, limits, proxied, wire
from lunasec.tokenizer.http.bodies import STRANGERS
from lunasec.tokenizer.http.services import Services
from lunasec.tokenizer.settings import Application

HANDLES: Final = "refused handles"


async def by_redirect(request: Request, services: Services) -> Response:
    """Take the handle that the application's redirect gave to the browser.

    The answer is for nobody to read: no `Access-Control-*`, so that the page sees an opaque
    response and not the address with the handle in it.
    """
    caller.require_host(request.headers, services.settings)
    application = caller.application_named(request.path_params["application"], services.settings)
    request.scope["lunasec.application"] = application.name
    proxied.require_own_sessions(application)
    # 1. One handle. With two, which one was presented would be for the reader to choose.
    handles = request.query_params.getlist("handle")
    if len(handles) != 1:
        raise HandleInvalid
    # 2. A script's fetch, without a look at the answer: no navigation, frame, image or form. What
    #    it is not is refused only after the handle was used up.
    fetched = _is_fetch(request.headers)
    return await _redeem(request, services, application, handles[0], fetched=fetched)


async def by_post(request: Request, services: Services) -> Response:
    """Take the handle from our own coordinator, in header sessions."""
    headers = caller.Fields(request.headers)
    application = caller.frame_application(headers, services.settings)
    request.scope["lunasec.application"] = application.name
    if not application.header_sessions or application.name != request.path_params["application"]:
        raise SchemeDisabled("`header_sessions` is off for this application.")
    with services.bodies.hold(STRANGERS, limits.most(headers)):
        body = wire.read(await limits.body(request), wire.CreateSession)
    return await _redeem(request, services, application, body.handle, fetched=True)


@asynccontextmanager
async def presented(services: Services, application: str, handle: Secret) -> AsyncGenerator[None]:
    """Let a handle that was offered and not presented yet go on, whatever others do.

    Anybody can send one that was made up, or one many times. While many do, those are told to wait:
    each would cost an entry in the audit log.

    Raises: `TooManyRequests`, `Unavailable`.
    """
    name, charge = handle.digest(), services.budgets.charge_unproven
    offered = name not in services.presented and await services.sessions.is_offered(
        application, handle
    )
    if not offered and not charge(HANDLES, application, services.clock()):
        raise TooManyRequests(retry_after=1)
    services.presented.add(name)
    try:
        yield
    except HandleInvalid:
        if offered:
            charge(HANDLES, application, services.clock())
        raise
    finally:
        services.presented.discard(name)


def _is_fetch(headers: Headers) -> bool:
    return (headers.getlist("sec-fetch-dest"), headers.getlist("sec-fetch-mode")) == (
        ["empty"],
        ["no-cors"],
    )


async def _redeem(
    request: Request, services: Services, application: Application, text: str, *, fetched: bool
) -> Response:
    handle = cookies.secret(text)
    if handle is None:
        raise HandleInvalid
    name = cookies.session_name(application.name)
    old = cookies.read(request.headers, name)
    async with presented(services, application.name, handle):
        opened = await services.sessions.redeem(
            application.name,
            handle,
            binding=cookies.read(request.headers, cookies.binding_name(application.name)),
            cookie_hash=old.digest() if old else None,
            fetched=fetched,
        )
    response = Response(status_code=204, headers={"Cache-Control": "no-store"})
    cookies.keep(response, application, name, opened.secret, opened.lifetime)
    return response
