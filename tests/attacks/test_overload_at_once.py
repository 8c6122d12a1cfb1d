"""T24: what strangers send at one instant costs no more than one after the other."""

import asyncio
from pathlib import Path

from lunasec.tokenizer.stores.sqlite import SqliteStore
from tests.http.local import local
from tests.http.parties import UNKNOWN


async def test_t24_strangers_at_one_instant_fill_no_log(tmp_path: Path) -> None:
    """What was made up and waits for the disk together costs no more entries; a log-in goes on."""
    store = SqliteStore(tmp_path / "lunasec.db")
    async with local(tmp_path, store) as parties:
        before = (await store.head()).sequence
        strangers = [parties.browser() for _ in range(300)]
        for each in strangers:
            each.cookies["__Host-lunasec-payroll"] = "B" * 42 + "A"
        asked = [each.asks("/detokenize", tokens=[UNKNOWN]) for each in strangers]
        asked += [each.follow("B" * 42 + "A") for each in strangers]
        answers = await asyncio.gather(*asked)
        assert {each.status_code for each in answers[:300]} == {401}
        codes = [each.status_code for each in answers[300:]]
        assert (codes.count(403), codes.count(429)) == (200, 100)
        assert (await store.head()).sequence - before == 400
        assert await (await parties.visitor()).lives()


async def test_t24_one_handle_at_one_instant_fills_no_log(tmp_path: Path) -> None:
    """A handle that was offered, presented three hundred times at once, is refused two hundred."""
    store = SqliteStore(tmp_path / "lunasec.db")
    async with local(tmp_path, store) as parties:
        browser = parties.browser()
        handle = await parties.handle(await browser.state(), browser.session)
        before = (await store.head()).sequence
        answers = await asyncio.gather(*[browser.follow(handle) for _ in range(300)])
        codes = [each.status_code for each in answers]
        assert (codes.count(204), codes.count(403), codes.count(429)) == (1, 200, 99)
        assert (await store.head()).sequence - before == 201
