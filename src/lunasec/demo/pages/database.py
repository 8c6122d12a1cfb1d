"""`/database`: what the demo's own database holds about the user, as it stands there."""

from dataclasses import asdict

from fastapi import APIRouter, Request
from starlette.responses import Response

from lunasec.demo.parts import Demo, User

router = APIRouter()


@router.get("/database")
async def show(request: Request, demo: Demo, user: User) -> Response:
    """Show the user's whole row."""
    return demo.pages.render(request, "database", user, row=asdict(user))
