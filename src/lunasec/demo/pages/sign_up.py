"""`/sign-up`: an account, and optionally a number typed before there is a user to own it."""

from contextlib import suppress
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.concurrency import run_in_threadpool
from pydantic import StringConstraints
from starlette.responses import RedirectResponse, Response

from lunasec.demo import passwords, visits
from lunasec.demo.accounts import Account, UsernameTakenError
from lunasec.demo.parts import Demo, Visitor
from lunasec.demo.refusals import explained
from lunasec.errors import LunaSecError

router = APIRouter()

TAKEN = "That username is taken. Choose another."

Username = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64), Form()
]
Password = Annotated[str, Form(min_length=1, max_length=128)]


@router.get("/sign-up")
async def show(request: Request, demo: Demo, visitor: Visitor) -> Response:
    """Show the form. It begins a session without a user, in which a number can be typed."""
    if visitor is not None:
        return RedirectResponse("/profile", HTTPStatus.SEE_OTHER)
    if visits.identity(request) is None:
        visits.begin(request)
    return demo.pages.render(request, "sign-up", None, problem=None, username="", token=None)


@router.post("/sign-up")
async def sign_up(
    request: Request,
    demo: Demo,
    username: Username,
    password: Password,
    ssn: Annotated[str, Form(max_length=100)] = "",
) -> Response:
    """Make the account and begin its session, into which the number's session is taken over."""
    token = ssn or None
    try:
        account = await _add_account(request, demo, username, password, token)
    except UsernameTakenError:
        return await _taken(request, demo, username, token)
    except LunaSecError as refusal:
        problem, status = explained(refusal), refusal.status
        return demo.pages.render(
            request, "sign-up", None, status=status, problem=problem, username=username, token=None
        )
    await _move_in(request, demo, account)
    return RedirectResponse("/profile", HTTPStatus.SEE_OTHER)


async def _add_account(
    request: Request, demo: Demo, username: str, password: str, token: str | None
) -> Account:
    if token is not None:
        await demo.lunasec.grants.verify(request, token)
    password_hash = await run_in_threadpool(passwords.hashed, password)
    return demo.accounts.add(username=username, password_hash=password_hash, ssn=token)


async def _move_in(request: Request, demo: Demo, account: Account) -> None:
    sessions = demo.lunasec.sessions
    temporary = await sessions.reference(request)
    visits.begin(request, account)
    if account.ssn is not None:
        # The number is verified and kept by now. Should the tokenizer fail at this very moment,
        # the temporary session is not taken over, and ends by itself.
        with suppress(LunaSecError):
            await sessions.upgrade(request, temporary)


async def _taken(request: Request, demo: Demo, username: str, token: str | None) -> Response:
    """Show the form again. The number was verified: its token comes back as the field's content."""
    try:
        await demo.lunasec.grants.create(request, token)
    except LunaSecError:
        token = None  # To be typed again.
    return demo.pages.render(
        request, "sign-up", None, status=409, problem=TAKEN, username=username, token=token
    )
