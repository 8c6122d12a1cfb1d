"""The plugin's routes as a machine: requests in, steps out, nothing in between."""

import itertools
import json
import re
import string
from dataclasses import replace
from http import HTTPStatus
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lunasec.sdk.plugin import Answer, Identify
from tests.sdk.plugged import (
    ADA,
    DOCUMENT,
    FRAME,
    GIVEN,
    HEADER_SESSION,
    JSON,
    NEW,
    OWN,
    PAGE,
    PLUGIN,
    SCRIPT,
    SESSION,
    TARGET,
    WITH_HEADERS,
    T,
    code,
    offered,
)
from tests.sdk.scripted import HANDLE, STATE


def test_the_browser_is_sent_to_the_tokenizer() -> None:
    """Steps 2 to 4: ask who it is, vouch for it, redirect with 303, `no-store`, `no-referrer`."""
    step = offered(PLUGIN.start(FRAME))
    assert json.loads(step.call.body) == {
        "state": STATE,
        "session": ADA.reference,
        "origin": OWN,
        "expires_in": 43200,
        "subject": "ada",
    }
    answer = step.offered(GIVEN)
    assert (answer.status, answer.body, answer.failure) == (303, b"", None)
    assert answer.headers["location"] == TARGET
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"


DOCUMENTED = re.findall(
    r"^\| `([A-Z]+) /\.lunasec/([a-z.-]+)",
    (Path(__file__).parents[2] / "docs/protocol.md").read_text(),
    re.MULTILINE,
)


@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
@pytest.mark.parametrize("name", ["secure-frame", "session", "jwks.json"])
def test_the_routes_are_those_of_the_protocols_table(method: str, name: str) -> None:
    """Each route that docs/protocol.md lists takes a request, and no other does."""
    headers = JSON if method == "POST" else SCRIPT if name == "session" else PAGE
    request = replace(HEADER_SESSION, method=method, name=name, query=FRAME.query, headers=headers)
    step = WITH_HEADERS.start(request)
    refused = isinstance(step, Answer) and step.status != HTTPStatus.OK
    assert refused == ((method, name) not in DOCUMENTED)


def test_a_session_without_a_user_is_offered_as_temporary() -> None:
    """`(id, None)` becomes `temporary: true` without a subject."""
    body = json.loads(offered(PLUGIN.start(FRAME), NEW).call.body)
    assert body["temporary"] is True
    assert "subject" not in body


def test_a_session_lives_as_long_as_the_setting_says() -> None:
    """`expires_in` is `session_lifetime`."""
    short = replace(PLUGIN, settings=replace(PLUGIN.settings, session_lifetime=600))
    assert json.loads(offered(short.start(FRAME)).call.body)["expires_in"] == 600


def test_a_frame_is_sent_to_its_document() -> None:
    """Where cookies are blocked: a handle without a state, and a redirect of the frame itself."""
    step = offered(PLUGIN.start(DOCUMENT), NEW)
    assert json.loads(step.call.body) == {
        "document": True,
        "session": NEW.reference,
        "origin": OWN,
        "expires_in": 43200,
        "temporary": True,
    }
    answer = step.offered(GIVEN)
    assert (answer.status, answer.body, answer.failure) == (303, b"", None)
    assert answer.headers["location"] == f"{T}/frame/payroll/coordinator?handle={HANDLE}"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    stated = replace(DOCUMENT, query=[("state", STATE)])
    assert code(PLUGIN.start(stated)) == (400, "malformed_request")


def test_nobody_gets_401() -> None:
    """Without a session: 401 `no_session`, with the application's name, on every route."""
    for request in (FRAME, DOCUMENT, SESSION, HEADER_SESSION):
        step = WITH_HEADERS.start(request)
        assert isinstance(step, Identify)
        answer = step.identified(None)
        assert code(answer) == (401, "no_session")
        assert isinstance(answer, Answer)
        assert json.loads(answer.body)["application"] == "payroll"


ALPHABET = string.ascii_letters + string.digits + "-_"


@given(state=st.text(max_size=60) | st.text(ALPHABET, min_size=40, max_size=46))
def test_a_state_is_43_letters_of_base64url(state: str) -> None:
    """Any other text is 400, before the provider or the tokenizer are asked."""
    step = PLUGIN.start(replace(FRAME, query=[("state", state)]))
    if len(state) == 43 and set(state) <= set(ALPHABET):
        assert isinstance(step, Identify)
    else:
        assert code(step) == (400, "malformed_request")


@pytest.mark.parametrize("ending", ["\n", "=", "A", "\0"])
def test_a_state_has_nothing_after_it(ending: str) -> None:
    """43 good characters and one more are not a state."""
    step = PLUGIN.start(replace(FRAME, query=[("state", STATE + ending)]))
    assert code(step) == (400, "malformed_request")


@pytest.mark.parametrize(
    "query",
    [
        [],
        [("state", STATE), ("state", STATE)],
        [("state", STATE), ("next", "https://evil.example")],
        [("State", STATE)],
        [("state[]", STATE)],
        [("handle", STATE)],
    ],
)
def test_the_query_is_one_state(query: list[tuple[str, str]]) -> None:
    """A missing, doubled or further parameter is 400."""
    assert code(PLUGIN.start(replace(FRAME, query=query))) == (400, "malformed_request")


@pytest.mark.parametrize("name", list(PAGE))
def test_requests_of_other_pages_are_refused(name: str) -> None:
    """Without each of the headers that the matrix demands, every route of a page is 403."""
    without = {key: value for key, value in JSON.items() if key != name}
    for request in (
        replace(FRAME, headers={key: value for key, value in PAGE.items() if key != name}),
        replace(SESSION, headers=without),
        replace(HEADER_SESSION, headers=without),
    ):
        assert code(WITH_HEADERS.start(request)) == (403, "cross_origin_refused")


def test_listed_pages_may_ask() -> None:
    """A same-site page on `page_origins` gets its session; its origin is what T is told."""
    page = "https://www.example.com"
    headers = {**PAGE, "sec-fetch-site": ["same-site"], "referer": [f"{page}/"]}
    request = replace(FRAME, headers=headers)
    listing = replace(PLUGIN, settings=replace(PLUGIN.settings, page_origins=(page,)))
    assert json.loads(offered(listing.start(request)).call.body)["origin"] == page
    assert code(PLUGIN.start(request)) == (403, "cross_origin_refused")


def test_behind_a_proxy_the_browser_knows_the_origin() -> None:
    """The page's own statement counts before what the request looks like behind a proxy."""
    headers = {**PAGE, "referer": [f"{OWN}/profile"]}
    step = PLUGIN.start(replace(FRAME, headers=headers, origin="http://10.0.0.7:8000"))
    assert json.loads(offered(step).call.body)["origin"] == OWN


METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "get"]
ROUTES = ["secure-frame", "coordinator", "session", "jwks.json"]
NAMES = [*ROUTES, "", "x", "secure-frame/", "../secure-frame"]
TAKEN = {(name, "GET") for name in ROUTES}


@pytest.mark.parametrize("header_sessions", [False, True])
def test_routes_and_methods(*, header_sessions: bool) -> None:
    """Of all names and methods five pairs are taken, `POST session` only in header sessions."""
    plugin = WITH_HEADERS if header_sessions else PLUGIN
    taken = TAKEN | {("session", "POST")} if header_sessions else TAKEN
    for name, method in itertools.product(NAMES, METHODS):
        step = plugin.start(replace(HEADER_SESSION, name=name, method=method))
        if (name, method) in taken:
            assert not isinstance(step, Answer) or step.status not in {404, 405}
        elif (name, method) == ("session", "POST") or name not in ROUTES:
            assert code(step) == (404, "not_found")
        else:
            assert code(step) == (405, "method_not_allowed")
