"""A log-out that can't be written down or verified is not acknowledged, and may come again."""

import asyncio
import sqlite3
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import httpx
import pytest
import pytest_asyncio

from lunasec.tokenizer.stores.sqlite import SqliteStore
from tests.http.faulty import Broken, Hanging
from tests.http.parties import code
from tests.http.proxies import LOG_OUT, PROVIDER, AuthProxy, Behind, behind

SECONDS: Final = 2.5  # two, and what a busy machine adds
Fault = Callable[[Behind], "Generator[None]"]


async def told(proxied: Behind, token: str) -> httpx.Response:
    """Tell of a log-out, and get an answer in time."""
    async with asyncio.timeout(SECONDS):
        return await proxied.log_out(token)


async def refused_and_then_taken(proxied: Behind, fault: Fault) -> None:
    """Check that it is not acknowledged, and that the same token then logs out.

    What waited for a lock may be done once that is free, behind the answer's back: out is out.
    """
    ada = await proxied.visitor()
    token = proxied.proxy.log_out_token(proxied.parties.clock(), sid=ada.sid)
    with contextmanager(fault)(proxied):
        answer = await told(proxied, token)
    assert (answer.status_code, code(answer)) == (503, "unavailable")
    assert answer.headers["cache-control"] == "no-store"
    assert fault is held or await ada.lives()
    again = await told(proxied, token)
    assert again.status_code == 200 or (fault is held and code(again) == "log_out_invalid")
    assert not await ada.lives()
    assert code(await ada.asks("/session/ensure")) == "session_ended"


@pytest_asyncio.fixture
async def proxied(tmp_path: Path) -> AsyncGenerator[Behind]:
    """Give a tokenizer on SQLite whose identity provider logs users out."""
    store = SqliteStore(tmp_path / "lunasec.db")
    async with behind(tmp_path, PROVIDER + LOG_OUT, store) as made:
        yield made


def read_only(proxied: Behind) -> Generator[None]:
    """Let every write fail, as on a file system that went read-only."""
    writer: sqlite3.Connection = vars(proxied.parties.tokenizer.store)["_connection"]
    writer.execute("PRAGMA query_only = ON")
    yield
    writer.execute("PRAGMA query_only = OFF")


def held(proxied: Behind) -> Generator[None]:
    """Hold the database's lock, so that each write waits."""
    other = sqlite3.connect(proxied.proxy.folder / "lunasec.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    yield
    other.execute("ROLLBACK")
    other.close()


@pytest.mark.parametrize("fault", [read_only, held])
async def test_t25_a_log_out_that_can_not_be_written_down(proxied: Behind, fault: Fault) -> None:
    """`200` would say that it is durable; the identity provider hears `503`, and tries again."""
    await refused_and_then_taken(proxied, fault)


def stopped(proxied: Behind) -> Generator[None]:
    """Let the store answer nothing, or nothing good."""
    store = proxied.parties.tokenizer.store
    assert isinstance(store, Hanging)
    store.hangs = True
    yield
    store.hangs = False


@pytest.mark.parametrize("store", [Hanging, Broken])
async def test_t25_a_log_out_while_the_store_is_down(tmp_path: Path, store: type[Hanging]) -> None:
    """One that hangs is given up in time, as one that is down."""
    async with behind(tmp_path, PROVIDER + LOG_OUT, store()) as proxied:
        await refused_and_then_taken(proxied, stopped)


async def test_t25_a_log_out_that_can_not_be_verified(tmp_path: Path) -> None:
    """Without the identity provider's keys nobody is logged out, and nobody's token used up."""
    lines = f'{PROVIDER}{LOG_OUT}logout_jwks = "identity.jwks.json"\n'
    proxy = AuthProxy(folder=tmp_path)
    proxy.publish()
    identity = (tmp_path / "proxy.jwks.json").rename(tmp_path / "identity.jwks.json")
    async with behind(tmp_path, lines) as proxied:
        keys = identity.read_text()
        identity.unlink()
        ada = await proxied.visitor()
        token = proxied.proxy.log_out_token(proxied.parties.clock(), sid=ada.sid)
        answer = await told(proxied, token)
        assert (answer.status_code, code(answer)) == (503, "unavailable")
        assert await ada.lives()
        identity.write_text(keys)
        proxied.parties.clock.now += 60  # They are looked for again after a while.
        assert (await told(proxied, token)).status_code == 200
        assert not await ada.lives()


@pytest.mark.parametrize("behind_by", [31, 299])
async def test_t25_a_log_out_from_the_future(proxied: Behind, behind_by: int) -> None:
    """A log-out from the future is none: the two clocks differ, so it is no."""
    ada = await proxied.visitor()
    token = proxied.proxy.log_out_token(proxied.parties.clock(), sid=ada.sid)
    proxied.parties.clock.now -= behind_by
    assert code(await told(proxied, token)) == "log_out_invalid"
    proxied.parties.clock.now += behind_by
    assert await ada.lives()
    assert (await told(proxied, token)).status_code == 200
