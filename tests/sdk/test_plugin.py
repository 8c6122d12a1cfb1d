"""The plugin's routes as a machine: requests in, steps out, nothing in between."""

import itertools
import json
import string
from dataclasses import replace

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lunasec.sdk.plugin import LARGEST_BODY, Answer, Identify
from tests.sdk.plugged import (
    ADA,
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


def test_a_session_without_a_user_is_offered_as_temporary() -> None:
    """`(id, None)` becomes `temporary: true` without a subject."""
    body = json.loads(offered(PLUGIN.start(FRAME), NEW).call.body)
    assert body["temporary"] is True
    assert "subject" not in body


def test_a_session_lives_as_long_as_the_setting_says() -> None:
    """`expires_in` is `session_lifetime`."""
    short = replace(PLUGIN, settings=replace(PLUGIN.settings, session_lifetime=600))
    assert json.loads(offered(short.start(FRAME)).call.body)["expires_in"] == 600


def test_nobody_gets_401() -> None:
    """Without a session: 401 `no_session`, with the application's name, on every route."""
    for request in (FRAME, SESSION, HEADER_SESSION):
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
NAMES = ["secure-frame", "session", "jwks.json", "", "x", "secure-frame/", "../secure-frame"]
TAKEN = {("secure-frame", "GET"), ("session", "GET"), ("jwks.json", "GET")}


@pytest.mark.parametrize("header_sessions", [False, True])
def test_routes_and_methods(*, header_sessions: bool) -> None:
    """Of all names and methods four pairs are taken, `POST session` only in header sessions."""
    plugin = WITH_HEADERS if header_sessions else PLUGIN
    taken = TAKEN | {("session", "POST")} if header_sessions else TAKEN
    for name, method in itertools.product(NAMES, METHODS):
        step = plugin.start(replace(HEADER_SESSION, name=name, method=method))
        if (name, method) in taken:
            assert not isinstance(step, Answer) or step.status not in {404, 405}
        elif (name, method) == ("session", "POST") or name not in NAMES[:3]:
            assert code(step) == (404, "not_found")
        else:
            assert code(step) == (405, "method_not_allowed")


def test_a_page_learns_its_session() -> None:
    """`GET session` answers application and reference, to be kept by nobody."""
    step = PLUGIN.start(SESSION)
    assert isinstance(step, Identify)
    assert step.cookies
    answer = step.identified(ADA)
    assert isinstance(answer, Answer)
    assert json.loads(answer.body) == {"application": "payroll", "session": ADA.reference}
    assert (answer.status, answer.headers["cache-control"]) == (200, "no-store")


def test_a_header_session_gets_its_handle_in_the_answer() -> None:
    """`POST session` asks the provider without cookies, and answers with the handle alone."""
    step = WITH_HEADERS.start(HEADER_SESSION)
    assert isinstance(step, Identify)
    assert not step.cookies
    answer = offered(step).offered(GIVEN)
    assert (answer.status, json.loads(answer.body)) == (200, {"handle": HANDLE})
    assert answer.headers["cache-control"] == "no-store"
    assert "location" not in answer.headers


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"", 400),
        (b"{", 400),
        (b"[]", 400),
        (b"\xff", 400),
        ({}, 400),
        ({"state": 7}, 400),
        ({"state": "short"}, 400),
        ({"state": STATE, "origin": "https://evil.example"}, 400),
        ({"state": f"{STATE}\n"}, 400),
        (b" " * (LARGEST_BODY + 1), 413),
    ],
)
def test_bodies_of_header_sessions_are_read_strictly(body: object, expected: int) -> None:
    """Broken JSON, unknown fields, wrong states and long bodies are refused."""
    content = body if isinstance(body, bytes) else msgspec.json.encode(body)
    status, _ = code(WITH_HEADERS.start(replace(HEADER_SESSION, body=content)))
    assert status == expected


@pytest.mark.parametrize(
    "media_type", [[], ["text/plain"], ["application/x-www-form-urlencoded"], ["application/jsonx"]]
)
def test_t21_header_sessions_are_json(media_type: list[str]) -> None:
    """What a form can post is 415."""
    request = replace(HEADER_SESSION, headers={**SCRIPT, "content-type": media_type})
    assert code(WITH_HEADERS.start(request)) == (415, "unsupported_media_type")


def test_public_keys_are_public() -> None:
    """`GET jwks.json` needs no page: the tokenizer asks for it."""
    answer = PLUGIN.start(replace(SESSION, name="jwks.json", headers={}))
    assert isinstance(answer, Answer)
    assert (answer.status, answer.body) == (200, b'{"keys": []}')
