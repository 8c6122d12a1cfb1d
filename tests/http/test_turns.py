"""Large requests of one application take turns; nobody else waits for them."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from lunasec.errors import TooManyRequests
from lunasec.tokenizer.http.routes import CALLS
from lunasec.tokenizer.http.turns import AT_ONCE, LIGHT_BYTES, LIGHT_ITEMS, WAITING, Turns
from lunasec.tokenizer.http.wire import items
from lunasec.tokenizer.stores.sqlite import SqliteStore
from tests.http.local import local
from tests.http.parties import CLINIC, Browser
from tests.http.test_wire import GOOD, read_good

LARGE = LIGHT_ITEMS + 1


class Scene:
    """Requests that take a turn each, and how many were under way at once."""

    def __init__(self) -> None:
        """Start with nobody there."""
        self.turns = Turns()
        self.inside = self.most = self.done = 0
        self.go = asyncio.Event()

    async def one(self, application: str = "payroll", *, items: int = LARGE, size: int = 0) -> None:
        """Take a turn, and hold it until `go`."""
        async with self.turns.take(application, items=items, size=size):
            self.inside += 1
            self.most = max(self.most, self.inside)
            await self.go.wait()
            self.inside -= 1
            self.done += 1


async def _settled() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_t24_large_requests_wait_for_each_other() -> None:
    """T24: no more than two of an application are under way at once, and all are served."""
    scene = Scene()
    tasks = [asyncio.create_task(scene.one()) for _ in range(WAITING)]
    await _settled()
    assert scene.inside == AT_ONCE
    scene.go.set()
    await asyncio.gather(*tasks)
    assert (scene.most, scene.done) == (AT_ONCE, WAITING)


async def test_nobody_else_waits() -> None:
    """Small requests, and those of other applications, go on at once."""
    scene = Scene()
    tasks = [asyncio.create_task(scene.one()) for _ in range(10)]
    await _settled()
    others = [asyncio.create_task(scene.one(items=LIGHT_ITEMS, size=LIGHT_BYTES))]
    others += [asyncio.create_task(scene.one("clinic"))]
    await _settled()
    assert scene.inside == AT_ONCE + 2
    scene.go.set()
    await asyncio.gather(*tasks, *others)


@pytest.mark.parametrize(("items", "size"), [(LARGE, 0), (0, LIGHT_BYTES + 1)])
async def test_too_many_are_sent_away(items: int, size: int) -> None:
    """So many may wait; the next is refused, and afterwards there is room again."""
    scene = Scene()
    room = AT_ONCE + WAITING
    tasks = [asyncio.create_task(scene.one(items=items, size=size)) for _ in range(room)]
    await _settled()
    with pytest.raises(TooManyRequests):
        await scene.one(items=items, size=size)
    scene.go.set()
    await asyncio.gather(*tasks)
    await scene.one(items=items, size=size)
    assert scene.done == room + 1


async def test_who_gives_up_leaves_his_place() -> None:
    """A request that is cut off while it waits, or while it has its turn, holds nobody up."""
    scene = Scene()
    tasks = [asyncio.create_task(scene.one()) for _ in range(20)]
    await _settled()
    for each in tasks[:15]:
        each.cancel()
    await asyncio.gather(*tasks[:15], return_exceptions=True)
    scene.go.set()
    await asyncio.gather(*tasks[15:])
    assert scene.done == 5


def test_items_of_every_body_are_counted() -> None:
    """Each body that has tokens or values is counted by them."""
    for kind in {each.body for each in CALLS}:
        body = read_good(kind)
        named = {"tokens", "values"} & set(GOOD[kind])
        assert items(body) == (1 if named else 0), kind


async def test_large_requests_of_one_application_hold_up_no_other(tmp_path: Path) -> None:
    """Beside sixty who read a thousand tokens, over and over, another's read waits for two of them.

    Counted, not timed: how many of theirs are done meanwhile, on the average of many reads. Turns
    are one of several guards of this: the store's lanes and a session's bounds hold alone, too.
    """
    reads, budgets = 30, "reads_per_minute = 1000000"
    most = 2.5 * reads
    async with local(tmp_path, SqliteStore(tmp_path / "db"), clinic=budgets) as parties:
        quiet, loud = await parties.visitor(), await parties.visitor(CLINIC)
        [token], tokens = await quiet.store("x"), await loud.store(*["x"] * 1000)
        await parties.grant(quiet.session, [token])
        await parties.grant(loud.session, tokens, CLINIC)
        done: list[int] = []
        async with _crowd(loud, tokens, done):
            while not done:  # noqa: ASYNC110 - until the first of many is through
                await asyncio.sleep(0.01)
            before, read = len(done), 0
            # Without turns it would go on for minutes: it ends as soon as it is lost.
            while read < reads and len(done) - before < most:
                assert await quiet.read(token) == ["x"]
                read += 1
            meanwhile = len(done) - before
    assert meanwhile < most
    assert set(done) == {200}


@asynccontextmanager
async def _crowd(browser: Browser, tokens: list[str], done: list[int]) -> AsyncGenerator[None]:
    """Let sixty of them read all tokens, over and over, until the block ends, however it does."""
    tasks = [asyncio.create_task(_again(browser, tokens, done)) for _ in range(60)]
    try:
        yield
    finally:
        for each in tasks:
            each.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _again(browser: Browser, tokens: list[str], done: list[int]) -> None:
    while True:
        done.append((await browser.asks("/detokenize", tokens=tokens)).status_code)
        await asyncio.sleep(0)  # A refusal waits for nothing, and nobody else would go on.
