"""`/gallery`: each element in each of its states, filled with what the visitor typed there."""

from contextlib import suppress
from http import HTTPStatus

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from lunasec.demo.parts import Demo, User
from lunasec.demo.refusals import explained
from lunasec.demo.samples import FIELDS
from lunasec.errors import LunaSecError

router = APIRouter()

UNKNOWN = "lunasec-" + "A" * 43 + "bP_uA0"
"""A token of the right shape, to show what is said of one that is not granted."""

MOST_TOKENS = 50
"""Of one form: a picker can choose many files at once."""


@router.get("/gallery")
async def show(request: Request, demo: Demo, user: User) -> Response:
    """Show the page, and let this session read and copy the user's own samples."""
    samples = demo.samples.of(user.id)
    tokens = [token for each in samples.values() for token in each]
    with suppress(LunaSecError):  # The elements themselves say that the tokenizer can't be reached.
        await demo.lunasec.grants.create(request, tokens, copy=True)
    return demo.pages.render(
        request,
        "gallery",
        user,
        samples=samples,
        unknown=UNKNOWN,
        auto="auto" in request.query_params,
        problem=None,
    )


@router.post("/gallery")
async def save(request: Request, demo: Demo, user: User) -> Response:
    """Keep the tokens that the form posted, if this session made them or had them already."""
    before = demo.samples.of(user.id)
    async with request.form(max_files=0, max_fields=MOST_TOKENS) as form:
        posted = {field: [str(token) for token in form.getlist(field) if token] for field in FIELDS}
    known = {token for each in before.values() for token in each}
    new = [token for each in posted.values() for token in each if token not in known]
    try:
        await demo.lunasec.grants.verify(request, new)
    except LunaSecError as refusal:
        return demo.pages.render(
            request,
            "gallery",
            user,
            status=refusal.status,
            samples=before,
            unknown=UNKNOWN,
            auto=False,
            problem=explained(refusal),
        )
    demo.samples.keep(user.id, posted)
    return RedirectResponse("/gallery#showing", HTTPStatus.SEE_OTHER)
