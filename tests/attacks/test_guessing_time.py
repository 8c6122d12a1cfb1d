"""T17, for long: not even the time of a refusal tells which tokens exist."""

import random
import time
from collections.abc import AsyncGenerator
from pathlib import Path
from statistics import median
from typing import Any, Final

import msgspec
import pytest
import pytest_asyncio

from lunasec.tokenizer.core.operation import Operation
from lunasec.tokenizer.http import budgets
from lunasec.tokenizer.stores.sqlite import SqliteStore
from tests.http.local import Local, local
from tests.http.parties import UNKNOWN, Browser
from tests.http.sockets import Connection, connected, request, served

PLANTED: Final = 0.0002
"""Seconds that a store which tells would take longer for a token that exists."""

ROUNDS: Final = 1500


class Telling(SqliteStore):
    """A store that can be made to take longer for one kind of token."""

    slower: bytes = b""

    async def transact(self, operation: Operation[Any]) -> Any:  # noqa: ANN401 - the operation's
        """Take longer, if that is the token."""
        if any(self.slower in ids for ids in operation.want().records):
            end = time.perf_counter() + PLANTED
            while time.perf_counter() < end:
                pass
        return await super().transact(operation)


@pytest_asyncio.fixture
async def stored(tmp_path: Path) -> AsyncGenerator[Local]:
    """Give a tokenizer on SQLite."""
    async with local(tmp_path, Telling(tmp_path / "lunasec.db")) as made:
        yield made


async def _times(parties: Local, reader: Browser, tokens: tuple[str, str]) -> list[list[float]]:
    """Ask for two tokens in turn, in random order, and say how long each answer took."""
    headers = {
        "Sec-Fetch-Site": "same-origin",
        "LunaSec-Application": "payroll",
        "Content-Type": "application/json",
        "Cookie": f"__Host-lunasec-payroll={reader.cookie}",
    }
    asked = [
        request(
            "/detokenize",
            headers,
            msgspec.json.encode({"session": reader.session, "tokens": [token]}),
        )
        for token in tokens
    ]
    times: list[list[float]] = [[], []]
    async with served(parties.tokenizer.app) as port, connected(port) as connection:
        for _ in range(ROUNDS):
            for which in random.sample((0, 1), 2):
                times[which].append(await _one(connection, asked[which]))
    return times


async def _one(connection: Connection, data: bytes) -> float:
    began = time.perf_counter()
    connection.send(data)
    assert (await connection.answer()).status == 200
    return time.perf_counter() - began


def _difference(times: list[list[float]]) -> float:
    """Give the median difference; the pairs were measured side by side."""
    differences = [one - other for one, other in zip(*times, strict=True)]
    return float(abs(median(differences)))


@pytest.mark.soak
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("planted", [True, False])
async def test_t17_time_tells_nothing(
    stored: Local, monkeypatch: pytest.MonkeyPatch, *, planted: bool
) -> None:
    """A planted difference of 0.2 ms is found; between unknown and existing tokens there is none.

    Not by far: reading a row that is there takes some ten microseconds more than finding none.
    """
    monkeypatch.setattr(budgets, "SESSION_REFUSALS", 10**9)
    monkeypatch.setattr(budgets, "APPLICATION_REFUSALS", 10**9)
    owner, reader = await stored.visitor(), await stored.visitor()
    [existing] = await owner.store("123-45-6789")
    store = stored.tokenizer.store
    assert isinstance(store, Telling)
    if planted:
        reading = vars(store)["_reader"].execute("SELECT record_id FROM records")
        [(store.slower,)] = reading.fetchall()
    found = [_difference(await _times(stored, reader, (UNKNOWN, existing))) for _ in range(3)]
    assert (median(found) > PLANTED / 2) == planted, found
    assert planted or median(found) < PLANTED / 4, found
