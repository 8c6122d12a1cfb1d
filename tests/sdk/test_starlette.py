"""The plugin in a running application of Starlette or FastAPI."""

import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import anyio.from_thread
import httpx
import pytest
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

import lunasec.fastapi
import lunasec.starlette
from lunasec.sdk.settings import GivenSettings
from lunasec.starlette import LunaSec, header_session_id, starlette_session_id
from tests.sdk.applications import CORS, FRAME, NO_CORS, browser, made
from tests.sdk.scripted import HANDLE, STATE, ScriptedTokenizer, in_turn, token

TARGET = f"https://secure.example.com/session/create/payroll?handle={HANDLE}"


def _nobody(_: Request) -> None:
    return None


def test_fastapi_has_the_same_names() -> None:
    """`lunasec.fastapi` and `lunasec.starlette` export the same objects."""
    assert lunasec.fastapi.__all__ == lunasec.starlette.__all__
    for name in lunasec.fastapi.__all__:
        assert getattr(lunasec.fastapi, name) is getattr(lunasec.starlette, name)


async def test_a_page_and_its_frame_are_of_one_session(
    given: GivenSettings, tokenizer: ScriptedTokenizer
) -> None:
    """What `GET session` tells the page is what the tokenizer is told, in all of its requests."""
    async with browser(made(given, tokenizer, starlette_session_id)) as client:
        told = (await client.get("/.lunasec/session", headers=CORS)).json()
        answer = await client.get(FRAME, headers=NO_CORS)
    assert (answer.status_code, answer.headers["location"]) == (303, TARGET)
    (body,) = tokenizer.bodies
    assert body["session"] == told["session"]
    assert (body["origin"], body["state"]) == ("https://app.example.com", STATE)


async def test_an_address_below_another_is_no_route(
    given: GivenSettings, tokenizer: ScriptedTokenizer
) -> None:
    """A proxy's rules are for paths: none leads to the plugin but its own."""
    async with browser(made(given, tokenizer, starlette_session_id)) as client:
        path, _, query = FRAME.partition("?")
        answer = await client.get(f"/.lunasec/x{path}?{query}", headers=NO_CORS)
    assert answer.status_code == 404
    assert tokenizer.bodies == []


async def test_two_browsers_are_two_sessions(
    given: GivenSettings, tokenizer: ScriptedTokenizer
) -> None:
    """Each browser gets an id of its own."""
    app = made(given, tokenizer, starlette_session_id)
    async with browser(app) as one, browser(app) as two:
        told = [(await each.get("/.lunasec/session", headers=CORS)).json() for each in (one, two)]
    assert told[0]["session"] != told[1]["session"]


@pytest.mark.parametrize("path", [FRAME, "/.lunasec/session"])
async def test_nobody_is_401(given: GivenSettings, tokenizer: ScriptedTokenizer, path: str) -> None:
    """Without a session: 401 `no_session`, and nothing is asked of the tokenizer."""
    async with browser(made(given, tokenizer, _nobody)) as client:
        answer = await client.get(path, headers=NO_CORS if path == FRAME else CORS)
    assert (answer.status_code, answer.json()["code"]) == (401, "no_session")
    assert tokenizer.requests == []


async def test_a_tokenizer_that_is_down_is_503(
    given: GivenSettings, caplog: pytest.LogCaptureFixture
) -> None:
    """The plugin answers `unavailable`, and the log has a line without any secret."""
    tokenizer = ScriptedTokenizer(in_turn(httpx.ReadTimeout("slow")))
    with caplog.at_level(logging.ERROR, "lunasec"):
        async with browser(made(given, tokenizer, starlette_session_id)) as client:
            answer = await client.get(FRAME, headers=NO_CORS)
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert "unavailable" in caplog.text
    assert STATE not in caplog.text


async def test_a_provider_may_be_async(given: GivenSettings, tokenizer: ScriptedTokenizer) -> None:
    """An `async def` provider is awaited."""

    async def provider(request: Request) -> tuple[str, int]:
        return request.headers["x-session"], 7

    async with browser(made(given, tokenizer, provider)) as client:
        answer = await client.get(FRAME, headers={**NO_CORS, "x-session": "s" * 32})
    assert answer.status_code == 303
    assert tokenizer.bodies[0]["subject"] == "7"


async def test_handlers_need_not_be_async(
    given: GivenSettings, tokenizer: ScriptedTokenizer
) -> None:
    """A plain handler, which the framework runs on a thread, reaches grants by way of its loop."""
    uses = LunaSec(session_id_provider=lambda _: "s" * 32, transport=tokenizer, **given)

    def handler(request: Request) -> PlainTextResponse:
        anyio.from_thread.run(uses.grants.create, request, token(1))
        return PlainTextResponse("granted")

    async with browser(Starlette(routes=[Route("/", handler)])) as client:
        assert (await client.get("/")).text == "granted"
    assert tokenizer.paths == ["/grants"]


async def test_a_catch_all_route_does_not_take_the_plugins(
    given: GivenSettings, tokenizer: ScriptedTokenizer
) -> None:
    """The plugin's routes go first, in Starlette and FastAPI, and stay out of the API's schema."""

    async def page(_: Request) -> PlainTextResponse:
        return PlainTextResponse("<html>")

    for app in (
        Starlette(routes=[Route("/{path:path}", page)]),
        FastAPI(routes=[Route("/{path:path}", page)]),
    ):
        LunaSec(session_id_provider=_nobody, transport=tokenizer, **given).register(app)
        async with browser(app) as client:
            assert (await client.get("/.lunasec/session", headers=CORS)).status_code == 401
            assert (await client.get("/elsewhere")).text == "<html>"
            assert (await client.get("/.lunasec/nothing")).json()["code"] == "not_found"
            assert "access-control-allow-origin" not in (await client.get(FRAME)).headers
        if isinstance(app, FastAPI):
            assert app.openapi()["paths"] == {}


async def test_header_sessions_are_asked_without_cookies(
    given: GivenSettings, tokenizer: ScriptedTokenizer
) -> None:
    """`POST session` shows the provider no cookie, nor the session that middleware made of one."""
    seen: list[dict[str, Any]] = []

    def provider(request: Request) -> str | None:
        seen.append({"cookies": request.cookies, "scope": set(request.scope)})
        return request.headers.get("x-api-key")

    app = made(given, tokenizer, provider, header_sessions=True)
    async with browser(app) as client:
        client.cookies.set("session", "x", domain="app.example.com")
        answers = [
            await client.post(
                "/.lunasec/session", headers={**CORS, **headers}, json={"state": STATE}
            )
            for headers in ({}, {"x-api-key": "k" * 32})
        ]
    assert [answer.status_code for answer in answers] == [401, 200]
    assert answers[1].json() == {"handle": HANDLE}
    assert [each["cookies"] for each in seen] == [{}, {}]
    assert not {"session", "state", "user", "auth"} & seen[0]["scope"]
    assert len(tokenizer.requests) == 1


async def test_header_sessions_are_off_unless_asked_for(
    given: GivenSettings, tokenizer: ScriptedTokenizer
) -> None:
    """Without `header_sessions`, `POST session` is 404 even with the right header."""
    async with browser(made(given, tokenizer, header_session_id("x-api-key"))) as client:
        headers = {**CORS, "x-api-key": "k" * 32}
        answer = await client.post("/.lunasec/session", headers=headers, json={"state": STATE})
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_a_long_body_is_not_read(given: GivenSettings, tokenizer: ScriptedTokenizer) -> None:
    """The plugin stops reading soon after the few bytes that it takes."""
    read = 0

    async def body() -> AsyncGenerator[bytes]:
        nonlocal read
        for _ in range(1000):
            read += 1
            yield b" " * 1024

    app = made(given, tokenizer, _nobody, header_sessions=True)
    async with browser(app) as client:
        headers = {**CORS, "content-type": "application/json"}
        answer = await client.post("/.lunasec/session", headers=headers, content=body())
    assert answer.status_code == 413
    assert read < 10


async def test_connections_are_closed_at_shutdown(
    given: GivenSettings, tokenizer: ScriptedTokenizer
) -> None:
    """LunaSec's connections outlive the application's own shutdown, and end with it."""
    ended: list[bool] = []

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncGenerator[None]:
        yield
        ended.append(tokenizer.closed)

    app = Starlette(lifespan=lifespan)
    uses = LunaSec(session_id_provider=lambda _: "s" * 32, transport=tokenizer, **given)
    uses.register(app)
    for _ in range(2):  # and open again, for the next test of an application
        tokenizer.closed = False
        async with app.router.lifespan_context(app), browser(app) as client:
            assert (await client.get(FRAME, headers=NO_CORS)).status_code == 303
        assert tokenizer.closed
    assert ended == [False, False]
