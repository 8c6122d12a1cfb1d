"""Pages for what went wrong, each with what to do next."""

from collections.abc import Callable, Coroutine
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from lunasec.demo.parts import LogInNeededError
from lunasec.demo.refusals import explained
from lunasec.errors import LunaSecError

if TYPE_CHECKING:
    from lunasec.demo.parts import Parts

Handler = Callable[[Request, Any], Coroutine[Any, Any, Response]]


def problem_pages() -> dict[int | type[Exception], Handler]:
    """Return the table of exception handlers for the demo."""
    return {
        LogInNeededError: _to_log_in,
        HTTPException: _problem,
        RequestValidationError: _problem,
        LunaSecError: _problem,
    }


async def _to_log_in(_request: Request, _error: Exception) -> Response:
    return RedirectResponse("/log-in", HTTPStatus.SEE_OTHER)


async def _problem(request: Request, error: Exception) -> Response:
    status, words = _described(error)
    parts: Parts = request.app.state.parts
    title = HTTPStatus(status).phrase
    return parts.pages.render(request, "problem", None, status=status, title=title, words=words)


def _described(error: Exception) -> tuple[int, str]:
    match error:
        case LunaSecError():
            return error.status, explained(error)
        case HTTPException(status_code=HTTPStatus.NOT_FOUND):
            return HTTPStatus.NOT_FOUND, "There is no page at this address."
        case HTTPException():
            return error.status_code, "The demo cannot do that."
        case _:
            return HTTPStatus.UNPROCESSABLE_ENTITY, "Something in that form is missing."
