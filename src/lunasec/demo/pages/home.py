"""`/`: what this is, and what to try."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from lunasec.demo.parts import Demo, Visitor

router = APIRouter()


@router.get("/")
async def show(request: Request, demo: Demo, visitor: Visitor) -> Response:
    """Show the home page to anybody."""
    return demo.pages.render(request, "home", visitor)
