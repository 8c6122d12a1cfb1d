"""A disk that is full, under a real process: `unavailable`, and nothing acknowledged or lost."""

import resource
import sqlite3
from contextlib import closing
from pathlib import Path

from tests.http.parties import UNKNOWN, code, sealed
from tests.http.remote import Remote, remote

LONG = "x" * 60_000
TRIES = 200
UNLIMITED = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)


def limit_files(parties: Remote, size: int | None) -> None:
    """Let no file of the tokenizer's grow beyond `size` bytes, as if its disk were full there."""
    limits = UNLIMITED if size is None else (size, resource.RLIM_INFINITY)
    resource.prlimit(parties.server.process.pid, resource.RLIMIT_FSIZE, limits)


def records(folder: Path) -> int:
    """Count the values in the database."""
    with closing(sqlite3.connect(folder / "data/lunasec.db")) as connection:
        found: int = connection.execute("SELECT count(*) FROM records").fetchone()[0]
        return found


async def test_a_full_disk_acknowledges_nothing(tmp_path: Path) -> None:
    """Writes, and reads that can't be written down, are 503; with room again all goes on."""
    async with remote(tmp_path) as parties:
        browser = await parties.visitor()
        tokens = await browser.store("before")
        await parties.grant(browser.session, tokens)
        limit_files(parties, 512 * 1024)
        answer = await browser.asks("/tokenize", values=[sealed(LONG)])
        while answer.status_code == 200:
            tokens += answer.json()["tokens"]
            assert len(tokens) < TRIES
            answer = await browser.asks("/tokenize", values=[sealed(LONG)])
        assert (answer.status_code, code(answer)) == (503, "unavailable")
        kept = records(tmp_path)
        assert kept == len(tokens)
        limit_files(parties, 0)
        answer = await browser.asks("/detokenize", tokens=tokens[:1])
        assert (answer.status_code, code(answer)) == (503, "unavailable")
        granted = await parties.ask("/grants", session=browser.session, tokens=[UNKNOWN])
        assert (granted.status_code, code(granted)) == (503, "unavailable")
        assert records(tmp_path) == kept
        limit_files(parties, None)
        assert await browser.read(*tokens[:1]) == ["before"]
        tokens += await browser.store("after")
        assert records(tmp_path) == kept + 1
