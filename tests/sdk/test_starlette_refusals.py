"""What an application answers when a handler lets one of LunaSec's refusals through."""

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from lunasec.errors import (
    CredentialInvalid,
    LunaSecError,
    NoSession,
    NotGranted,
    TokenMalformed,
    TooManyRequests,
    Unavailable,
)
from lunasec.sdk.settings import GivenSettings
from lunasec.starlette import LunaSec, starlette_session_id
from tests.sdk.applications import browser, made
from tests.sdk.scripted import ScriptedTokenizer, in_turn, refusal


def _nobody(_: Request) -> None:
    return None


REFUSALS = [
    (NotGranted("index 1"), 403),
    (NoSession("nobody"), 401),
    (TokenMalformed("index 0"), 400),
    (TooManyRequests("wait", retry_after=5), 429),
    (Unavailable("down"), 503),
]


@pytest.mark.parametrize(("error", "status"), REFUSALS)
async def test_a_refusal_that_nobody_caught_is_its_problem(
    given: GivenSettings, tokenizer: ScriptedTokenizer, error: LunaSecError, status: int
) -> None:
    """A handler that lets `NotGranted` through answers 403, not 500; and so with its like."""

    async def refuse(_: LunaSec, __: Request) -> None:
        raise error

    async with browser(made(given, tokenizer, _nobody, {"/": refuse})) as client:
        answer = await client.get("/")
    assert (answer.status_code, answer.json()["code"]) == (status, error.code)
    assert answer.json()["detail"] == error.detail
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers.get("retry-after") == (None if error.retry_after is None else "5")


async def test_a_refusal_between_back_ends_is_an_error_of_the_application(
    given: GivenSettings,
) -> None:
    """`credential_invalid` is no answer for a user: it goes up as any bug does."""
    tokenizer = ScriptedTokenizer(in_turn(refusal(CredentialInvalid("expired"))))

    async def log_out(lunasec: LunaSec, request: Request) -> None:
        await lunasec.sessions.end(request)

    async with browser(made(given, tokenizer, starlette_session_id, {"/": log_out})) as client:
        with pytest.raises(CredentialInvalid):
            await client.get("/")


async def test_an_applications_own_handler_is_kept(
    given: GivenSettings, tokenizer: ScriptedTokenizer
) -> None:
    """Where the application answers `LunaSecError` itself, it goes on doing so."""

    async def fail(_: Request) -> None:
        raise NotGranted

    async def answer(_: Request, __: Exception) -> PlainTextResponse:
        return PlainTextResponse("ours", 418)

    app = Starlette(routes=[Route("/", fail)], exception_handlers={LunaSecError: answer})
    LunaSec(session_id_provider=_nobody, transport=tokenizer, **given).register(app)
    async with browser(app) as client:
        assert (await client.get("/")).text == "ours"
