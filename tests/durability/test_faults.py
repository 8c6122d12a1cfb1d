"""A disk that is full or fails, a process out of files: refused, not half done, not for ever."""

import asyncio
import signal
import sys
from pathlib import Path

import pytest

from lunasec.errors import LunaSecError
from lunasec.tokenizer.embedded import DataDirectory
from tests.durability.killing import check, whole_database
from tests.durability.trace import faulty
from tests.durability.worker import read_notes

FILES = ("lunasec.db", "lunasec.db-wal", "high-water.json", ".high-water.json.new", "")


def life(folder: Path) -> list[str | Path]:
    """Say how to live a tokenizer's short life."""
    folder.mkdir()
    return [sys.executable, "-m", "tests.durability.recorded", folder]


def left(folder: Path) -> list[str]:
    """Say what does not agree with what clients were told."""
    directory = DataDirectory(path=folder / "data")
    try:
        told = asyncio.run(check(directory, read_notes(folder / "notes")))
        return told + whole_database(directory)
    except LunaSecError as error:
        return [f"{type(error).__name__}: {error.detail}"]


# Where too few calls fail for anybody to notice, the operations were tried again, each alone.
FAULTS = [
    ("pwrite64", "ENOSPC", "300..340", "noticed"),
    ("pwrite64", "EIO", "150..152", "noticed"),
    ("pwrite64", "EIO", "401", ""),
    ("fdatasync", "EIO", "20..24", "noticed"),
    ("fdatasync", "ENOSPC", "40", ""),
    ("fsync", "EIO", "12..20", "noticed"),
    ("rename", "ENOSPC", "5..9", "noticed"),
    ("openat", "EMFILE", "40..80", "noticed"),
    ("ftruncate", "EIO", "2..4", ""),
]


@pytest.mark.parametrize(("call", "error", "when", "noticed"), FAULTS)
def test_it_refuses_and_goes_on(
    tmp_path: Path, call: str, error: str, when: str, noticed: str
) -> None:
    """While calls fail nothing is acknowledged that is not done; afterwards all is as before."""
    folder = tmp_path / "life"
    paths = [folder / "data" / name for name in FILES]
    finished = faulty(life(folder), f"{call}:error={error}:when={when}", *paths)
    assert finished.returncode == 0, finished.stderr
    assert left(folder) == []
    assert bool(noticed) <= (int(finished.stdout) > 0)


KILLS = [
    ("pwrite64", 40),
    ("pwrite64", 200),
    ("pwrite64", 500),
    ("fdatasync", 6),
    ("fdatasync", 30),
    ("fdatasync", 60),
    ("fsync", 5),
    ("fsync", 20),
    ("rename", 2),
    ("rename", 8),
    ("ftruncate", 3),
    ("unlink", 9),
]


def killed(folder: Path, call: str, number: int) -> int:
    """End the process in its `number`th call of a kind; return how it ended."""
    finished = faulty(life(folder), f"{call}:signal=KILL:when={number}")
    assert left(folder) == []
    return finished.returncode


@pytest.mark.parametrize(("call", "number"), KILLS)
def test_any_call_can_be_the_last(tmp_path: Path, call: str, number: int) -> None:
    """A process that ends within a write, a sync or a rename has lost nothing it told."""
    assert killed(tmp_path / "life", call, number) in {-signal.SIGKILL, 128 + signal.SIGKILL}


@pytest.mark.soak
@pytest.mark.timeout(7200)
@pytest.mark.parametrize(
    "call", ["pwrite64", "fdatasync", "fsync", "rename", "ftruncate", "unlink"]
)
def test_each_call_can_be_the_last(tmp_path: Path, call: str) -> None:
    """The same at every single one, until the life is over before it."""
    number, code = 0, -signal.SIGKILL
    while code != 0:
        number += 1
        code = killed(tmp_path / f"{number}", call, number)
    assert number > 5
