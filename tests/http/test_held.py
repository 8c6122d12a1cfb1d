"""Large answers have a place in memory until they were taken, and nobody holds all of them."""

import asyncio
import json
import socket
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from lunasec.tokenizer.http import held
from lunasec.tokenizer.http.places import LIGHT_ANSWER
from lunasec.tokenizer.http.turns import AT_ONCE, LIGHT_ITEMS
from tests.http.local import Local
from tests.http.parties import Browser
from tests.http.sending import segment_headers
from tests.http.sockets import Connection, request, still_serves

SIZE, COUNT = 60_000, 130
"""Almost as much as an answer may have: two of them are what a session may hold."""


async def granted(
    parties: Local, count: int = COUNT, size: int = SIZE
) -> tuple[Browser, list[str]]:
    """Give a browser with values that it may read."""
    browser, tokens = await parties.visitor(), list[str]()
    while len(tokens) < count:
        tokens += await browser.store(*["x" * size] * min(10, count - len(tokens)))
    await parties.grant(browser.session, tokens)
    return browser, tokens


def taken(parties: Local) -> int:
    """Say how much is held."""
    count: int = vars(parties.tokenizer.services.answers)["_taken"][()]
    return count


def reading(browser: Browser, tokens: list[str]) -> bytes:
    """Write a request that reads tokens."""
    headers = segment_headers(browser, **{"content-type": "application/json"})
    body = json.dumps({"session": browser.session, "tokens": tokens}).encode()
    return request("/detokenize", headers, body)


@asynccontextmanager
async def narrow(port: int) -> AsyncGenerator[Connection]:
    """Open a connection that takes little in by itself, until it is read from."""
    client = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 * 1024)
    client.settimeout(0)
    await asyncio.get_running_loop().sock_connect(client, ("127.0.0.1", port))
    reader, writer = await asyncio.open_connection(sock=client, limit=64 * 1024)
    yield Connection(reader, writer)
    writer.transport.abort()


async def test_t24_an_answer_is_held_until_it_was_taken(parties: Local, port: int) -> None:
    """While a session does not take its answers, no third is fetched, and others are served."""
    browser, tokens = await granted(parties)
    other, others = await granted(parties)
    async with AsyncExitStack() as stack:
        slow = [await stack.enter_async_context(narrow(port)) for _ in range(3)]
        for each in slow:
            each.send(reading(browser, tokens))
        await asyncio.sleep(1)
        assert 2 * SIZE * COUNT < taken(parties) < 3 * SIZE * COUNT
        assert await other.read(*others) == ["x" * SIZE] * COUNT
        answers = await asyncio.gather(*[each.answer(10) for each in slow])
    assert [each.status for each in answers] == [200] * 3
    assert {len(json.loads(each.body)["values"]) for each in answers} == {COUNT}
    assert taken(parties) == 0


async def test_t24_who_waits_for_room_holds_up_no_large_request(parties: Local, port: int) -> None:
    """A session's reads that wait for its own answers to be taken leave their turns to others."""
    browser, tokens = await granted(parties)
    other, others = await granted(parties, 2 * LIGHT_ITEMS, 1)
    async with AsyncExitStack() as stack:
        for _ in range(2 + AT_ONCE):
            slow = await stack.enter_async_context(narrow(port))
            slow.send(reading(browser, tokens))
        await asyncio.sleep(1)
        async with asyncio.timeout(3):
            assert await other.read(*others) == ["x"] * len(others)


async def test_t24_answer_that_is_not_taken_in_time_is_cut_off(
    parties: Local, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever takes a bit of his answer now and then loses the connection, and the place."""
    monkeypatch.setattr(held, "SEND_SECONDS", 0.5)
    browser, tokens = await granted(parties)
    async with narrow(port) as slow:
        slow.send(reading(browser, tokens))
        got = 0
        for _ in range(10):
            got += len(await slow.reader.read(50_000))
            await asyncio.sleep(0.1)
        assert taken(parties) == 0
        assert got + len(await slow.ended()) < SIZE * COUNT
    assert await still_serves(port)


async def test_what_is_light_needs_no_place(parties: Local) -> None:
    """Small answers, and refusals, hold nothing; the first larger one does, and gives it back."""
    places, seen = parties.tokenizer.services.answers, list[int]()
    take = places.take

    def noted(application: str, holder: str, size: int = 1) -> object:
        seen.append(size)
        return take(application, holder, size)

    object.__setattr__(places, "take", noted)
    browser, tokens = await granted(parties, LIGHT_ANSWER // 302 + 1, 1)
    await browser.read(*tokens[1:])
    assert seen == []
    await browser.read(*tokens)
    assert seen == [302 * len(tokens)]
    assert taken(parties) == 0
