"""T17: whoever tries tokens learns nothing from the answer, the work behind it, or the limit."""

import asyncio
import re
from collections.abc import AsyncGenerator, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pytest
import pytest_asyncio

from lunasec.tokenizer.core.grants import GRANT_SECONDS
from lunasec.tokenizer.http.budgets import APPLICATION_REFUSALS, SESSION_REFUSALS, SHORT
from lunasec.tokenizer.stores.sqlite import SqliteStore
from tests.http.local import Local, local
from tests.http.parties import CLINIC, UNKNOWN, Browser, code, unknown

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
        for name, asked in ((kind, [token]), (f"{kind} of two", [*unknown(1), token])):
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
        asked = [reader.asks(path, tokens=[token]) for _ in range(SESSION_REFUSALS)]
        assert {each.status_code for each in await asyncio.gather(*asked)} == {200}
        refused = await reader.asks(path, tokens=[token])
        assert code(refused) == "too_many_requests"
        assert refused.headers["retry-after"] == "1"
        other = "/tokens/describe" if path == "/detokenize" else "/detokenize"
        assert code(await reader.asks(other, tokens=[UNKNOWN])) == "too_many_requests"
        stored.clock.now += 2 * SHORT
        assert (await reader.asks(path, tokens=[token])).status_code == 200


@pytest.mark.parametrize("path", ["/detokenize", "/tokens/describe"])
async def test_t17_guesses_that_wait_together_share_the_limit(stored: Local, path: str) -> None:
    """Requests that wait for the disk together are refused no more than one after the other."""
    reader = await stored.visitor()
    asked = [reader.asks(path, tokens=[UNKNOWN]) for _ in range(SESSION_REFUSALS + 40)]
    codes = [each.status_code for each in await asyncio.gather(*asked)]
    assert (codes.count(200), codes.count(429)) == (SESSION_REFUSALS, 40)


async def test_t17_an_application_guesses_no_faster_than_a_frame(parties: Local) -> None:
    """What its back end is refused in a session's name counts as that session's own guesses."""
    browser = await parties.visitor()
    stated: dict[str, Any] = {"session": browser.session, "tokens": [UNKNOWN] * SESSION_REFUSALS}
    assert (await parties.ask("/tokens/describe", **stated)).status_code == 200
    assert code(await parties.ask("/tokens/describe", **stated)) == "too_many_requests"
    assert code(await browser.asks("/detokenize", tokens=[UNKNOWN])) == "too_many_requests"


async def test_t17_an_application_that_asks_at_once_guesses_no_faster(stored: Local) -> None:
    """Its requests in a session's name share that session's limit while they wait, too."""
    browser = await stored.visitor()
    stated: dict[str, Any] = {"session": browser.session, "tokens": [UNKNOWN]}
    asked = [stored.ask("/tokens/describe", **stated) for _ in range(SESSION_REFUSALS + 40)]
    codes = [each.status_code for each in await asyncio.gather(*asked)]
    assert (codes.count(200), codes.count(429)) == (SESSION_REFUSALS, 40)


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
        await each.asks("/detokenize", tokens=unknown(SESSION_REFUSALS))
    assert (await last.asks("/detokenize", tokens=[UNKNOWN])).status_code == 200
    assert code(await last.asks("/detokenize", tokens=[UNKNOWN])) == "too_many_requests"
    assert await honest.read(token) == ["123-45-6789"]


async def test_t17_token_gives_nothing_to_who_made_it(parties: Local, victim: Browser) -> None:
    """The session that typed a value can't read it back before it is granted."""
    [token] = await victim.store("123-45-6789")
    assert await victim.read(token) == [None]
    parties.clock.now += GRANT_SECONDS - 1
    assert await victim.read(token) == [None]
