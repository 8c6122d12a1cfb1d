"""Sessions in the words of an application, with the providers that are ready to use."""

import httpx
import pytest
from starlette.requests import Request

from lunasec.errors import ConfigurationInvalid, Unavailable, UpgradeRefused
from lunasec.references import session_reference
from lunasec.sdk.settings import GivenSettings
from lunasec.starlette import (
    LunaSec,
    cookie_session_id,
    header_session_id,
    starlette_session_id,
)
from tests.sdk.applications import CORS, browser, made
from tests.sdk.scripted import ScriptedTokenizer, in_turn, refusal

WITH_USER = starlette_session_id.with_user("user_id")


async def _log_in(lunasec: LunaSec, request: Request) -> None:
    old = await lunasec.sessions.reference(request)
    request.session["user_id"] = 7
    await lunasec.sessions.upgrade(request, old)


async def _log_out(lunasec: LunaSec, request: Request) -> None:
    await lunasec.sessions.end(request)
    request.session.pop("user_id", None)  # and no more, as many applications do


async def _reference(lunasec: LunaSec, request: Request) -> str | None:
    return await lunasec.sessions.reference(request)


ROUTES = {"/log-in": _log_in, "/log-out": _log_out, "/reference": _reference}


async def test_signing_up_hands_the_temporary_session_over(
    given: GivenSettings, tokenizer: ScriptedTokenizer
) -> None:
    """`upgrade` sends the reference from before the log-in, and the one from after it."""
    async with browser(made(given, tokenizer, WITH_USER, ROUTES)) as client:
        before = (await client.get("/reference")).json()
        await client.post("/log-in")
        after = (await client.get("/reference")).json()
    assert before != after
    assert tokenizer.paths == ["/session/upgrade"]
    assert tokenizer.bodies == [{"from": before, "session": after, "subject": "7"}]


@pytest.mark.parametrize("old", ["same", None])
async def test_nothing_to_hand_over_is_no_error(
    given: GivenSettings, tokenizer: ScriptedTokenizer, old: str | None
) -> None:
    """A log-in that changed nothing, or came from nobody, asks nothing of the tokenizer."""

    async def upgrade(lunasec: LunaSec, request: Request) -> None:
        same = await lunasec.sessions.reference(request)
        await lunasec.sessions.upgrade(request, same if old else None)

    async with browser(made(given, tokenizer, starlette_session_id, {"/": upgrade})) as client:
        assert (await client.get("/")).status_code == 200
    assert tokenizer.requests == []


async def test_a_refused_upgrade_is_409(given: GivenSettings) -> None:
    """A second upgrade, or one between two users, is `upgrade_refused`."""
    tokenizer = ScriptedTokenizer(in_turn(refusal(UpgradeRefused("not temporary"))))
    async with browser(made(given, tokenizer, WITH_USER, ROUTES)) as client:
        answer = await client.post("/log-in")
    assert (answer.status_code, answer.json()["code"]) == (409, "upgrade_refused")


@pytest.mark.parametrize("provider", [starlette_session_id, WITH_USER])
async def test_logging_out_ends_the_session_for_good(
    given: GivenSettings, tokenizer: ScriptedTokenizer, provider: object
) -> None:
    """The tokenizer ends the reference; the next log-in of the same user is a new one.

    Otherwise the ended reference would be asked for again, and refused for 12 hours.
    """
    app = made(given, tokenizer, provider, ROUTES)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    async with browser(app) as client:
        await client.post("/log-in")
        before = (await client.get("/reference")).json()
        await client.post("/log-out")
        await client.post("/log-in")
        after = (await client.get("/reference")).json()
    assert {"session": before} in tokenizer.bodies
    assert before != after


async def test_a_log_out_that_failed_still_gives_up_the_id(given: GivenSettings) -> None:
    """The tokenizer may have ended the session although its answer was lost."""
    tokenizer = ScriptedTokenizer(in_turn(httpx.ReadTimeout("lost")))

    async def log_out(lunasec: LunaSec, request: Request) -> bool:
        before = await lunasec.sessions.reference(request)
        with pytest.raises(Unavailable):
            await lunasec.sessions.end(request)
        return before == await lunasec.sessions.reference(request)

    async with browser(made(given, tokenizer, starlette_session_id, {"/": log_out})) as client:
        assert (await client.get("/")).json() is False


async def test_logging_out_nobody_is_no_error(
    given: GivenSettings, tokenizer: ScriptedTokenizer
) -> None:
    """`end` without a session asks nothing."""
    app = made(given, tokenizer, cookie_session_id("sid"), ROUTES)
    async with browser(app) as client:
        assert (await client.post("/log-out")).status_code == 200
    assert tokenizer.requests == []


async def test_starlettes_session_gets_an_id_once(
    given: GivenSettings, tokenizer: ScriptedTokenizer
) -> None:
    """The first request makes it; later ones find it, and send no cookie anew."""
    async with browser(made(given, tokenizer, starlette_session_id, ROUTES)) as client:
        answers = [await client.get("/reference") for _ in range(3)]
    assert len({answer.json() for answer in answers}) == 1
    assert ["set-cookie" in answer.headers for answer in answers] == [True, False, False]


@pytest.mark.parametrize(
    ("user", "temporary"), [(None, True), ("", True), (0, False), (7, False), ("ada", False)]
)
async def test_with_user_tells_users_apart(
    given: GivenSettings, tokenizer: ScriptedTokenizer, user: str | int | None, *, temporary: bool
) -> None:
    """With a user key, a session without a user is temporary, and one with a user is not."""
    found: list[object] = []

    async def identity(lunasec: LunaSec, request: Request) -> None:
        request.session["user_id"] = user
        found.append(await lunasec.sessions.identity(request))

    async with browser(made(given, tokenizer, WITH_USER, {"/": identity})) as client:
        await client.get("/")
    (who,) = found
    assert getattr(who, "temporary", None) is temporary
    assert getattr(who, "subject", None) == (None if temporary else str(user))


SID = "0123456789abcdef0123"


@pytest.mark.parametrize(
    ("provider", "headers"),
    [
        (cookie_session_id("sid"), {"cookie": f"other=x; sid={SID}"}),
        (header_session_id("X-Api-Key"), {"x-api-key": SID}),
    ],
)
async def test_cookie_and_header_providers(
    given: GivenSettings, tokenizer: ScriptedTokenizer, provider: object, headers: dict[str, str]
) -> None:
    """The named cookie or header is the session id; without it, it is nobody."""
    app = made(given, tokenizer, provider, ROUTES)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    async with browser(app) as client:
        assert (await client.get("/reference", headers=headers)).json() == session_reference(
            "payroll", SID
        )
        assert (await client.get("/reference")).json() is None


async def test_a_short_session_id_is_an_error_of_the_application(
    given: GivenSettings, tokenizer: ScriptedTokenizer, caplog: pytest.LogCaptureFixture
) -> None:
    """A guessable id is 500 for the page; the log says what to use, and not the id."""
    async with browser(made(given, tokenizer, lambda _: "short-id")) as client:
        answer = await client.get("/.lunasec/session", headers=CORS)
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert "secrets.token_urlsafe(32)" in caplog.text
    assert "short-id" not in caplog.text


async def test_a_template_cannot_wait(given: GivenSettings, tokenizer: ScriptedTokenizer) -> None:
    """`meta` with an `async def` provider raises, and says what to write."""

    async def provider(_: Request) -> str:
        return SID

    lunasec = LunaSec(session_id_provider=provider, transport=tokenizer, **given)
    request = Request({"type": "http", "headers": []})
    with pytest.raises(ConfigurationInvalid, match=r"meta_for\(await"):
        lunasec.meta(request)
    tag = lunasec.meta_for(await lunasec.sessions.reference(request))
    assert session_reference("payroll", SID) in tag
