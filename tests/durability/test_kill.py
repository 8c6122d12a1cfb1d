"""kill -9 at any instant under load: what was acknowledged is there, and nothing is half there."""

import asyncio
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.http.parties import Browser
from tests.http.remote import Remote, remote

ROOT = Path(__file__).parents[2]
VALUES = ("123-45-6789", "987-65-4321")
KILLS = 20
SOAK_KILLS = 1000


def killed(folder: Path, kills: int, *planted: str, seconds: float = 110) -> Any:  # noqa: ANN401 - JSON
    """Kill a tokenizer that often, and return what was noted and what was lost."""
    finished = subprocess.run(
        [sys.executable, "-m", "tests.durability.killing", folder, str(kills), "1", *planted],
        cwd=ROOT,
        check=True,
        timeout=seconds,
        stdout=subprocess.PIPE,
    )
    return msgspec.json.decode(finished.stdout)


def test_nothing_that_was_acknowledged_is_lost(tmp_path: Path) -> None:
    """No token, grant, revocation, erase or log-out that somebody was told of is undone."""
    result = killed(tmp_path, KILLS)
    assert result["lost"] == []
    assert result["noted"] > KILLS


def test_a_hasty_answer_is_found(tmp_path: Path) -> None:
    """A tokenizer that answers before it has written is caught by the same test."""
    assert killed(tmp_path, KILLS, "hasty")["lost"] != []


@pytest.mark.soak
@pytest.mark.timeout(7200)
def test_nothing_is_lost_in_a_thousand_kills(tmp_path: Path) -> None:
    """The same at a thousand random instants."""
    result = killed(tmp_path, SOAK_KILLS, seconds=7000)
    assert result["lost"] == []
    assert result["noted"] > SOAK_KILLS


class Visit:
    """Somebody who stores values over HTTP until the server is gone."""

    browser: Browser | None = None

    def __init__(self) -> None:
        """Nothing is stored yet."""
        self.stored: list[str] = []
        self.revoked: list[str] = []
        self.asked: list[str] = []

    async def go(self, server: Remote) -> None:
        """Store, grant and revoke; what is noted was answered."""
        self.browser = await server.visitor()
        while True:
            tokens = await self.browser.store(*VALUES)
            self.stored += tokens
            await server.grant(self.browser.session, tokens)
            self.asked.append(tokens[0])
            await server.told("/grants/revoke", session=self.browser.session, tokens=tokens[:1])
            self.revoked.append(tokens[0])


async def _visits(server: Remote, visits: list[Visit], seconds: float) -> None:
    """Let them all work for a while, and kill the server under them."""
    tasks = [asyncio.ensure_future(each.go(server)) for each in visits]
    await asyncio.sleep(seconds)
    server.server.process.kill()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_the_server_itself_loses_nothing(tmp_path: Path) -> None:
    """`lunasec serve`, killed under load and started again: tokens kept, revocations kept."""
    past: list[Visit] = []
    for seconds in (0.7, 1.3, 0):
        async with remote(tmp_path) as server:
            await _look(server, past)
            if seconds:
                visits = [Visit() for _ in range(8)]
                await _visits(server, visits, seconds)
                past += visits
            else:
                await _read(server, past)
    assert sum(len(each.revoked) for each in past) > 0


async def _look(server: Remote, visits: list[Visit]) -> None:
    """Ask the restarted server for everything that the last one had acknowledged."""
    for visit in visits:
        if visit.browser is None or not visit.stored:
            continue
        session = visit.browser.session
        kept = [each for each in visit.stored if each not in visit.asked]
        if kept:
            answer = await server.told("/grants/verify", session=session, tokens=kept)
            assert answer["granted"] == [True] * len(kept)
        visit.browser.parties = server
        if visit.revoked:
            assert await visit.browser.read(*visit.revoked) == [None] * len(visit.revoked)


async def _read(server: Remote, visits: list[Visit]) -> None:
    """Read every value that was acknowledged, granted anew to the session that stored it."""
    for visit in visits:
        if visit.browser is not None and visit.stored:
            await server.grant(visit.browser.session, visit.stored)
            values = list(VALUES) * (len(visit.stored) // 2)
            assert await visit.browser.read(*visit.stored) == values
