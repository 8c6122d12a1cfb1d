"""`lunasec.testing`: an application's own tests against the real tokenizer, in process."""

import secrets
from collections.abc import AsyncGenerator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from starlette.applications import Starlette
from starlette.requests import Request

import lunasec.testing
from lunasec.errors import NoSession, NotGranted, SessionEnded
from lunasec.sdk.identity import Provider
from lunasec.starlette import LunaSec, starlette_session_id
from lunasec.testing import Tokenizer
from tests.sdk.applications import Handler, browser, made_of

VALUE = "078-05-1120"
WITH_USER = starlette_session_id.with_user("user_id")


async def _log_in(lunasec: LunaSec, request: Request) -> None:
    old = await lunasec.sessions.reference(request)
    request.session["user_id"] = request.query_params["user"]
    await lunasec.sessions.upgrade(request, old)


async def _log_out(lunasec: LunaSec, request: Request) -> None:
    await lunasec.sessions.end(request)
    request.session.clear()


async def _grant(lunasec: LunaSec, request: Request) -> None:
    max_reads = request.query_params.get("max_reads")
    await lunasec.grants.create(
        request, request.query_params["token"], max_reads=int(max_reads) if max_reads else None
    )


async def _verify(lunasec: LunaSec, request: Request) -> None:
    await lunasec.grants.verify(request, request.query_params["token"])


async def _revoke(lunasec: LunaSec, request: Request) -> None:
    await lunasec.grants.revoke(request)


ROUTES: dict[str, Handler] = {
    "/log-in": _log_in,
    "/log-out": _log_out,
    "/grant": _grant,
    "/verify": _verify,
    "/revoke": _revoke,
}


def made(
    path: Path, provider: Provider[Request], *, header_sessions: bool = False
) -> tuple[LunaSec, Starlette]:
    """Make an application, and LunaSec in it."""
    settings = lunasec.testing.settings(path, application="payroll")
    settings["header_sessions"] = header_sessions
    made = LunaSec(session_id_provider=provider, **settings)
    return made, made_of(made, ROUTES)


@pytest_asyncio.fixture
async def ada(tmp_path: Path) -> AsyncGenerator[tuple[Tokenizer, httpx.AsyncClient, Starlette]]:
    """Give a tokenizer, and a browser in which Ada is logged in."""
    uses, app = made(tmp_path, WITH_USER)
    with lunasec.testing.tokenizer(uses) as tokenizer:
        async with browser(app) as client:
            await client.post("/log-in", params={"user": "ada"})
            yield tokenizer, client, app


Ada = tuple[Tokenizer, httpx.AsyncClient, Starlette]


async def test_a_page_without_cookies(ada: Ada) -> None:
    """In a browser that blocks the tokenizer's it is the same session, and nobody else's."""
    tokenizer, client, app = ada
    page = await tokenizer.page_async(client, cookies=False)
    token = page.tokenize(VALUE)
    await client.post("/grant", params={"token": token})
    assert page.reveal(token) == VALUE
    assert (await tokenizer.page_async(client)).reveal(token) == VALUE
    async with browser(app) as other:
        stranger = await tokenizer.page_async(other, cookies=False)
        with pytest.raises(NotGranted):
            stranger.reveal(token)


async def test_a_value_comes_back_once_it_is_granted(ada: Ada) -> None:
    """What was typed is shown to its session while a grant lasts; not before, and not after."""
    tokenizer, client, _ = ada
    page = await tokenizer.page_async(client)
    token = page.tokenize(VALUE)
    with pytest.raises(NotGranted):
        page.reveal(token)
    await client.post("/grant", params={"token": token})
    assert page.reveal(token) == VALUE
    await client.post("/revoke")
    with pytest.raises(NotGranted):
        page.reveal(token)


@pytest.mark.parametrize("size", [0, 1000, 2**20])
async def test_a_file_comes_back_once_it_is_granted(ada: Ada, size: int) -> None:
    """A file is read, with its name and type, while a grant lasts; a value is no file."""
    tokenizer, client, _ = ada
    page, data = await tokenizer.page_async(client), secrets.token_bytes(size)
    token = page.upload(data, name="R\u00e9sum\u00e9.pdf", media_type="application/pdf")
    with pytest.raises(NotGranted):
        page.download(token)
    await client.post("/grant", params={"token": token})
    file = page.download(token)
    assert (file.content, file.name) == (data, "R\u00e9sum\u00e9.pdf")
    assert file.media_type == "application/pdf"
    value = page.tokenize(VALUE)
    await client.post("/grant", params={"token": value})
    with pytest.raises(NotGranted):
        page.download(value)


async def test_reads_are_counted(ada: Ada) -> None:
    """With `max_reads=2`, the third look is refused."""
    tokenizer, client, _ = ada
    page = await tokenizer.page_async(client)
    token = page.tokenize(VALUE)
    await client.post("/grant", params={"token": token, "max_reads": "2"})
    assert [page.reveal(token), page.reveal(token)] == [VALUE, VALUE]
    with pytest.raises(NotGranted):
        page.reveal(token)


async def test_time_can_pass(ada: Ada) -> None:
    """After 15 minutes session and grant are over; a new page has a session, and no grant."""
    tokenizer, client, _ = ada
    page = await tokenizer.page_async(client)
    token = page.tokenize(VALUE)
    await client.post("/grant", params={"token": token})
    tokenizer.wait(901)
    with pytest.raises(NoSession):
        page.reveal(token)
    page = await tokenizer.page_async(client)
    with pytest.raises(NotGranted):
        page.reveal(token)
    await client.post("/grant", params={"token": token})
    assert page.reveal(token) == VALUE


async def test_t16_a_stolen_token_can_not_be_stored(ada: Ada) -> None:
    """`verify` refuses, in Bob's session, the token that Ada made."""
    tokenizer, client, app = ada
    token = (await tokenizer.page_async(client)).tokenize(VALUE)
    async with browser(app) as bobs:
        await bobs.post("/log-in", params={"user": "bob"})
        await tokenizer.page_async(bobs)
        refused = await bobs.post("/verify", params={"token": token})
    assert (refused.status_code, refused.json()["code"]) == (403, "not_granted")
    assert (await client.post("/verify", params={"token": token})).status_code == 200


async def test_what_was_typed_before_signing_up_is_the_users(tmp_path: Path) -> None:
    """A token of a sign-up page verifies after the log-in, and its old session is dead."""
    uses, app = made(tmp_path, WITH_USER)
    with lunasec.testing.tokenizer(uses) as tokenizer:
        async with browser(app) as client:
            stranger = await tokenizer.page_async(client)
            token = stranger.tokenize(VALUE)
            assert (await client.post("/log-in", params={"user": "ada"})).status_code == 200
            assert (await client.post("/verify", params={"token": token})).status_code == 200
            with pytest.raises(NoSession):
                stranger.tokenize(VALUE)
            page = await tokenizer.page_async(client)
            assert page.session != stranger.session


async def test_logging_out_ends_the_page_and_logging_in_begins_anew(ada: Ada) -> None:
    """After a log-out the open page gets nothing more; the same user can log in again at once."""
    tokenizer, client, _ = ada
    page = await tokenizer.page_async(client)
    token = page.tokenize(VALUE)
    await client.post("/log-out")
    with pytest.raises(NoSession):
        page.reveal(token)
    await client.post("/log-in", params={"user": "ada"})
    again = await tokenizer.page_async(client)
    await client.post("/grant", params={"token": token})
    assert again.reveal(token) == VALUE


async def test_an_ended_session_stays_ended(tmp_path: Path) -> None:
    """An application that keeps its session id after `end` is told so: `session_ended`."""
    uses, app = made(tmp_path, lambda _: "the same id for everybody")
    with lunasec.testing.tokenizer(uses) as tokenizer:
        async with browser(app) as client:
            await tokenizer.page_async(client)
            request = Request({"type": "http", "headers": []})
            await uses.sessions.end(request)
            with pytest.raises(SessionEnded):
                await tokenizer.page_async(client)
