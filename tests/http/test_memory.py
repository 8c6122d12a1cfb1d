"""A real server's memory grows neither with the size of files nor with their number."""

import asyncio
import secrets
import shutil
from collections.abc import AsyncGenerator, Awaitable, Callable
from pathlib import Path
from typing import Final

import httpx
import pytest
import pytest_asyncio

from lunasec.tokenizer.core.stream import (
    SEGMENT_BYTES,
    sealed_size,
    segment_size,
    segments,
)
from tests.http.parties import Browser, sealed
from tests.http.remote import Remote, remote
from tests.http.sending import plan, put, read

MIB: Final = 2**20
GROWTH: Final = 64 * MIB
FILE: Final = 256 * MIB
LARGE: Final = 2048 * MIB
SENDERS: Final = 12

# The server can't tell it from a sealed one, and sealing would take the test's time.
SEGMENT: Final = secrets.token_bytes(SEGMENT_BYTES)


@pytest_asyncio.fixture
async def server(tmp_path: Path) -> AsyncGenerator[Remote]:
    """Start a tokenizer that has seen a file already, so that what grows once has grown."""
    async with remote(tmp_path) as made:
        browser = await made.visitor()
        await _load(browser, await _store(browser, 8 * MIB), 8 * MIB)
        yield made
    shutil.rmtree(tmp_path / "data")


async def _together(work: Callable[[int], Awaitable[None]], count: int, at_once: int = 4) -> None:
    """Do the same for each number, a few at once."""
    waiting = iter(range(count))

    async def go() -> None:
        for number in waiting:
            await work(number)

    await asyncio.gather(*(go() for _ in range(at_once)))


async def _done(ask: Callable[[], Awaitable[httpx.Response]]) -> httpx.Response:
    """Ask; where all places were taken for too long, ask again, as the frame does."""
    answer = await ask()
    if answer.status_code == 429:
        await asyncio.sleep(float(answer.headers["retry-after"]) / 4)
        return await _done(ask)
    assert answer.status_code in {200, 204}, answer.text
    return answer


async def _store(browser: Browser, length: int) -> str:
    """Send a file of made-up bytes, finish it and grant it."""
    size = sealed_size(length)
    upload = await plan(browser, size)

    async def one(index: int) -> None:
        data = SEGMENT[: segment_size(size, index)]
        await _done(lambda: put(browser, upload, index, data))

    await _together(one, segments(size))
    value = {**sealed("{}", kind="file"), "upload": upload}
    token: str = (await browser.asks("/tokenize", values=[value])).json()["tokens"][0]
    await browser.parties.grant(browser.session, [token])
    return token


async def _load(browser: Browser, token: str, length: int) -> None:
    """Read it all."""
    size = sealed_size(length)

    async def one(index: int) -> None:
        answer = await _done(lambda: read(browser, token, index))
        assert answer.content == SEGMENT[: segment_size(size, index)]

    await _together(one, segments(size))


async def _one_file(server: Remote, length: int) -> None:
    browser = await server.visitor()
    await _load(browser, await _store(browser, length), length)


async def test_t24_large_file_needs_little_memory(server: Remote) -> None:
    """A file of 256 MiB goes up and down, and the server has grown by 64 MiB at most."""
    assert await server.server.process.growth(_one_file(server, FILE)) <= GROWTH


async def test_t24_many_files_need_little_memory(server: Remote) -> None:
    """Twelve sessions send and read at the same time, and some of them ask for too much."""

    async def all_of_them() -> None:
        await asyncio.gather(*(_one_file(server, 16 * MIB) for _ in range(SENDERS)))

    assert await server.server.process.growth(all_of_them()) <= GROWTH


@pytest.mark.soak
@pytest.mark.timeout(3600)
async def test_very_large_file_needs_little_memory(server: Remote) -> None:
    """The same with 2 GiB."""
    assert await server.server.process.growth(_one_file(server, LARGE)) <= GROWTH
