"""`/profile`: the number is typed and shown here, and never passes through this code."""

from contextlib import suppress
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from lunasec.demo.parts import Demo, User
from lunasec.demo.refusals import explained
from lunasec.errors import LunaSecError

router = APIRouter()

MISSING = "Type a number first."


@router.get("/profile")
async def show(request: Request, demo: Demo, user: User) -> Response:
    """Show the profile, and let this session read the user's own number for 15 minutes."""
    if user.ssn is not None:
        with suppress(LunaSecError):  # The element itself says that the tokenizer can't be reached.
            await demo.lunasec.grants.create(request, user.ssn)
    return demo.pages.render(request, "profile", user, problem=None)


@router.post("/profile")
async def save(
    request: Request, demo: Demo, user: User, ssn: Annotated[str, Form(max_length=100)] = ""
) -> Response:
    """Keep the token that the form posted, if this session made it; erase the one before."""
    if not ssn:
        return demo.pages.render(request, "profile", user, status=422, problem=MISSING)
    try:
        await demo.lunasec.grants.verify(request, ssn)
    except LunaSecError as refusal:
        problem = explained(refusal)
        return demo.pages.render(request, "profile", user, status=refusal.status, problem=problem)
    demo.accounts.keep_ssn(user.id, ssn)
    await _erase_replaced(request, demo, user.ssn, ssn)
    return RedirectResponse("/profile", HTTPStatus.SEE_OTHER)


async def _erase_replaced(request: Request, demo: Demo, before: str | None, now: str) -> None:
    if before is not None and before != now:
        with suppress(LunaSecError):  # What nobody points to any more opens for nobody, either.
            # Behind a proxy the token has an owner, and only in the owner's session it goes.
            whose = await demo.lunasec.sessions.reference(request) if demo.settings.proxy else None
            await demo.lunasec.client.erase_tokens(tokens=[before], session=whose)
