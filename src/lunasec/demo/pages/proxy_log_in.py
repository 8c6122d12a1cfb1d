"""Behind an auth proxy: its log-in and its log-out stand where the demo's own would be."""

from http import HTTPStatus

from fastapi import APIRouter
from starlette.responses import RedirectResponse, Response

router = APIRouter()

LOG_IN = "/proxy/log-in"
LOG_OUT = "/proxy/log-out"


@router.get("/log-in")
@router.get("/sign-up")
async def log_in() -> Response:
    """Send a visitor to the proxy, which knows the users."""
    return RedirectResponse(LOG_IN, HTTPStatus.SEE_OTHER)


@router.post("/log-out")
async def log_out() -> Response:
    """Send a user to the proxy; without its token, pages that are still open go blank."""
    return RedirectResponse(LOG_OUT, HTTPStatus.SEE_OTHER)
