"""On one connection, each answer belongs to its own request, whoever asks, in whatever order."""

import asyncio
import json
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from itertools import permutations
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest_asyncio

from lunasec.tokenizer.core.operation import Operation
from lunasec.tokenizer.stores.memory import MemoryStore
from tests.http.local import Local, local
from tests.http.parties import Browser, opened
from tests.http.sockets import Answer, connected, request, served

NAMES: Final = ("ada", "bob", "thief", "nobody", "ended")


class Uneven(MemoryStore):
    """A store that takes its time, each time another, so that what could overtake does."""

    turn: int = 0

    async def transact(self, operation: Operation[Any]) -> Any:  # noqa: ANN401 - the operation's
        """Do it, a little later."""
        self.turn += 1
        await asyncio.sleep(0.002 * (self.turn * 7 % 4))
        return await super().transact(operation)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A served tokenizer, and what each identity sends and has to get."""

    port: int
    requests: dict[str, bytes]
    expected: dict[str, str]

    def got(self, answer: Answer) -> str:
        """Say in a word what an answer holds: a value, or the code of a refusal."""
        body = json.loads(answer.body)
        return body["code"] if answer.status != 200 else str(opened(body["values"][0]))


@pytest_asyncio.fixture
async def scene(tmp_path: Path) -> AsyncGenerator[Scene]:
    """Serve two users with a value each, and people with a bad cookie, none, or one that ended."""
    async with local(tmp_path, Uneven()) as parties, served(parties.tokenizer.app) as port:
        ada, bob, ended = [await parties.visitor() for _ in range(3)]
        requests: dict[str, bytes] = {}
        for name, browser in (("ada", ada), ("bob", bob), ("ended", ended)):
            requests[name] = await _reading(parties, browser, name)
        await parties.told("/session/end", session=ended.session)
        thief, nobody = parties.browser(), parties.browser()
        thief.cookies["__Host-lunasec-payroll"] = "B" * 42 + "A"
        thief.session = nobody.session = ada.session
        [token] = await ada.store("for ada alone")
        requests["thief"] = _request(thief, token)
        requests["nobody"] = _request(nobody, token)
        expected = {"ada": "ada's", "bob": "bob's"}
        expected |= dict.fromkeys(("thief", "nobody", "ended"), "no_session")
        yield Scene(port=port, requests=requests, expected=expected)


async def _reading(parties: Local, browser: Browser, name: str) -> bytes:
    [token] = await browser.store(f"{name}'s")
    await parties.grant(browser.session, [token])
    return _request(browser, token)


def _request(browser: Browser, token: str) -> bytes:
    headers = {
        "Sec-Fetch-Site": "same-origin",
        "LunaSec-Application": "payroll",
        "Content-Type": "application/json",
    }
    if browser.cookies:
        pairs = (f"{name}={value}" for name, value in browser.cookies.items())
        headers["Cookie"] = "; ".join(pairs)
    body = msgspec.json.encode({"session": browser.session, "tokens": [token]})
    return request("/detokenize", headers, body)


async def test_every_order_of_identities_pipelined(scene: Scene) -> None:
    """All 120 orders of five identities, each sent in one piece: five answers, in that order."""
    for order in permutations(NAMES):
        async with connected(scene.port) as connection:
            connection.send(b"".join(scene.requests[name] for name in order))
            got = [scene.got(await connection.answer()) for _ in order]
        assert got == [scene.expected[name] for name in order], order


async def test_every_pair_of_identities_one_after_the_other(scene: Scene) -> None:
    """A connection that is used again remembers nothing of who used it before."""
    for first in NAMES:
        async with connected(scene.port) as connection:
            for second in NAMES:
                for name in (first, second):
                    connection.send(scene.requests[name])
                    got = scene.got(await connection.answer())
                    assert got == scene.expected[name], (first, second)


async def test_identities_in_parallel(scene: Scene) -> None:
    """Many connections at once, each with its own order, never get each other's answers."""

    async def one(order: tuple[str, ...]) -> None:
        async with connected(scene.port) as connection:
            connection.send(b"".join(scene.requests[name] for name in order * 3))
            for name in order * 3:
                assert scene.got(await connection.answer()) == scene.expected[name]

    orders = list(permutations(NAMES))
    async with asyncio.TaskGroup() as tasks:
        for order in orders[::5]:
            tasks.create_task(one(order))


async def test_request_in_pieces(scene: Scene) -> None:
    """Where the pieces of a stream of requests are cut makes no difference."""
    order = ("thief", "ada", "nobody", "bob", "ended")
    stream = b"".join(scene.requests[name] for name in order)
    for size in (1, 7, 100, 333, 500, 1000):
        async with connected(scene.port) as connection:
            for start in range(0, len(stream), size):
                connection.send(stream[start : start + size])
                await asyncio.sleep(0)
            got = [scene.got(await connection.answer()) for _ in order]
            assert got == [scene.expected[name] for name in order], size


async def test_request_that_breaks_off_is_nobodys(scene: Scene) -> None:
    """Half a request with a good cookie, then another connection without: it inherits nothing."""
    for name in ("ada", "bob"):
        async with connected(scene.port) as connection:
            connection.send(scene.requests[name][:-10])
            await asyncio.sleep(0.01)
        async with connected(scene.port) as connection:
            connection.send(scene.requests["nobody"])
            assert scene.got(await connection.answer()) == "no_session"
