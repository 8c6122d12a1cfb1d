"""What the plugin tells a page of its session, and header sessions."""

import json
from dataclasses import replace

import msgspec
import pytest

from lunasec.sdk.plugin import LARGEST_BODY, Answer, Identify
from tests.sdk.plugged import (
    ADA,
    GIVEN,
    HEADER_SESSION,
    PLUGIN,
    SCRIPT,
    SESSION,
    WITH_HEADERS,
    code,
    offered,
)
from tests.sdk.scripted import HANDLE, STATE


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


def test_a_header_session_without_cookies_gets_a_documents_handle() -> None:
    """An empty state says that the tokenizer's cookies are lost: the handle is bound to none."""
    request = replace(HEADER_SESSION, body=b'{"state": ""}')
    step = WITH_HEADERS.start(request)
    assert isinstance(step, Identify)
    offer = offered(step)
    assert json.loads(offer.call.body)["document"] is True
    answer = offer.offered(GIVEN)
    assert (answer.status, json.loads(answer.body)) == (200, {"handle": HANDLE})


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
