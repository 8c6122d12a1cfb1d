"""A start, a restore or a backup that is interrupted anywhere leaves nothing half done."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from lunasec.errors import StoreRolledBack
from lunasec.tokenizer import embedded
from lunasec.tokenizer.embedded import DataDirectory, open_directory
from tests.durability.filled import Filled, fill, opened
from tests.durability.interrupted import BACKUP
from tests.stores.made_up import NOW
from tests.stores.whole import Whole

ROOT = Path(__file__).parents[2]


def interrupted(work: str, folder: Path, results: Path) -> list[Path]:
    """Return the folders that are left when `work` dies before each of its steps."""
    results.mkdir()
    subprocess.run(
        [sys.executable, "-m", "tests.durability.interrupted", work, folder, results],
        cwd=ROOT,
        check=True,
        timeout=100,
    )
    return sorted(results.iterdir())


def test_a_first_start_can_be_interrupted(tmp_path: Path) -> None:
    """Wherever the very first start dies, the second one works, with the keys of the first."""
    (tmp_path / "new").mkdir()
    left = interrupted("start", tmp_path / "new", tmp_path / "results")
    assert len(left) > 8
    for folder in left:
        directory = DataDirectory(path=folder / "data")
        keys = directory.keys.unseal() if directory.keys.exists() else None
        opening = open_directory(directory, now=NOW)
        assert keys is None or opening.keyset.id == keys.id
        opening.store.abandon()
        assert not [each for each in directory.path.iterdir() if ".new" in each.name]


@pytest.fixture
def filled(tmp_path: Path) -> Filled:
    """Fill a directory and back it up; the last thing done is a revocation after the backup."""
    made = asyncio.run(fill(tmp_path / "in-use" / "data"))
    embedded.backup(made.directory, tmp_path / "in-use" / BACKUP)

    async def revoke(whole: Whole) -> None:
        await whole.grants.revoke(whole.back_end, None, made.readable[:1])

    asyncio.run(opened(made.directory, revoke))
    return made


def test_a_restore_can_be_interrupted(filled: Filled, tmp_path: Path) -> None:
    """It leaves the old database, or a refusal until it is done again, or the new one; no mix."""
    left = interrupted("restore", tmp_path / "in-use", tmp_path / "results")
    assert len(left) > 10
    seen: list[str] = []
    for folder in left:
        directory = DataDirectory(path=folder / "data")
        seen.append(_state(directory, filled))
        embedded.restore(directory, folder / BACKUP, now=NOW)
        assert _state(directory, filled) == "new"
    assert [state for state in ("old", "refused", "new") if state in seen] == sorted(
        set(seen), key=seen.index
    )
    assert (seen[0], seen[-1]) == ("old", "new")
    assert "refused" in seen


def _state(directory: DataDirectory, filled: Filled) -> str:
    """Say whether a directory is as before, refused, or restored."""

    async def use(whole: Whole) -> str:
        want = [each is not None for each in await _granted(whole, filled)]
        return {(False, True): "old", (False, False): "new"}[want[0], want[1]]

    try:
        return asyncio.run(opened(directory, use))
    except StoreRolledBack:
        return "refused"


async def _granted(whole: Whole, filled: Filled) -> list[object]:
    records = await whole.vault.describe(whole.back_end, filled.frame.reference, filled.readable)
    return list(records)


def test_a_backup_can_be_interrupted(filled: Filled, tmp_path: Path) -> None:
    """There is no backup, or a whole one, and the database does not notice."""
    left = interrupted("backup", tmp_path / "in-use", tmp_path / "results")
    there = [(folder / "second.backup").exists() for folder in left]
    assert there == sorted(there)
    assert (there[0], there[-1]) == (False, True)
    for folder in left:
        directory = DataDirectory(path=folder / "data")
        assert _state(directory, filled) == "old"
        if (folder / "second.backup").exists():
            embedded.restore(directory, folder / "second.backup", now=NOW)
            assert _state(directory, filled) == "new"
