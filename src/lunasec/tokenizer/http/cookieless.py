"""Where the browser keeps no cookie of ours: the document by a handle, and requests by its key."""

from functools import partial
from typing import Final

from msgspec.structs import replace
from starlette.requests import Request
from starlette.responses import Response

from lunasec.encoding import from_base64url
from lunasec.errors import HandleInvalid
from lunasec.tokenizer.core import signed
from lunasec.tokenizer.http import answers, caller, cookies, frames, proxied, redemption, wire
from lunasec.tokenizer.http.services import FrameRequest, Services

SIGNATURES: Final = "refused signatures"

ROLE: Final = "coordinator"


def is_asked_for(request: Request) -> bool:
    """Say whether a handle is presented; by `HEAD`, whatever looks beforehand presents none."""
    coordinator = request.path_params["role"] == ROLE
    return coordinator and request.method == "GET" and "handle" in request.query_params


async def document(request: Request, services: Services) -> Response:
    """Answer the coordinator's document with a secret in it, to the frame that brings a handle."""
    caller.require_host(request.headers, services.settings)
    application = caller.application_named(request.path_params["application"], services.settings)
    request.scope["lunasec.application"] = application.name
    proxied.require_own_sessions(application)
    # 1. One handle. With two, which one was presented would be for the reader to choose.
    handles = request.query_params.getlist("handle")
    handle = cookies.secret(handles[0]) if len(handles) == 1 else None
    if handle is None:
        raise HandleInvalid
    # 2. A frame's navigation. What it is not is refused only after the handle was used up.
    asked = [request.headers.getlist(f"sec-fetch-{each}") for each in ("dest", "mode")]
    async with redemption.presented(services, application.name, handle):
        opened = await services.cookieless.open(
            application.name, handle, framed=asked == [["iframe"], ["navigate"]]
        )
    # 3. Who may frame it, the document says; to all others its browser shows nothing of it.
    return frames.document(services, application, ROLE, opened)


async def register(services: Services, frame: FrameRequest, body: wire.RegisterKey) -> Response:
    """Open a session of a document's key."""
    proxied.require_own_sessions(frame.application)
    secret, name = cookies.secret(body.secret), frame.application.name
    if secret is None:
        raise HandleInvalid
    try:
        key = from_base64url(body.key)
    except ValueError:
        key = b""  # no key; the secret is used up all the same
    now = services.clock()
    async with redemption.presented(services, name, secret):
        session = await services.cookieless.register(
            frame.caller(body.session), secret, key, direct=frame.application.header_sessions
        )
    return answers.answer(answers.Registered(expires_in=session.expires_at - now))


async def proven(
    services: Services, frame: FrameRequest, request: Request, body: bytes | bytearray
) -> FrameRequest:
    """Prove a request's signature, where it has one, and use its counter up.

    Anybody can send a signature that was made up. While many do, the refusal costs no entry in the
    audit log either.

    Raises: `NoSession`, `MalformedRequest`, `Unavailable`.
    """
    if frame.signature is None:
        return frame
    name, now = frame.application.name, services.clock()
    noted = partial(services.budgets.charge_unproven, SIGNATURES, name, now)
    stated = signed.Request(
        method=request.method, path=_path(request), body=body, signature=frame.signature
    )
    await services.cookieless.count(name, stated, noted=noted)
    return replace(frame, proven=True)


def _path(request: Request) -> str:
    """Give the path and the query as they came."""
    query = request.scope["query_string"].decode("latin-1")
    path = request.scope["raw_path"].decode("latin-1")
    return f"{path}?{query}" if query else path
