"""Errors as they go over the wire: RFC 9457 problem documents."""

import msgspec
import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from lunasec.errors import Internal, LunaSecError, MethodNotAllowed, NotFound

MEDIA_TYPE = "application/problem+json"

DOCUMENTATION = "urn:lunasec:problem:"
"""What `type` starts with; the table of codes is in docs/protocol.md."""

log = structlog.get_logger("lunasec.http")


def problem(error: LunaSecError) -> Response:
    """Write an error as a problem document (RFC 9457, section 3)."""
    body = {
        "type": DOCUMENTATION + error.code,
        "title": error.title,
        "status": error.status,
        "code": error.code,
    }
    if error.detail:
        body["detail"] = error.detail
    headers = {"Cache-Control": "no-store"}
    if error.retry_after is not None:
        headers["Retry-After"] = str(error.retry_after)
    return Response(msgspec.json.encode(body), error.status, headers, MEDIA_TYPE)


async def refused(request: Request, error: Exception) -> Response:
    """Answer an error of the catalog; those that are ours to mend are logged."""
    if not isinstance(error, LunaSecError):
        return await failed(request, error)
    if error.status >= 500:  # noqa: PLR2004 - server errors, RFC 9110 section 15.6
        cause = type(error.__cause__).__name__ if error.__cause__ else ""
        log.error("request failed", code=error.code, path=_route(request), cause=cause)
    return problem(error)


async def unrouted(request: Request, error: Exception) -> Response:
    """Answer for Starlette's own refusals: no such address, or not this method."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    known = {404: NotFound, 405: MethodNotAllowed}.get(status)
    return problem(known()) if known else await failed(request, error)


async def failed(request: Request, error: Exception) -> Response:
    """Answer an error that nobody foresaw, without a word of what it was about."""
    # The traceback's own text may quote what was in hand; type and place are enough to find it.
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    where = f"{place.tb_frame.f_code.co_qualname}:{place.tb_lineno}" if place else ""
    log.error("unforeseen error", path=_route(request), error=type(error).__name__, where=where)
    return problem(Internal())


def _route(request: Request) -> str:
    """Name the route, not the path: a path can hold what a caller put there."""
    route = request.scope.get("route")
    return getattr(route, "path", "unknown")
