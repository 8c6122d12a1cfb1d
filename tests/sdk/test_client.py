"""`Client` and `AsyncClient`: the same verbs, bounded in time, in tries and in size."""

import asyncio
from collections.abc import Callable, Generator
from typing import Any

import httpx
import pytest
import stamina

import lunasec
from lunasec import AsyncClient, Client
from lunasec.errors import (
    ConfigurationInvalid,
    CredentialInvalid,
    LunaSecError,
    NotGranted,
    Sealed,
    TooManyRequests,
    Unavailable,
)
from lunasec.sdk.client import ATTEMPTS
from lunasec.sdk.settings import GivenSettings
from lunasec.sdk.wire import LARGEST_ANSWER, Granted
from tests.sdk.conftest import ORIGIN
from tests.sdk.scripted import Outcome, ScriptedTokenizer, in_turn, ok, refusal, token

REFERENCE = "r" * 43
TOKENS = [token(1)]
GRANTED = ok({"expires_at": 1_900_000_000, "refused": []})

Run = Callable[[ScriptedTokenizer, str, dict[str, Any]], Any]
"""Calls a verb of a client by its name."""


@pytest.fixture(autouse=True)
def _without_waiting() -> Generator[None]:
    """Try as often as in earnest, without the waits between."""
    with stamina.set_testing(True, attempts=100, cap=True):
        yield


@pytest.fixture(params=["sync", "async"])
def call(request: pytest.FixtureRequest, given: GivenSettings) -> Run:
    """Give a way to call a verb, once of each client."""

    def sync(tokenizer: ScriptedTokenizer, verb: str, arguments: dict[str, Any]) -> object:
        with Client(transport=tokenizer, **given) as client:
            return getattr(client, verb)(**arguments)

    def awaited(tokenizer: ScriptedTokenizer, verb: str, arguments: dict[str, Any]) -> object:
        async def run() -> object:
            async with AsyncClient(transport=tokenizer, **given) as client:
                return await getattr(client, verb)(**arguments)

        with asyncio.Runner() as runner:
            return runner.run(run())

    return sync if request.param == "sync" else awaited


GRANT = {"session": REFERENCE, "tokens": TOKENS, "expires_in": 900}


def test_both_clients_have_the_same_verbs() -> None:
    """What one can ask, the other can."""
    public = [{name for name in dir(each) if name[0] != "_"} for each in (Client, AsyncClient)]
    assert public[0] - {"close"} == public[1] - {"aclose"}


def test_the_package_gives_both() -> None:
    """`from lunasec import Client, AsyncClient` works, and a wrong name is an `AttributeError`."""
    assert lunasec.Client is Client
    assert lunasec.AsyncClient is AsyncClient
    with pytest.raises(AttributeError, match="Clyent"):
        _ = lunasec.Clyent


def test_verbs_explain_themselves() -> None:
    """A verb has the docstring of the call that it makes."""
    assert "seconds" in str(Client.create_grants.__doc__)
    assert "unreadable" in str(AsyncClient.erase_tokens.__doc__)


def test_a_call_is_dressed_for_the_back_channel(call: Run, tokenizer: ScriptedTokenizer) -> None:
    """POST, JSON, the credential; none of the headers by which a browser is known."""
    assert isinstance(call(tokenizer, "create_grants", GRANT), Granted)
    (request,) = tokenizer.requests
    assert (request.method, str(request.url)) == ("POST", f"{ORIGIN}/grants")
    assert request.headers["content-type"] == "application/json"
    assert request.headers["authorization"].startswith("Bearer ey")
    assert not {"origin", "cookie", "referer"} & set(request.headers)
    assert not [name for name in request.headers if name.startswith("sec-fetch")]


def test_one_credential_serves_many_calls(given: GivenSettings) -> None:
    """No signature per call: the header is the same until it is due."""
    tokenizer, now = ScriptedTokenizer(), [1_900_000_000.0]
    with Client(transport=tokenizer, clock=lambda: now[0], **given) as client:
        for after in (0, 269, 270, 539, 540):
            now[0] = 1_900_000_000.0 + after
            client.end_session(session=REFERENCE)
    sent = [request.headers["authorization"] for request in tokenizer.requests]
    assert [sent.index(each) for each in sent] == [0, 0, 2, 2, 4]


NEVER_SENT: dict[str, Outcome] = {
    "refused": httpx.ConnectError("refused"),
    "slow to connect": httpx.ConnectTimeout("slow"),
    "no connection free": httpx.PoolTimeout("full"),
}
PASSING: dict[str, Outcome] = {
    **NEVER_SENT,
    "reset": httpx.ReadError("reset"),
    "reset while sending": httpx.WriteError("reset"),
    "closed": httpx.RemoteProtocolError("closed"),
    "502": httpx.Response(502),
    "unavailable": refusal(Unavailable("store")),
    "sealed": refusal(Sealed()),
    "504": httpx.Response(504, text="<html>"),
}


@pytest.mark.parametrize("failure", PASSING)
def test_what_passes_is_tried_again(call: Run, failure: str) -> None:
    """A repeatable call goes through after a failure that passes."""
    tokenizer = ScriptedTokenizer(in_turn(PASSING[failure], GRANTED))
    assert call(tokenizer, "create_grants", GRANT) == Granted(expires_at=1_900_000_000)
    assert len(tokenizer.requests) == 2


@pytest.mark.parametrize("failure", PASSING)
def test_tries_are_counted(call: Run, failure: str) -> None:
    """What does not pass is given up after three tries, as `Unavailable` or `Sealed`."""
    outcome = PASSING[failure]
    tokenizer = ScriptedTokenizer(in_turn(outcome))
    with pytest.raises((Unavailable, Sealed)) as raised:
        call(tokenizer, "create_grants", GRANT)
    assert len(tokenizer.requests) == ATTEMPTS
    if isinstance(outcome, Exception):
        assert str(outcome) not in str(raised.value)
        assert raised.value.__suppress_context__


@pytest.mark.parametrize("verb", ["erase_tokens", "upgrade_session", "create_grants"])
@pytest.mark.parametrize("failure", PASSING)
def test_what_may_have_been_done_is_not_done_twice(call: Run, failure: str, verb: str) -> None:
    """An erase, an upgrade and a counted grant are sent again only if nothing went out."""
    arguments: dict[str, dict[str, Any]] = {
        "erase_tokens": {"tokens": TOKENS},
        "upgrade_session": {"old": "o" * 43, "session": REFERENCE},
        "create_grants": {**GRANT, "max_reads": 1},
    }
    tokenizer = ScriptedTokenizer(in_turn(PASSING[failure]))
    with pytest.raises((Unavailable, Sealed)):
        call(tokenizer, verb, arguments[verb])
    assert len(tokenizer.requests) == (ATTEMPTS if failure in NEVER_SENT else 1)


@pytest.mark.parametrize(
    "error",
    [NotGranted("index 0"), CredentialInvalid("expired"), TooManyRequests("wait", retry_after=3)],
)
def test_refusals_are_final(call: Run, error: LunaSecError) -> None:
    """A 4xx is not tried again, and is the error of its code."""
    tokenizer = ScriptedTokenizer(in_turn(refusal(error)))
    with pytest.raises(type(error)) as raised:
        call(tokenizer, "create_grants", GRANT)
    assert (raised.value.detail, raised.value.retry_after) == (error.detail, error.retry_after)
    assert len(tokenizer.requests) == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_not_followed(call: Run, status: int) -> None:
    """The credential goes to the configured address and nowhere else."""
    elsewhere = httpx.Response(status, headers={"location": "https://evil.example/grants"})
    tokenizer = ScriptedTokenizer(in_turn(elsewhere))
    with pytest.raises(Unavailable):
        call(tokenizer, "create_grants", GRANT)
    assert [request.url.host for request in tokenizer.requests] == ["secure.example.com"]


def test_answers_are_bounded(call: Run) -> None:
    """An answer without end is cut off."""
    endless = httpx.Response(
        200, headers={"content-type": "application/json"}, content=b" " * (LARGEST_ANSWER + 1)
    )
    with pytest.raises(Unavailable, match="longer than"):
        call(ScriptedTokenizer(in_turn(endless)), "create_grants", GRANT)


def test_a_bad_bundle_of_authorities_is_named(given: GivenSettings, key_file: object) -> None:
    """A CA file that is no PEM raises at start, by the setting's name."""
    settings: GivenSettings = {**given, "tokenizer_ca_file": str(key_file)}
    with pytest.raises(ConfigurationInvalid, match="tokenizer_ca_file"):
        Client(**settings)
