"""T9: no token, handle, credential, cookie or session id gets into a log, an error or a `repr`."""

import logging
import traceback
from pathlib import Path

import httpx
import pytest
import stamina
from starlette.requests import Request

from lunasec.errors import LunaSecError, NotGranted, TokenMalformed, Unavailable
from lunasec.sdk import wire
from lunasec.sdk.answers import Received
from lunasec.sdk.settings import GivenSettings
from lunasec.sdk.tokens import batches
from lunasec.starlette import LunaSec, cookie_session_id
from tests.sdk.applications import FRAME, NO_CORS, browser, made_of
from tests.sdk.plugged import FRAME as PLUGIN_REQUEST
from tests.sdk.plugged import GIVEN, PLUGIN, offered
from tests.sdk.scripted import (
    HANDLE,
    STATE,
    Outcome,
    ScriptedTokenizer,
    in_turn,
    ok,
    refusal,
    token,
    usual,
)

SESSION_ID = "canary-session-id-0123456789"
TOKEN = token(9)
VALUE = "canary-078-05-1120"


async def _grant(lunasec: LunaSec, request: Request) -> None:
    await lunasec.grants.create(request, [TOKEN])


async def _verify(lunasec: LunaSec, request: Request) -> None:
    await lunasec.grants.verify(request, TOKEN)


async def _mistake(lunasec: LunaSec, request: Request) -> None:
    await lunasec.grants.create(request, VALUE)


ROUTES = {"/grant": _grant, "/verify": _verify, "/mistake": _mistake}
BROKEN = httpx.Response(200, json={"handle": f"{HANDLE}!", "tokens": [TOKEN]})
OUTCOMES: dict[str, Outcome | None] = {
    "in good health": None,
    "refusing": refusal(NotGranted("no")),
    "not granting": ok({"granted": [False], "expires_at": 1, "refused": [0]}),
    "down": httpx.ConnectError("refused"),
    "lost": httpx.RemoteProtocolError("closed"),
    "dressed wrongly": httpx.LocalProtocolError(f"Illegal header value b'Bearer {TOKEN}'"),
    "unavailable": refusal(Unavailable("store")),
    "broken": BROKEN,
    "somebody else": httpx.Response(502, text=f"<html>{TOKEN}"),
}


@pytest.mark.parametrize("state", OUTCOMES)
async def test_t9_nothing_secret_is_logged_or_answered(
    given: GivenSettings,
    state: str,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Through every outcome, logs at their most talkative, output and answers are clean."""
    outcome = OUTCOMES[state]
    tokenizer = ScriptedTokenizer(usual if outcome is None else in_turn(outcome))
    lunasec = LunaSec(session_id_provider=cookie_session_id("sid"), transport=tokenizer, **given)
    said: list[str] = []
    with caplog.at_level(logging.DEBUG), stamina.set_testing(True, attempts=3, cap=True):
        async with browser(made_of(lunasec, ROUTES)) as client:
            client.cookies.set("sid", SESSION_ID)
            said.append((await client.get(FRAME, headers=NO_CORS)).text)
            for path in ROUTES:
                try:
                    said.append((await client.get(path)).text)
                except LunaSecError as error:
                    said += traceback.format_exception(error)
    out = capfd.readouterr()
    everything = "".join([*said, caplog.text, out.out, out.err])
    credentials = {each.headers["authorization"] for each in tokenizer.requests}
    assert credentials
    for secret in (SESSION_ID, TOKEN, VALUE, HANDLE, *credentials):
        assert secret not in everything


def test_t9_text_forms_are_clean(key_file: Path) -> None:
    """What a debugger or an error tracker shows of the SDK's data has no secret in it."""
    call = wire.create_grants(session="r" * 43, tokens=[TOKEN], expires_in=1)
    offer = offered(PLUGIN.start(PLUGIN_REQUEST))
    received = Received(status=200, media_type="", body=HANDLE.encode())
    texts = [repr(each) for each in (call, batches(TOKEN), offer, GIVEN, received)]
    texts += [repr(PLUGIN_REQUEST), repr(PLUGIN.start(PLUGIN_REQUEST)), repr(offer.offered(GIVEN))]
    with pytest.raises(TokenMalformed) as refused:
        batches(VALUE)
    texts.append(repr(refused.value))
    for secret in (TOKEN, VALUE, HANDLE, STATE, key_file.read_text()):
        assert all(secret not in text for text in texts)
