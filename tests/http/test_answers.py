"""What every answer has in common: headers, methods, and problem documents that tell no secret."""

import re
from collections.abc import AsyncGenerator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest
import pytest_asyncio
from structlog.testing import capture_logs

from lunasec import errors
from lunasec.errors import LunaSecError, Unavailable
from lunasec.tokenizer import settings
from lunasec.tokenizer.core.ledger import Facts, Want
from lunasec.tokenizer.core.operation import Operation
from lunasec.tokenizer.http.observed import headers_of
from lunasec.tokenizer.http.routes import CALLS
from lunasec.tokenizer.stores.memory import MemoryStore
from tests.http.local import Local, configured, local
from tests.http.parties import UNKNOWN, code, sealed

EVERY: Final = {
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cross-origin-resource-policy": "cross-origin",
    "origin-agent-cluster": "?1",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}
SECRET: Final = "Zm9ybXMgYSBzZWNyZXQgdGhhdCBtYXkgbm90IGxlYWs"
ERRORS: Final = [
    each
    for each in vars(errors).values()
    if isinstance(each, type) and issubclass(each, LunaSecError) and each is not LunaSecError
]


class Failing(MemoryStore):
    """A store that fails with an error of the test's choice."""

    error: Exception | None = None

    async def transact(self, operation: Operation[Any]) -> Any:  # noqa: ANN401 - the operation's
        """Fail, if it has to."""
        if self.error is not None:
            raise self.error
        return await super().transact(operation)

    async def look(self, want: Want) -> Facts:
        """Fail, if it has to."""
        if self.error is not None:
            raise self.error
        return await super().look(want)


@pytest_asyncio.fixture
async def failing(tmp_path: Path) -> AsyncGenerator[Local]:
    """Give a tokenizer on a store that can fail."""
    async with local(tmp_path, Failing()) as made:
        yield made


def _fail(parties: Local, error: Exception) -> None:
    store = parties.tokenizer.store
    assert isinstance(store, Failing)
    store.error = error


def _all_there(headers: Mapping[str, str], **but: str) -> None:
    expected = {**EVERY, **{name.replace("_", "-"): value for name, value in but.items()}}
    assert {name: headers.get(name) for name in expected} == expected


async def test_every_answer_has_the_headers(parties: Local) -> None:
    """The table of protocol.md, on good answers, refusals, unknown addresses and wrong methods."""
    browser = await parties.visitor()
    asked = parties.client
    same = {"cross_origin_resource_policy": "same-origin", "cache_control": "no-store"}
    none = {"cache_control": "no-store"}
    _all_there((await browser.asks("/session/ensure")).headers, **same)
    _all_there((await browser.asks("/tokenize", values=[sealed("x")])).headers, **same)
    _all_there((await browser.asks("/detokenize", tokens=[UNKNOWN])).headers, **same)
    _all_there((await browser.asks("/detokenize", tokens=["x"])).headers, **none)
    _all_there((await parties.ask("/session/end", session=browser.session)).headers, **same)
    _all_there((await browser.asks("/detokenize", tokens=[UNKNOWN])).headers, **none)
    handle = await parties.handle(await browser.state(), parties.browser().session)
    for _ in range(2):  # 204, then 403: the page's fetch fails on any other policy
        _all_there((await browser.follow(handle)).headers, **none)
    for method, path in (
        ("GET", "/nothing"), ("GET", "/"), ("POST", "/lunasec.js"), ("PUT", "/grants"),
        ("OPTIONS", "/tokenize"), ("GET", "/assets/x/y.js"), ("GET", "/frame/nobody/text"),
    ):  # fmt: skip
        _all_there((await asked.request(method, path)).headers, **none)


async def test_static_answers_are_kept_and_shared(parties: Local) -> None:
    """Modules and frames may be loaded elsewhere; hashed addresses are kept for good."""
    base = parties.tokenizer.services.assets.base
    entry = await parties.client.get("/lunasec.js")
    _all_there(entry.headers, cache_control="public, max-age=300", access_control_allow_origin="*")
    assert base in entry.text
    module = await parties.client.get(f"{base}elements/lunasec.js")
    kept = "public, max-age=31536000, immutable"
    _all_there(module.headers, cache_control=kept, access_control_allow_origin="*")
    frame = await parties.client.get("/frame/payroll/text")
    assert frame.headers["cache-control"] == "private, max-age=300"
    assert "access-control-allow-origin" not in frame.headers
    assert frame.headers["cross-origin-resource-policy"] == "cross-origin"
    assert "camera=()" in frame.headers["permissions-policy"]


def test_hsts_is_for_real_hosts(tmp_path: Path) -> None:
    """Over TLS browsers are bound to it, but never for a developer's own localhost."""
    for origin, bound in (
        ("https://secure.example.com", True),
        ("https://secure.lunasec.localhost:8001", False),
        ("https://localhost:8001", False),
        ("http://secure.lunasec.localhost:8001", False),
    ):
        configured(tmp_path, origin)
        read = settings.load(tmp_path / "lunasec.toml", {})
        names = {name for name, _ in headers_of(read)}
        assert (b"strict-transport-security" in names) == bound


async def test_wrong_method_is_told_the_right_one(parties: Local) -> None:
    """405 with `Allow`, for every address and method; nothing is done."""
    allowed = {each.path: "POST" for each in CALLS}
    allowed |= {"/session/create/payroll": "GET, POST", "/lunasec.js": "GET, HEAD"}
    allowed |= {"/frame/payroll/text": "GET, HEAD", "/assets/a/b": "GET, HEAD"}
    for path, methods in allowed.items():
        for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"):
            if method in methods.split(", "):
                continue
            answer = await parties.client.request(method, path)
            assert (answer.status_code, answer.headers["allow"]) == (405, methods), (method, path)
            assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("error", ERRORS, ids=lambda each: each.code)
async def test_every_error_is_a_problem_document(failing: Local, error: type[LunaSecError]) -> None:
    """Each class of the catalog, wherever it is raised, is answered by its code and status.

    What is damaged or down is not the caller's to know in words: those are in the log.
    """
    browser = await failing.visitor()
    _fail(failing, error("what is wrong", retry_after=7))
    with capture_logs() as logs:
        answer = await browser.asks("/detokenize", tokens=[UNKNOWN])
    told = answer.json()
    shown = "internal" if error.status == 500 else error.code
    assert (code(answer), answer.status_code, told["status"]) == (shown, error.status, error.status)
    assert told["type"] == f"urn:lunasec:problem:{shown}"
    assert told["title"]
    assert told.get("detail") == (None if error.status >= 500 else "what is wrong")
    assert answer.headers.get("retry-after") == (None if error.status == 500 else "7")
    failed = [each for each in logs if each["event"] == "request failed"]
    if error.status >= 500:
        assert [(each["code"], each["detail"]) for each in failed] == [
            (error.code, "what is wrong")
        ]
        assert told["instance"] == f"urn:lunasec:request:{failed[0]['request']}"
    else:
        assert failed == []
        assert "instance" not in told


@pytest.mark.parametrize("error", [ValueError, KeyError, RuntimeError, AssertionError, MemoryError])
async def test_unforeseen_error_tells_nothing(failing: Local, error: type[Exception]) -> None:
    """An error with a secret in its text leaves the secret in neither the answer nor the log."""
    browser = await failing.visitor()
    _fail(failing, error(SECRET))
    with capture_logs() as logs:
        answer = await browser.asks("/detokenize", tokens=[UNKNOWN])
    assert code(answer) == "internal"
    assert SECRET not in answer.text + str(answer.headers) + str(logs)
    [failed] = [each for each in logs if each["event"] == "unforeseen error"]
    assert (failed["error"], failed["route"]) == (error.__name__, "/detokenize")
    assert re.fullmatch(r"Failing\.(?:look|transact):\d+", failed["where"])
    assert answer.json()["instance"] == f"urn:lunasec:request:{failed['request']}"


async def test_cause_is_named_by_its_class(failing: Local) -> None:
    """Why a store failed is in the log, without its words."""
    browser = await failing.visitor()
    error = Unavailable()
    error.__cause__ = OSError(SECRET)
    _fail(failing, error)
    with capture_logs() as logs:
        answer = await browser.asks("/detokenize", tokens=[UNKNOWN])
    [failed] = [each for each in logs if each["event"] == "request failed"]
    assert (answer.status_code, failed["cause"]) == (503, "OSError")
    assert SECRET not in str(logs)


async def test_request_has_one_line_in_the_log(parties: Local) -> None:
    """Route, not path; status, code, application; an id of ours; nothing that the caller sent."""
    browser = await parties.visitor()
    marked = {"user-agent": SECRET, "x-request-id": SECRET, "referer": f"https://x/{SECRET}"}
    with capture_logs() as logs:
        await browser.post(
            "/detokenize", {"session": browser.session, "tokens": [SECRET]}, **marked
        )
        await browser.follow(SECRET, **marked)
        await parties.client.get(f"/{SECRET}?{SECRET}={SECRET}", headers=marked)
        await parties.client.get(f"/frame/{SECRET}/{SECRET}", headers=marked)
        await parties.client.post(f"/session/create/{SECRET}", headers=marked)
    assert SECRET not in str(logs)
    lines = [each for each in logs if each["event"] == "request"]
    assert [(each["route"], each["status"], each["code"]) for each in lines] == [
        ("/detokenize", 400, "token_malformed"),
        ("/session/create/{application}", 403, "handle_invalid"),
        ("none", 404, "not_found"),
        ("/frame/{application}/{role}", 404, "application_unknown"),
        ("/session/create/{application}", 403, "cross_origin_refused"),
    ]
    assert [each["application"] for each in lines] == ["payroll", "payroll", "", "", ""]
    assert len({each["request"] for each in lines}) == 5
    assert all(re.fullmatch("[0-9a-f]{16}", each["request"]) for each in lines)


async def test_refusal_quotes_nothing(parties: Local) -> None:
    """Whatever was wrong in a request, its answer has no word of it."""
    browser = await parties.visitor()
    bodies: list[Any] = [
        SECRET,
        [SECRET],
        {SECRET: SECRET},
        {"session": SECRET + "x", "tokens": [UNKNOWN]},
        {"session": browser.session, "tokens": [UNKNOWN], SECRET: 1},
        {"session": browser.session, "tokens": SECRET},
        {"session": browser.session, "tokens": [{SECRET: SECRET}]},
        {"session": browser.session, "tokens": [SECRET]},
        {"session": browser.session, "tokens": ["lunasec-" + SECRET + "AAAAAA"]},
    ]
    answers = [await browser.post("/detokenize", each) for each in bodies]
    value = sealed("x")
    values: list[Any] = [
        {**value, "key": SECRET + "!"},
        {**value, "ciphertext": SECRET},
        {**value, "kind": SECRET},
        {**value, "metadata": {SECRET: 1}},
        {**value, "metadata": {SECRET: {SECRET: SECRET}}},
        {**value, SECRET: SECRET},
    ]
    answers += [await browser.asks("/tokenize", values=[each]) for each in values]
    for answer in answers:
        assert answer.status_code in {400, 413}, answer.text
        assert SECRET not in answer.text
