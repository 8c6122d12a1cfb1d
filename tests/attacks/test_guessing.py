"""T17: whoever tries tokens learns nothing from the answer, the work behind it, or the limit."""

import re
from collections.abc import AsyncGenerator, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest
import pytest_asyncio

from lunasec.tokenizer.core.grants import GRANT_SECONDS
from lunasec.tokenizer.http.budgets import APPLICATION_REFUSALS, SESSION_REFUSALS, SHORT
from lunasec.tokenizer.stores.sqlite import SqliteStore
from tests.http.local import Local, local
from tests.http.parties import CLINIC, UNKNOWN, Browser, code

KINDS: Final = (
    "unknown",
    "ungranted",
    "another session's",
    "foreign",
    "expired",
    "erased",
    "spent",
    "revoked",
    "store grant alone",
)


@pytest_asyncio.fixture
async def stored(tmp_path: Path) -> AsyncGenerator[Local]:
    """Give a tokenizer on SQLite."""
    async with local(tmp_path, SqliteStore(tmp_path / "lunasec.db")) as made:
        yield made


async def prepared(parties: Local, reader: Browser) -> dict[str, str]:
    """Make one token of each kind that the reader is refused."""
    other, clinic = await parties.visitor(), await parties.visitor(CLINIC)
    ungranted, others, expired, erased, spent, revoked = await other.store(*"123456")
    [foreign] = await clinic.store("7")
    [own] = await reader.store("8")
    await parties.grant(other.session, [others])
    await parties.grant(clinic.session, [foreign], CLINIC)
    await parties.grant(reader.session, [expired], expires_in=1)
    await parties.grant(reader.session, [erased, revoked])
    await parties.grant(reader.session, [spent], max_reads=1)
    await parties.told("/tokens/erase", tokens=[erased])
    await parties.told("/grants/revoke", session=reader.session, tokens=[revoked])
    assert await reader.read(spent) == ["5"]
    parties.clock.now += 1
    tokens = (UNKNOWN, ungranted, others, foreign, expired, erased, spent, revoked, own)
    return dict(zip(KINDS, tokens, strict=True))


def _shape(statement: str) -> str:
    """Leave the values out of a statement."""
    return re.sub(r"x'[0-9A-Fa-f]*'|'(?:[^']|'')*'|\b\d+\b", "?", statement)


@contextmanager
def traced(store: SqliteStore, statements: list[str]) -> Generator[None]:
    """Collect the statements of both connections."""

    def collect(statement: str) -> None:
        statements.append(_shape(statement))

    connections = [vars(store)[name] for name in ("_connection", "_reader")]
    for each in connections:
        each.set_trace_callback(collect)
    yield
    for each in connections:
        each.set_trace_callback(None)


@pytest.mark.parametrize("path", ["/detokenize", "/tokens/describe"])
async def test_t17_every_refusal_is_the_same_bytes(stored: Local, path: str) -> None:
    """Unknown, ungranted, foreign, expired, erased and spent tokens get one and the same answer."""
    reader = await stored.visitor()
    answers = {
        kind: await reader.asks(path, tokens=[token])
        for kind, token in (await prepared(stored, reader)).items()
    }
    first = answers["unknown"]
    assert first.status_code == 200
    assert b"not_granted" in first.content
    for kind, each in answers.items():
        assert each.content == first.content, kind
        assert each.headers.raw == first.headers.raw, kind


@pytest.mark.parametrize("path", ["/detokenize", "/tokens/describe"])
async def test_t17_every_refusal_is_the_same_work(stored: Local, path: str) -> None:
    """All of them run the same SQL statements, in the same order, alone and among others."""
    store = stored.tokenizer.store
    assert isinstance(store, SqliteStore)
    reader = await stored.visitor()
    tokens = await prepared(stored, reader)
    traces: dict[str, list[str]] = {}
    for kind, token in tokens.items():
        for name, asked in ((kind, [token]), (f"{kind} of two", [UNKNOWN, token])):
            with traced(store, traces.setdefault(name, [])):
                await reader.asks(path, tokens=asked)
    assert any("FROM records" in each for each in traces["unknown"])
    for name, each in traces.items():
        assert each == traces["unknown of two" if name.endswith("of two") else "unknown"], name


@pytest.mark.parametrize("path", ["/detokenize", "/tokens/describe"])
async def test_t17_one_limiter_for_every_kind(stored: Local, path: str) -> None:
    """Each kind of refused token uses up the same budget, which slows and does not shut out."""
    for kind in KINDS:
        reader = await stored.visitor()
        token = (await prepared(stored, reader))[kind]
        stored.clock.now += 2 * SHORT
        for _ in range(4):
            asked = [token] * (SESSION_REFUSALS // 4)
            assert (await reader.asks(path, tokens=asked)).status_code == 200
        refused = await reader.asks(path, tokens=[token])
        assert code(refused) == "too_many_requests"
        assert refused.headers["retry-after"] == "1"
        other = "/tokens/describe" if path == "/detokenize" else "/detokenize"
        assert code(await reader.asks(other, tokens=[UNKNOWN])) == "too_many_requests"
        stored.clock.now += 2 * SHORT
        assert (await reader.asks(path, tokens=[token])).status_code == 200


async def test_t17_guesser_with_many_sessions_stops_nobody_else(parties: Local) -> None:
    """The application's own limit makes those wait that were refused, and nobody else."""
    guessers = [
        await parties.visitor() for _ in range(APPLICATION_REFUSALS // SESSION_REFUSALS + 1)
    ]
    honest = await parties.visitor()
    [token] = await honest.store("123-45-6789")
    await parties.grant(honest.session, [token])
    *crowd, last = guessers
    for each in crowd:
        await each.asks("/detokenize", tokens=[UNKNOWN] * SESSION_REFUSALS)
    assert (await last.asks("/detokenize", tokens=[UNKNOWN])).status_code == 200
    assert code(await last.asks("/detokenize", tokens=[UNKNOWN])) == "too_many_requests"
    assert await honest.read(token) == ["123-45-6789"]


async def test_t17_token_gives_nothing_to_who_made_it(parties: Local, victim: Browser) -> None:
    """The session that typed a value can't read it back before it is granted."""
    [token] = await victim.store("123-45-6789")
    assert await victim.read(token) == [None]
    parties.clock.now += GRANT_SECONDS - 1
    assert await victim.read(token) == [None]
