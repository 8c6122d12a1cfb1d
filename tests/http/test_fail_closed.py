"""In doubt, no: whatever is broken, the documented answer comes within two seconds."""

import asyncio
import sqlite3
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import httpx
import pytest
import pytest_asyncio

from lunasec.tokenizer.stores.sqlite import SqliteStore
from tests.http.faulty import Broken, Hanging
from tests.http.keyed import Keyed, document_handle, keyed, page
from tests.http.local import Local, local
from tests.http.parties import Browser, code, sealed

Asking = Callable[[], Awaitable[httpx.Response]]

SECONDS: Final = 2.5  # two, and what a busy machine adds
CALLS: Final = (
    "end",
    "tokenize",
    "detokenize",
    "describe",
    "grant",
    "offer",
    "bootstrap",
    "document",
    "register",
    "signed",
    "verify",  # last: what hung last may still be done, and this one does nothing
)


class Scene:
    """A browser with a granted token, and everything that can be asked of a tokenizer then."""

    def __init__(
        self, parties: Local, browser: Browser, token: str, handle: str, ada: Keyed
    ) -> None:
        """Keep what was prepared while all was well; `ada` has no cookies."""
        self.parties, self.browser, self.token = parties, browser, token
        self._asks: dict[str, Asking] = {
            "tokenize": lambda: browser.asks("/tokenize", values=[sealed("x")]),
            "detokenize": lambda: browser.asks("/detokenize", tokens=[token]),
            "describe": lambda: browser.asks("/tokens/describe", tokens=[token]),
            "grant": lambda: parties.ask("/grants", session=browser.session, tokens=[token]),
            "verify": lambda: parties.ask(
                "/grants/verify", session=browser.session, tokens=[token]
            ),
            "offer": lambda: parties.ask(
                "/session/handles",
                state="A" * 43,
                session=browser.session,
                origin="http://app.lunasec.localhost:1",
                expires_in=900,
            ),
            "bootstrap": lambda: browser.stolen().follow(handle),
            "document": lambda: ada.loads(ada.handle),
            "register": lambda: page(parties).registers(ada.handle),
            "signed": lambda: ada.asks("/session/ensure"),
            "end": lambda: parties.ask("/session/end", session=browser.session),
        }

    async def ask(self, call: str) -> httpx.Response:
        """Ask, and get an answer in time."""
        async with asyncio.timeout(SECONDS):
            return await self._asks[call]()


async def _prepared(parties: Local) -> Scene:
    browser = await parties.visitor()
    [token] = await browser.store("123-45-6789")
    await parties.grant(browser.session, [token])
    handle = await parties.handle(await browser.state(renew=True), browser.session)
    ada = await keyed(parties)
    ada.handle = await document_handle(parties, ada.session)
    return Scene(parties, browser, token, handle, ada)


@pytest_asyncio.fixture
async def scene(tmp_path: Path) -> AsyncGenerator[Scene]:
    """Prepare everything on SQLite."""
    async with local(tmp_path, SqliteStore(tmp_path / "lunasec.db")) as parties:
        yield await _prepared(parties)


def _connections(scene: Scene) -> tuple[sqlite3.Connection, sqlite3.Connection]:
    store = vars(scene.parties.tokenizer.store)
    return store["_connection"], store["_reader"]


@contextmanager
def read_only(scene: Scene) -> Generator[None]:
    """Let every write fail, as on a file system that went read-only."""
    writer, _ = _connections(scene)
    writer.execute("PRAGMA query_only = ON")
    yield
    writer.execute("PRAGMA query_only = OFF")


@contextmanager
def full(scene: Scene) -> Generator[None]:
    """Let the database grow no further, as on a full disk."""
    writer, _ = _connections(scene)
    [pages] = writer.execute("PRAGMA page_count").fetchone()
    writer.execute(f"PRAGMA max_page_count = {pages}")
    yield
    writer.execute("PRAGMA max_page_count = 1000000")


@contextmanager
def held(scene: Scene) -> Generator[None]:
    """Hold the database's lock, so that each write waits."""
    [path] = [row[2] for row in _connections(scene)[1].execute("PRAGMA database_list")]
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    yield
    other.execute("ROLLBACK")
    other.close()


FAULTS: Final = {"read-only": read_only, "held": held}


def _is_refused(answer: httpx.Response, fault: str) -> None:
    assert (answer.status_code, code(answer)) == (503, "unavailable"), fault
    assert "set-cookie" not in answer.headers
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("fault", FAULTS)
async def test_store_that_can_not_write_answers_no(scene: Scene, fault: str) -> None:
    """Nothing is kept, released, granted, verified or opened when nothing can be written down."""
    with FAULTS[fault](scene):
        for call in CALLS:
            _is_refused(await scene.ask(call), fault)
    assert await scene.browser.read(scene.token) == ["123-45-6789"]
    await scene.browser.log_in(renew=True)


async def test_store_that_is_full_answers_no(scene: Scene) -> None:
    """On a full disk nothing is acknowledged that is not written; then all goes on by itself."""
    _, reader = _connections(scene)
    count = "SELECT count(*) FROM audit WHERE line LIKE '%token.read%'"
    [before] = reader.execute(count).fetchone()
    with full(scene):
        stored = [await scene.ask("tokenize") for _ in range(60)]
        read = [await scene.ask("detokenize") for _ in range(60)]
    kept = [each for each in stored if each.status_code == 200]
    done = [each for each in read if each.status_code == 200]
    for each in (*stored[len(kept) :], *read[len(done) :]):
        _is_refused(each, "full")
    assert max(len(kept), len(done)) < 60
    assert reader.execute(count).fetchone() == (before + len(done),)
    tokens = [each.json()["tokens"][0] for each in kept]
    await scene.parties.grant(scene.browser.session, tokens)
    assert await scene.browser.read(*tokens) == ["x"] * len(tokens)


async def test_many_wait_no_longer_than_one(scene: Scene) -> None:
    """Where a write hangs, forty that wait together are all answered in time."""
    with held(scene):
        for answer in await asyncio.gather(*(scene.ask("tokenize") for _ in range(40))):
            _is_refused(answer, "held")
    assert (await scene.ask("tokenize")).status_code == 200


async def test_store_that_hangs_answers_no(tmp_path: Path) -> None:
    """A store that says nothing at all is given up in time, for every call."""
    store = Hanging()
    async with local(tmp_path, store) as parties:
        scene = await _prepared(parties)
        store.hangs = True
        answers = await asyncio.gather(*map(scene.ask, CALLS))
        for answer in answers:
            _is_refused(answer, "hangs")
        store.hangs = False
        assert await scene.browser.read(scene.token) == ["123-45-6789"]


async def test_store_that_is_down_answers_no(tmp_path: Path) -> None:
    """Without its store, every call is refused, and so is the question for a session."""
    store = Broken()
    async with local(tmp_path, store) as parties:
        scene = await _prepared(parties)
        store.hangs = True
        for call in CALLS:
            _is_refused(await scene.ask(call), "down")
        _is_refused(await scene.browser.asks("/session/ensure"), "down")


@pytest.mark.parametrize("behind", [31, 3600, 10 * 24 * 3600])
async def test_clock_behind_believes_no_credential(scene: Scene, behind: int) -> None:
    """A credential from the future is none, however far: the two clocks differ, so it is no."""
    parties = scene.parties
    token = parties.credentials["payroll"].token(parties.clock())
    parties.clock.now -= behind
    for path in ("/grants", "/grants/verify", "/session/handles", "/session/end"):
        answer = await parties.client.post(
            path, json={}, headers={"authorization": f"Bearer {token}"}
        )
        assert code(answer) == "credential_invalid"
