"""`/log-in` and `/log-out`: the demo's own session, and the tokenizer's that hangs on it."""

from contextlib import suppress
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from lunasec.demo import passwords, visits
from lunasec.demo.parts import Demo, Visitor
from lunasec.errors import LunaSecError

router = APIRouter()

WRONG = "No account has that username and password."
STILL_OPEN = (
    "You are logged out here, but the tokenizer could not be told. "
    "Close your other tabs: a number that is open in one stays there for up to 15 minutes."
)


@router.get("/log-in")
async def show(request: Request, demo: Demo, visitor: Visitor) -> Response:
    """Show the form, or send a user on."""
    if visitor is not None:
        return RedirectResponse("/profile", HTTPStatus.SEE_OTHER)
    return demo.pages.render(request, "log-in", None, problem=None, username="")


@router.post("/log-in")
async def log_in(
    request: Request,
    demo: Demo,
    username: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
) -> Response:
    """Begin a session of the account, under a new id."""
    account = demo.accounts.named(username.strip())
    stored = passwords.NOBODY if account is None else account.password_hash
    if not await run_in_threadpool(passwords.matches, password, stored) or account is None:
        return demo.pages.render(
            request, "log-in", None, status=403, problem=WRONG, username=username
        )
    with suppress(LunaSecError):  # The session before ends by itself; logging in can't wait for it.
        await demo.lunasec.sessions.end(request)
    visits.begin(request, account)
    return RedirectResponse("/profile", HTTPStatus.SEE_OTHER)


@router.post("/log-out")
async def log_out(request: Request, demo: Demo) -> Response:
    """End the session here and at the tokenizer: pages still open elsewhere go blank."""
    try:
        await demo.lunasec.sessions.end(request)
    except LunaSecError as refusal:
        visits.end(request)
        return demo.pages.render(
            request, "problem", None, status=refusal.status, title="Logged out", words=STILL_OPEN
        )
    visits.end(request)
    return RedirectResponse("/", HTTPStatus.SEE_OTHER)
