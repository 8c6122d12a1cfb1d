"""A disk that fails during a restore or a backup: an error, and the old database or a refusal."""

import re
import shutil
import sys
from pathlib import Path

import pytest

from lunasec.tokenizer import copies
from lunasec.tokenizer.embedded import DataDirectory
from tests.durability.filled import Filled, state
from tests.durability.interrupted import BACKUP
from tests.durability.trace import faulty
from tests.stores.made_up import NOW

CALLS = ("pwrite64", "fdatasync", "fsync", "rename", "ftruncate", "openat")


def failing(work: str, folder: Path, call: str, number: int) -> bool:
    """Do some work while a call on its files fails from the `number`th on; say if it ended well."""
    data = folder / "data"
    names = ["", ".lunasec.db.new", ".lunasec.db.new-wal", "lunasec.db", "high-water.json"]
    names += [".high-water.json.new", ".audit-head.json.new"]
    paths = [data / name for name in names] + [folder / ".second.backup.new", folder]
    command = [sys.executable, "-m", "tests.durability.interrupted", work, str(folder)]
    finished = faulty(command, f"{call}:error=EIO:when={number}+", *paths)
    assert finished.returncode in {0, 1}
    assert finished.returncode == 0 or re.search(
        rb"lunasec\.(?:errors\.|damage\.|problem\.Unavailable:)", finished.stderr
    )
    return finished.returncode == 0


@pytest.mark.parametrize("call", CALLS)
def test_a_restore_fails_as_a_whole(filled: Filled, tmp_path: Path, call: str) -> None:
    """Whichever call fails for good: no mix of databases, and done again it works."""
    number, done = 0, False
    while not done:
        number += 1 if number < 4 else 5  # all of them take minutes
        folder = tmp_path / f"{number}"
        shutil.copytree(tmp_path / "in-use", folder)
        directory = DataDirectory(path=folder / "data")
        done = failing("restore", folder, call, number)
        now = state(directory, filled)
        assert now == "new" if done else now in {"old", "refused", "new"}
        copies.restore(directory, folder / BACKUP, now=NOW)
        assert state(directory, filled) == "new"
    assert number > 1 or call == "ftruncate"


@pytest.mark.parametrize("call", ["pwrite64", "fdatasync", "fsync", "rename"])
def test_a_backup_fails_as_a_whole(filled: Filled, tmp_path: Path, call: str) -> None:
    """Whichever call fails for good: there is no half of a backup under its name."""
    number, done = 0, False
    while not done:
        number += 1 if number < 4 else 5
        folder = tmp_path / f"{number}"
        shutil.copytree(tmp_path / "in-use", folder)
        directory = DataDirectory(path=folder / "data")
        done = failing("backup", folder, call, number)
        second = folder / "second.backup"
        assert second.exists() or not done
        if second.exists():
            copies.restore(directory, second, now=NOW)
            assert state(directory, filled) == "new"
        else:
            assert state(directory, filled) == "old"
            assert sorted(each.name for each in folder.iterdir()) == ["data", BACKUP]
