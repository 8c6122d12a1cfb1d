"""The power is cut during a restore or a backup: nothing half done, and what was told is so."""

import random
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from lunasec.tokenizer import copies
from lunasec.tokenizer.embedded import DataDirectory
from tests.durability.disk import Disk
from tests.durability.filled import Filled, state
from tests.durability.interrupted import BACKUP
from tests.durability.trace import Synced, traced
from tests.stores.made_up import NOW

CHANCES = (None, 1, 2)


def cuts(work: str, folder: Path, trace: Path) -> Iterator[dict[Path, bytes]]:
    """Do some work in a folder; return what is left if the power is cut at each of its syncs."""
    disk = Disk({each: each.read_bytes() for each in folder.rglob("*") if each.is_file()})
    command = [sys.executable, "-m", "tests.durability.interrupted", work, str(folder)]
    for step in traced(command, folder, trace):
        if isinstance(step, Synced):
            for seed in CHANCES:
                yield disk.image(None if seed is None else random.Random(seed))  # noqa: S311
        disk.take(step)
    yield disk.image(None)


def left(files: dict[Path, bytes], old: Path, folder: Path) -> DataDirectory:
    """Write down what is left, elsewhere."""
    shutil.rmtree(folder, ignore_errors=True)
    for path, data in files.items():
        target = folder / path.relative_to(old)
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        target.touch(mode=0o600)
        target.write_bytes(data)
    return DataDirectory(path=folder / "data")


def test_a_restore_outlives_a_power_cut(filled: Filled, tmp_path: Path) -> None:
    """The old database, a refusal, or the new one; once it was told, the new one."""
    in_use, folder = tmp_path / "in-use", tmp_path / "left"
    seen: list[str] = []
    for files in cuts("restore", in_use, tmp_path / "trace"):
        directory = left(files, in_use, folder)
        seen.append(state(directory, filled))
        copies.restore(directory, folder / BACKUP, now=NOW)
        assert state(directory, filled) == "new"
    assert (seen[0], seen[-1]) == ("old", "new")
    assert set(seen) == {"old", "refused", "new"}


def test_a_backup_outlives_a_power_cut(filled: Filled, tmp_path: Path) -> None:
    """There is no backup, or a whole one; once it was told, a whole one."""
    in_use, folder = tmp_path / "in-use", tmp_path / "left"
    there: list[bool] = []
    for files in cuts("backup", in_use, tmp_path / "trace"):
        directory = left(files, in_use, folder)
        assert state(directory, filled) == "old"
        second = folder / "second.backup"
        there.append(second.exists())
        if second.exists():
            copies.restore(directory, second, now=NOW)
            assert state(directory, filled) == "new"
    assert (there[0], there[-1]) == (False, True)
