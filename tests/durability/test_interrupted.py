"""A start, a restore or a backup that is interrupted anywhere leaves nothing half done."""

import subprocess
import sys
from pathlib import Path

from lunasec.tokenizer import copies
from lunasec.tokenizer.embedded import DataDirectory, open_directory
from tests.durability.filled import Filled, state
from tests.durability.interrupted import BACKUP
from tests.stores.made_up import NOW

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


def test_a_restore_can_be_interrupted(filled: Filled, tmp_path: Path) -> None:
    """It leaves the old database, or a refusal until it is done again, or the new one; no mix."""
    left = interrupted("restore", tmp_path / "in-use", tmp_path / "results")
    assert len(left) > 10
    seen: list[str] = []
    for folder in left:
        directory = DataDirectory(path=folder / "data")
        seen.append(state(directory, filled))
        copies.restore(directory, folder / BACKUP, now=NOW)
        assert state(directory, filled) == "new"
    assert [state for state in ("old", "refused", "new") if state in seen] == sorted(
        set(seen), key=seen.index
    )
    assert (seen[0], seen[-1]) == ("old", "new")
    assert "refused" in seen


def test_a_backup_can_be_interrupted(filled: Filled, tmp_path: Path) -> None:
    """There is no backup, or a whole one, and the database does not notice."""
    left = interrupted("backup", tmp_path / "in-use", tmp_path / "results")
    there = [(folder / "second.backup").exists() for folder in left]
    assert there == sorted(there)
    assert (there[0], there[-1]) == (False, True)
    for folder in left:
        directory = DataDirectory(path=folder / "data")
        assert state(directory, filled) == "old"
        if (folder / "second.backup").exists():
            copies.restore(directory, folder / "second.backup", now=NOW)
            assert state(directory, filled) == "new"
