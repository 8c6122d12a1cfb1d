"""Errors as they go over the wire: RFC 9457 problem documents."""

import msgspec
import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

from lunasec.errors import Internal, LunaSecError, MethodNotAllowed, NotFound

MEDIA_TYPE = "application/problem+json"

DOCUMENTATION = "urn:lunasec:problem:"
"""What `type` starts with; the table of codes is in docs/protocol.md."""

OCCURRENCE = "urn:lunasec:request:"
"""What `instance` starts with, where the cause is in our log; the request's id is the rest."""

SERVER_ERROR = 500
"""From here on the error is ours to mend (RFC 9110, section 15.6)."""

log = structlog.get_logger("lunasec.http")


def problem(error: LunaSecError, *, request: str = "") -> Response:
    """Write an error as a problem document (RFC 9457, section 3).

    Only what is in the log has an `instance`: refusals of the same kind are the same bytes.
    """
    body = {
        "type": DOCUMENTATION + error.code,
        "title": error.title,
        "status": error.status,
        "code": error.code,
    }
    if error.detail:
        body["detail"] = error.detail
    if request and error.status >= SERVER_ERROR:
        body["instance"] = OCCURRENCE + request
    headers = {"Cache-Control": "no-store"}
    if error.retry_after is not None:
        headers["Retry-After"] = str(error.retry_after)
    return Response(msgspec.json.encode(body), error.status, headers, MEDIA_TYPE)


async def refused(request: Request, error: Exception) -> Response:
    """Answer an error of the catalog; those that are ours to mend are logged."""
    if not isinstance(error, LunaSecError):
        return failed(request.scope, error)
    shown = error
    if error.status >= SERVER_ERROR:
        cause = type(error.__cause__).__name__ if error.__cause__ else ""
        told = {"code": error.code, "detail": error.detail, "cause": cause}
        log.error("request failed", **told, **place(request.scope))
        # What is damaged, or can't be written, is for the operator to know: its words may name a
        # file of this machine. A caller learns that it is not his fault.
        shown = _without_words(error) if error.status > SERVER_ERROR else Internal()
    return _answer(request.scope, shown)


def _without_words(error: LunaSecError) -> LunaSecError:
    return type(error)(retry_after=error.retry_after)


async def unrouted(request: Request, error: Exception) -> Response:
    """Answer for Starlette's own refusals: no such address, or not this method."""
    if isinstance(error, HTTPException) and error.status_code == NotFound.status:
        return _answer(request.scope, NotFound())
    if isinstance(error, HTTPException) and error.status_code == MethodNotAllowed.status:
        response = _answer(request.scope, MethodNotAllowed())
        allowed = (error.headers or {}).get("Allow", "").split(", ")
        response.headers["Allow"] = ", ".join(sorted(allowed))
        return response
    return failed(request.scope, error)


async def unforeseen(request: Request, error: Exception) -> Response:
    """Answer an error that nobody foresaw."""
    return failed(request.scope, error)


def failed(scope: Scope, error: Exception) -> Response:
    """Answer an error that nobody foresaw, without a word of what it was about."""
    # The traceback's own text may quote what was in hand; type and place are enough to find it.
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = f"{trace.tb_frame.f_code.co_qualname}:{trace.tb_lineno}" if trace else ""
    log.error("unforeseen error", error=type(error).__name__, where=where, **place(scope))
    return _answer(scope, Internal())


def place(scope: Scope) -> dict[str, str]:
    """Say which request it is, for a log: its id, and the route, which holds nothing of a caller's.

    A path would: handles and names that were made up.
    """
    route = getattr(scope.get("route"), "path", "none")
    return {"request": scope.get("lunasec.request", ""), "route": route}


def _answer(scope: Scope, error: LunaSecError) -> Response:
    scope["lunasec.code"] = error.code
    return problem(error, request=scope.get("lunasec.request", ""))
