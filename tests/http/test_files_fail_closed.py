"""Files, in doubt: the ledger or the disk is down, hangs, is full. Nothing is acknowledged."""

import asyncio
import errno
import os
import secrets
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

import httpx
import pytest
import pytest_asyncio

from lunasec.tokenizer.core.stream import SEGMENT_BYTES, sealed_size
from lunasec.tokenizer.stores import blobs as directory
from lunasec.tokenizer.stores.blobs import DirectoryBlobs
from lunasec.tokenizer.stores.sqlite import SqliteStore
from tests.http.faulty import Hanging
from tests.http.local import Local, local
from tests.http.parties import Browser, code
from tests.http.sending import Sent, finish, loaded, plan, put, read, send, stored
from tests.http.test_fail_closed import SECONDS

Asking = Callable[[], Awaitable[httpx.Response]]
DATA: Final = secrets.token_bytes(SEGMENT_BYTES + 1000)
SIZE: Final = sealed_size(len(DATA))


class Scene:
    """A browser with a granted file, one that is all there, and one that is not begun."""

    def __init__(self, parties: Local, browser: Browser, token: str, sent: Sent, new: str) -> None:
        """Keep what was prepared while all was well."""
        self.parties, self.browser, self.token, self.sent, self.new = (
            parties, browser, token, sent, new,
        )  # fmt: skip
        self.asks: dict[str, Asking] = {
            "plan": lambda: browser.asks("/files", size=SIZE),
            "put": lambda: put(browser, new, 0, bytes(SEGMENT_BYTES)),
            "missing": lambda: browser.asks("/files/missing", upload=new),
            "finish": lambda: finish(browser, sent),
            "read": lambda: read(browser, token, 1),
            "drop": lambda: browser.asks("/files/drop", upload=new),
        }

    async def ask(self, call: str, seconds: float = SECONDS) -> httpx.Response:
        """Ask, and get an answer in time."""
        async with asyncio.timeout(seconds):
            return await self.asks[call]()

    async def goes_on(self) -> None:
        """See that all works that was refused before, and that nothing was lost."""
        assert await loaded(self.browser, self.token) == DATA
        response = await finish(self.browser, self.sent)
        token = response.json()["tokens"][0]
        await self.parties.grant(self.browser.session, [token])
        assert await loaded(self.browser, token) == DATA
        assert (await self.ask("put")).status_code == 204
        assert (await self.ask("missing")).json() == {"missing": [[1, 1]]}


async def prepared(parties: Local) -> Scene:
    """Prepare everything."""
    browser = await parties.visitor()
    token, sent = await stored(browser, DATA), await send(browser, DATA)
    return Scene(parties, browser, token, sent, await plan(browser, SIZE))


@pytest_asyncio.fixture
async def scene(tmp_path: Path) -> AsyncGenerator[Scene]:
    """Prepare everything on SQLite and a directory."""
    store, blobs = SqliteStore(tmp_path / "lunasec.db"), DirectoryBlobs(tmp_path / "blobs")
    async with local(tmp_path, store, blobs) as parties:
        yield await prepared(parties)


def _is_refused(answer: httpx.Response, why: str = "unavailable") -> None:
    assert (answer.status_code, code(answer)) == (503, why)
    assert answer.headers["cache-control"] == "no-store"


def _failing(monkeypatch: pytest.MonkeyPatch, call: str, number: int) -> Callable[[], None]:
    """Let a call on the disk fail, as the system does; gives the way to mend it."""
    real = getattr(os, call)

    def failing(*_arguments: Any, **_named: Any) -> Any:  # noqa: ANN401 - as `os` has them
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, call, failing)
    return lambda: monkeypatch.setattr(os, call, real)


FAULTS: Final = [
    ("write", errno.ENOSPC, {"put"}),
    ("write", errno.EDQUOT, {"put"}),
    ("write", errno.EIO, {"put"}),
    ("fsync", errno.EIO, {"put", "finish"}),
    ("open", errno.EMFILE, {"put", "missing", "finish", "read"}),
    ("pread", errno.EIO, {"read"}),
    ("statvfs", errno.EIO, {"put"}),
]


@pytest.mark.parametrize(("call", "number", "refused"), FAULTS)
async def test_disk_that_fails_answers_no(
    scene: Scene,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    call: str,
    number: int,
    refused: set[str],
) -> None:
    """Full, failing, out of files: 503 for what needs the disk, and no half of a segment stays."""
    before = sorted((tmp_path / "blobs").rglob("*"))
    mend = _failing(monkeypatch, call, number)
    for each in sorted(refused):
        full = number in {errno.ENOSPC, errno.EDQUOT}
        _is_refused(await scene.ask(each), "storage_full" if full else "unavailable")
    mend()
    assert list((tmp_path / "blobs/.new").iterdir()) == []
    there = [each for each in (tmp_path / "blobs").rglob("*") if each.is_file()]
    assert sorted(there) == [each for each in before if each.is_file()]
    await scene.goes_on()


@contextmanager
def read_only(scene: Scene) -> Generator[None]:
    """Let every write to the ledger fail."""
    writer = vars(scene.parties.tokenizer.store)["_connection"]
    writer.execute("PRAGMA query_only = ON")
    yield
    writer.execute("PRAGMA query_only = OFF")


async def test_ledger_that_can_not_write_answers_no(scene: Scene) -> None:
    """Nothing is planned, finished or dropped that can't be written down."""
    with read_only(scene):
        for call in ("plan", "finish", "drop"):
            _is_refused(await scene.ask(call))
        # A refusal has to be written down as well: then it is that, and not a "no" unseen.
        _is_refused(await scene.browser.asks("/files/missing", upload="A" * 43))
    await scene.goes_on()


async def test_ledger_that_hangs_answers_no(tmp_path: Path) -> None:
    """A ledger that says nothing at all is given up in time."""
    store = Hanging()
    async with local(tmp_path, store) as parties:
        scene = await prepared(parties)
        store.hangs = True
        for call in ("plan", "finish", "drop"):
            _is_refused(await scene.ask(call))
        store.hangs = False
        await scene.goes_on()


async def test_disk_that_hangs_answers_no(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A disk that does not answer is given up; everything that needs no file works all the while.

    What it does when it comes to itself harms nothing: nobody was told that it was done.
    """
    monkeypatch.setattr(directory, "SECONDS", 0.3)
    real, release = os.fsync, asyncio.Event()
    loop = asyncio.get_running_loop()

    def hanging(descriptor: int) -> None:
        asyncio.run_coroutine_threadsafe(release.wait(), loop).result()
        real(descriptor)

    def hanging_directory(_path: Path) -> None:
        asyncio.run_coroutine_threadsafe(release.wait(), loop).result()

    monkeypatch.setattr(os, "fsync", hanging)
    monkeypatch.setattr(directory, "sync_directory", hanging_directory)
    for call in ("put", "finish"):
        _is_refused(await scene.ask(call))
    monkeypatch.undo()
    [token] = await scene.browser.store("x")
    await scene.parties.grant(scene.browser.session, [token])
    assert await scene.browser.read(token) == ["x"]
    release.set()
    for _ in range(100):
        await asyncio.sleep(0.02)
        if not list((tmp_path / "blobs/.new").iterdir()):
            break
    await scene.goes_on()


async def test_a_disk_that_is_nearly_full_takes_no_file(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is left of it is the database's: values are still stored, and files wait for room."""
    real = os.statvfs

    def nearly(path: Path) -> object:
        disk = real(path)
        free = directory.LEFT_FREE // disk.f_frsize
        return SimpleNamespace(f_bavail=free, f_frsize=disk.f_frsize)

    monkeypatch.setattr(os, "statvfs", nearly)
    _is_refused(await scene.ask("put"), "storage_full")
    [token] = await scene.browser.store("x")
    await scene.parties.grant(scene.browser.session, [token])
    assert await scene.browser.read(token) == ["x"]
    monkeypatch.undo()
    await scene.goes_on()
