"""In doubt, no, continued: the key file is gone, or open to others, when the keys are to rotate."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

import httpx
import pytest

from lunasec.errors import KeyFileDamaged
from lunasec.tokenizer import wiring
from lunasec.tokenizer.core.keyset import MAX_AGE
from lunasec.tokenizer.embedded import DataDirectory, open_directory
from tests.http.local import ORIGIN, START, Local, configured, read
from tests.http.parties import Clock, client

FAULTS: Final[dict[str, Callable[[Path], object]]] = {
    "gone": lambda path: path.rename(path.with_suffix(".away")),
    "damaged": lambda path: path.write_bytes(path.read_bytes()[:-40]),
    "open to others": lambda path: path.chmod(0o644),
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_without_its_key_file_nothing_rotates(tmp_path: Path, fault: str) -> None:
    """Upkeep says so and makes no new keys; values are kept and read under the key that there is.

    Once the file is back, the rotation is made up for, and everything opens.
    """
    known, clock = configured(tmp_path), Clock(START)
    directory = DataDirectory(path=tmp_path / "data")
    opened = open_directory(directory, now=START)
    tokenizer = wiring.tokenizer(
        read(tmp_path),
        store=opened.store,
        blobs=opened.blobs,
        keyset=opened.keyset,
        clock=clock,
        rotate=directory.keys.rotate,
        anchor=directory.audit_anchor.keep,
    )
    async with client(transport=httpx.ASGITransport(tokenizer.app), base_url=ORIGIN) as asked:
        parties = Local(
            origin=ORIGIN, client=asked, clock=clock, credentials=known, tokenizer=tokenizer
        )
        [before] = await (await parties.visitor()).store("1")
        path = directory.keys.path
        whole = path.read_bytes()
        FAULTS[fault](path)
        broken = path.read_bytes() if path.exists() else None
        clock.now += MAX_AGE + 1
        with pytest.raises(KeyFileDamaged):
            await tokenizer.upkeep()
        assert (path.read_bytes() if path.exists() else None) == broken
        assert directory.audit_anchor.read() is not None  # the other steps were done
        browser = await parties.visitor()
        [after] = await browser.store("2")
        await parties.grant(browser.session, [before, after])
        assert await browser.read(before, after) == ["1", "2"]
        assert opened.store.newest_keys.wrap == 1
        path.unlink(missing_ok=True)
        path.touch(mode=0o600)
        path.write_bytes(whole)
        await tokenizer.upkeep()
        assert opened.store.newest_keys.wrap == 2
        assert await browser.read(before, after) == ["1", "2"]
    await tokenizer.close()
