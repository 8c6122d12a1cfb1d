"""Backups while the tokenizer runs, and of nothing at all."""

import asyncio
from pathlib import Path

import pytest

from lunasec.errors import (
    StoreDamaged,
    Unavailable,
)
from lunasec.tokenizer import copies
from lunasec.tokenizer.core.audit import verify_chain
from lunasec.tokenizer.embedded import DataDirectory
from lunasec.tokenizer.stores import sqlite_copy
from tests.durability.filled import fill, opened
from tests.stores.made_up import NOW, Apply, put_record
from tests.stores.whole import Whole

LATER = NOW + 1000


async def _work(whole: Whole) -> None:
    number = 1
    while True:
        number += 1
        await whole.gate.admit(Apply(put_record(number)))


async def test_a_backup_is_made_while_the_tokenizer_works(tmp_path: Path) -> None:
    """Under load a backup is whole, of one instant, and nobody has to wait for it."""
    directory = DataDirectory(path=tmp_path / "data")

    async def use(whole: Whole) -> None:
        frame = await whole.log_in()
        busy = asyncio.ensure_future(_work(whole))
        for number in range(3):
            await asyncio.to_thread(copies.backup, directory, tmp_path / f"{number}.backup")
            await whole.readable(frame, [])
        busy.cancel()

    await opened(directory, use)
    ends = [
        verify_chain(sqlite_copy.links(tmp_path / f"{number}.backup"), None).sequence
        for number in range(3)
    ]
    assert 0 < ends[0] < ends[1] < ends[2]


async def test_a_running_tokenizer_is_not_restored(tmp_path: Path) -> None:
    """Stop it first: it would go on writing into a file that is no longer there."""
    filled = await fill(tmp_path / "data")
    backup = tmp_path / "lunasec.backup"

    async def use(_: Whole) -> None:
        copies.backup(filled.directory, backup)
        with pytest.raises(StoreDamaged, match="in use"):
            copies.restore(filled.directory, backup, now=LATER)

    await opened(filled.directory, use)


def test_a_backup_of_nothing_is_refused(tmp_path: Path) -> None:
    """Where there is no database, none is made, and no backup."""
    with pytest.raises(Unavailable):
        copies.backup(DataDirectory(path=tmp_path), tmp_path / "b")
    assert list(tmp_path.iterdir()) == []
