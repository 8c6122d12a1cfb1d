"""`/admin`: everybody's tokens and, because none is granted, nobody's numbers."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from lunasec.demo.parts import Demo, User

router = APIRouter()

SHOWN = 50
"""Accounts on the page: each has a frame of its own."""


@router.get("/admin")
async def show(request: Request, demo: Demo, user: User) -> Response:
    """Show all accounts. A real application would ask whether the user is an administrator."""
    # The profile page may have granted the user's own number to this session. This page shows what
    # an administrator sees, so that is taken back; the profile page grants it again.
    await demo.lunasec.grants.revoke(request, user.ssn)
    accounts = demo.accounts.newest(SHOWN)
    total = demo.accounts.count()
    return demo.pages.render(request, "admin", user, accounts=accounts, total=total)
