"""Behind an auth proxy: its log-in stands where the demo's own would be."""

from http import HTTPStatus

from fastapi import APIRouter
from starlette.responses import RedirectResponse, Response

router = APIRouter()

LOG_IN = "/proxy/log-in"


@router.get("/log-in")
@router.get("/sign-up")
async def log_in() -> Response:
    """Send a visitor to the proxy, which knows the users."""
    return RedirectResponse(LOG_IN, HTTPStatus.SEE_OTHER)
