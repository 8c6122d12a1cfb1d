"""`/steal`: the visitor's own script runs in this page, a deliberate hole (cross-site scripting).

The script is never stored, and the form is only taken from this page itself: what runs here was
written, or chosen, by the user whom it would harm.
"""

from contextlib import suppress
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from lunasec.demo.attacks import ATTACKS, Attack
from lunasec.demo.parts import Demo, User
from lunasec.demo.protection import undefended_policy
from lunasec.errors import LunaSecError

router = APIRouter()

Script = Annotated[str, Form(max_length=20_000)]


@router.get("/steal")
async def show(request: Request, demo: Demo, user: User) -> Response:
    """Show the page with the user's number on it, and nothing running yet."""
    return await _page(request, demo, user, script="", attack=None)


@router.post("/steal")
async def run(
    request: Request, demo: Demo, user: User, script: Script = "", attack: Script = ""
) -> Response:
    """Run the script, or the ready-made attack of that name, in the page."""
    chosen = next((each for each in ATTACKS if each.name == attack), None)
    running = chosen.script if chosen else script
    return await _page(request, demo, user, script=running, attack=chosen)


async def _page(
    request: Request, demo: Demo, user: User, *, script: str, attack: Attack | None
) -> Response:
    if user.ssn is not None:
        with suppress(LunaSecError):  # The element itself says that the tokenizer can't be reached.
            await demo.lunasec.grants.create(request, user.ssn)
    response = demo.pages.render(
        request, "steal", user, attacks=ATTACKS, chosen=attack, script=script
    )
    response.headers["Content-Security-Policy"] = undefended_policy()
    return response
