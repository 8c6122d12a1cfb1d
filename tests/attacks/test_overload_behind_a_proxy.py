"""T24 behind an auth proxy: who has an account there fills no log with refused entries."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable
from pathlib import Path
from typing import Any, Final

import pytest
import pytest_asyncio

from lunasec.tokenizer.stores.sqlite import SqliteStore
from tests.http.parties import UNKNOWN, code
from tests.http.proxies import Behind, ProxiedBrowser, behind

MANY: Final = 300
FULL: Final = 200
WRONG: Final = "A" * 43


@pytest_asyncio.fixture
async def proxied(tmp_path: Path) -> AsyncGenerator[Behind]:
    """Give a tokenizer behind a proxy."""
    async with behind(tmp_path) as made:
        yield made


async def changed(proxied: Behind) -> ProxiedBrowser:
    """Have a session, and name another one."""
    eve = await proxied.visitor("eve")
    eve.session = WRONG
    return eve


async def ended(proxied: Behind) -> ProxiedBrowser:
    """Go on after a log-out."""
    eve = await proxied.visitor("eve")
    await proxied.parties.told("/session/end", session=eve.session)
    return eve


async def new(proxied: Behind) -> ProxiedBrowser:
    """Name another session before there is one."""
    eve = proxied.browser("eve")
    eve.session = WRONG
    return eve


Whose = Callable[[Behind], Awaitable[ProxiedBrowser]]
READ: Final[tuple[str, dict[str, Any]]] = ("/detokenize", {"tokens": [UNKNOWN]})
ENSURE: Final[tuple[str, dict[str, Any]]] = ("/session/ensure", {})
FLOODS: Final[dict[str, tuple[Whose, tuple[str, dict[str, Any]], str]]] = {
    "another session, ensured": (changed, ENSURE, "session_changed"),
    "another session, read": (changed, READ, "session_changed"),
    "an ended session, ensured": (ended, ENSURE, "session_ended"),
    "an ended session, read": (ended, READ, "session_ended"),
    "no session yet, ensured": (new, ENSURE, "session_changed"),
    "no session yet, read": (new, READ, "session_changed"),
}


@pytest.mark.parametrize("name", FLOODS)
async def test_t24_refused_entries_fill_no_log(proxied: Behind, name: str) -> None:
    """Beyond the budget they cost no entry, and are answered as before; nobody else waits."""
    whose, (path, body), refusal = FLOODS[name]
    ada, eve = await proxied.visitor(), await whose(proxied)
    before = len(await proxied.parties.audit())
    answers = [await eve.asks(path, **body) for _ in range(MANY)]
    assert Counter((each.status_code, each.text) for each in answers).most_common() == [
        ((answers[0].status_code, answers[0].text), MANY)
    ]
    assert code(answers[0]) == refusal
    assert len(await proxied.parties.audit()) - before == FULL
    await is_served(ada)
    await is_served(proxied.browser("bob"))
    proxied.parties.clock.now += 11 * 60
    await is_served(ada)


async def test_t24_refused_entries_at_one_instant_fill_no_log(tmp_path: Path) -> None:
    """Nor do those that wait for the disk together, whatever they ask for."""
    store = SqliteStore(tmp_path / "lunasec.db")
    async with behind(tmp_path, store=store) as proxied:
        flood = [await each(proxied) for each in (changed, ended, new)]
        before = (await store.head()).sequence
        asked = [eve.asks(path, **body) for eve in flood * 50 for path, body in (READ, ENSURE)]
        answers = await asyncio.gather(*asked)
        assert Counter(map(code, answers)) == {"session_changed": 200, "session_ended": 100}
        assert (await store.head()).sequence - before == FULL


async def is_served(browser: ProxiedBrowser) -> None:
    """See that a good session is entered, or lives on, and renews."""
    assert (await browser.asks("/session/ensure", renew=True)).json()["active"] is True
    assert await browser.read(UNKNOWN) == [None]
