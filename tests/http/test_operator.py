"""The operator's listener: health, readiness, and metrics that name nobody."""

import re
from collections.abc import AsyncGenerator

import httpx
import pytest
import pytest_asyncio

from lunasec.errors import Unavailable
from lunasec.tokenizer.core.ledger import Facts, Want
from lunasec.tokenizer.http import operator as operator_listener
from lunasec.tokenizer.http.operator import operator_app
from lunasec.tokenizer.stores.memory import MemoryStore
from tests.http.local import Local
from tests.http.parties import UNKNOWN, client, code, unknown


@pytest_asyncio.fixture
async def operator(parties: Local) -> AsyncGenerator[httpx.AsyncClient]:
    """Give a client of the operator's listener."""
    app = operator_app(parties.tokenizer.services, parties.tokenizer.store)
    async with client(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1:9001") as made:
        yield made


async def test_public_listener_has_none_of_it(parties: Local) -> None:
    """What is for the operator is not found on the public address."""
    for path in ("/health", "/ready", "/metrics", "/metrics/", "//metrics"):
        assert code(await parties.client.get(path)) == "not_found"


async def test_operator_listener_has_nothing_else(operator: httpx.AsyncClient) -> None:
    """What is public is not found on the operator's address."""
    for path in ("/grants", "/lunasec.js", "/frame/payroll/text", "/", "/health/"):
        assert code(await operator.get(path)) == "not_found"
    assert (await operator.post("/health")).status_code == 405


async def test_health_and_readiness(operator: httpx.AsyncClient) -> None:
    """Both say so in JSON that nobody keeps."""
    for path, status in (("/health", "ok"), ("/ready", "ready")):
        answer = await operator.get(path)
        assert answer.json() == {"status": status}
        assert answer.headers["cache-control"] == "no-store"


async def test_not_ready_without_a_store(parties: Local) -> None:
    """A store that can't be read is 503, and the process is healthy all the same."""

    class Down(MemoryStore):
        async def look(self, want: Want) -> Facts:
            raise Unavailable(str(len(want.application)))

    app = operator_app(parties.tokenizer.services, Down())
    async with client(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as asked:
        assert code(await asked.get("/ready")) == "unavailable"
        assert (await asked.get("/health")).status_code == 200


async def test_metrics_count_what_happened(parties: Local, operator: httpx.AsyncClient) -> None:
    """Requests by route and code, decisions by reason, refusals of budgets, the log's length."""
    browser = await parties.visitor()
    [token] = await browser.store("123-45-6789")
    await browser.read(token, *unknown(2))
    await browser.asks("/detokenize", tokens=["x"])
    await parties.client.get("/a/made/up/address")
    await browser.read(*unknown(100))
    for _ in range(3):
        await browser.asks("/detokenize", tokens=[UNKNOWN])
    parties.tokenizer.services.metrics.committed(3)
    text = (await operator.get("/metrics")).text
    read = 'lunasec_decisions_total{action="token.read"'
    for line in (
        'lunasec_requests_total{code="",route="/tokenize",status="200"} 1.0',
        'lunasec_requests_total{code="token_malformed",route="/detokenize",status="400"} 1.0',
        'lunasec_requests_total{code="too_many_requests",route="/detokenize",status="429"} 3.0',
        'lunasec_requests_total{code="not_found",route="none",status="404"} 1.0',
        'lunasec_request_seconds_count{route="/tokenize"} 1.0',
        'lunasec_decisions_total{action="token.store",outcome="allowed",reason=""} 1.0',
        f'{read},outcome="refused",reason="unknown token"}} 102.0',
        f'{read},outcome="refused",reason="not granted"}} 1.0',
        'lunasec_decisions_total{action="session.redeem",outcome="allowed",reason=""} 1.0',
        'lunasec_budget_refusals_total{application="payroll",budget="refused reads"} 3.0',
        f"lunasec_audit_sequence {len(await parties.audit())}.0",
        'lunasec_commit_operations_bucket{le="4.0"} 1.0',
        "lunasec_commit_operations_sum 3.0",
    ):
        assert line in text.splitlines(), line
    assert "process_resident_memory_bytes" in text


async def test_metrics_name_nobody(parties: Local, operator: httpx.AsyncClient) -> None:
    """No label holds an id: no session, token, record, subject, handle, request or path."""
    browser = parties.browser()
    await browser.log_in(subject="ada@example.com")
    [token] = await browser.store("123-45-6789")
    await parties.grant(browser.session, [token])
    await browser.read(token)
    await parties.client.get("/frame/ada@example.com/text")
    await parties.client.get("/session/create/payroll?handle=ada@example.com")
    text = (await operator.get("/metrics")).text
    labels = {
        name for each in re.findall(r"\{(.*?)\}", text) for name in re.findall(r"(\w+)=", each)
    }
    assert labels <= {
        "route", "status", "code", "action", "outcome", "reason", "budget", "application", "le",
    }  # fmt: skip
    assert "ada" not in text
    for each in (browser.session, token, browser.cookie, "123-45"):
        assert each not in text
    values = set(re.findall(r'="([^"]*)"', text))
    assert [each for each in values if re.search(r"[0-9a-f]{12}|[A-Za-z0-9_-]{20}", each)] == []


@pytest.mark.parametrize("path", ["/health", "/ready", "/metrics"])
async def test_operator_answers_have_the_headers(operator: httpx.AsyncClient, path: str) -> None:
    """A browser that gets there sniffs, frames and keeps nothing."""
    answer = await operator.get(path)
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]


async def test_tokens_that_nobody_took_are_counted(
    parties: Local, operator: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stored over an hour ago and never verified; those that a form may still bring are not."""
    browser = await parties.visitor()
    tokens = await browser.store("1", "2", "3")
    taken = tokens[:1]
    await parties.told("/grants/verify", session=browser.session, tokens=taken, action="store")
    for later, counted in ((0, 0), (3000, 0), (601, 2)):
        parties.clock.now += later
        assert f"lunasec_unverified_tokens {counted}.0" in (await operator.get("/metrics")).text
    monkeypatch.setattr(operator_listener, "COUNTED", 1)
    assert "lunasec_unverified_tokens 1.0" in (await operator.get("/metrics")).text
