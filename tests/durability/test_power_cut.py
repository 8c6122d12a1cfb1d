"""The power is cut at any sync: whatever was not synced may be lost, what was told is not."""

import asyncio
import random
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest

from lunasec.errors import LunaSecError
from lunasec.tokenizer.embedded import DataDirectory
from tests.durability.disk import Disk
from tests.durability.killing import check, whole_database
from tests.durability.trace import Named, Removed, Resized, Step, Synced, Written, traced
from tests.durability.worker import Note

UNKNOWN_AFTER_A_CUT = ("-shm", ".lock")
"""Shared memory and a lock hold nothing that has to outlive the machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """The files that are left after a power cut, and what clients had noted by then."""

    files: dict[Path, bytes]
    notes: list[Note]


def recorded(folder: Path, synchronous: str = "FULL") -> list[Step]:
    """Record the short life of a tokenizer."""
    life = folder / "life"
    life.mkdir()
    command = [sys.executable, "-m", "tests.durability.recorded", str(life), synchronous]
    steps = traced(command, life, folder / "trace")
    assert {type(each) for each in steps} >= {Written, Synced, Named, Removed, Resized}
    return steps


def cuts(steps: list[Step], every: int, chances: int) -> Iterator[Cut]:
    """Cut the power before every so many syncs: all that is pending lost, or some of it."""
    disk, notes, syncs = Disk(), list[Note](), 0
    for step in steps:
        if isinstance(step, Synced):
            syncs += 1
            if syncs % every == 0:
                for seed in (None, *range(chances)):
                    chance = None if seed is None else random.Random(f"{syncs} {seed}")  # noqa: S311
                    yield Cut(files=disk.image(chance), notes=list(notes))
        if isinstance(step, Written) and step.path.name == "notes":
            notes += [msgspec.json.decode(line, type=Note) for line in step.data.splitlines()]
        disk.take(step)
    yield Cut(files=disk.image(None), notes=notes)


def lost(cut: Cut, folder: Path) -> list[str]:
    """Start again from what is left, and say what does not agree with the notes."""
    directory = DataDirectory(path=folder / "data")
    for path, data in cut.files.items():
        if path.parent.name == "data" and not path.name.endswith(UNKNOWN_AFTER_A_CUT):
            directory.path.mkdir(mode=0o700, exist_ok=True)
            (directory.path / path.name).touch(mode=0o600)
            (directory.path / path.name).write_bytes(data)
    try:
        return asyncio.run(check(directory, cut.notes)) + whole_database(directory)
    except LunaSecError as error:
        return [f"{type(error).__name__}: {error.detail}"]
    finally:
        shutil.rmtree(directory.path, ignore_errors=True)


def test_what_was_acknowledged_outlives_a_power_cut(tmp_path: Path) -> None:
    """At syncs all through a tokenizer's life, its first start included."""
    steps = recorded(tmp_path)
    looked = [(cut, lost(cut, tmp_path)) for cut in cuts(steps, every=3, chances=1)]
    assert [wrong for _, wrong in looked if wrong] == []
    assert len(looked) > 100
    assert len(looked[-1][0].notes) > 50


@pytest.mark.parametrize("synchronous", ["NORMAL", "OFF"])
def test_without_syncs_it_would_not(tmp_path: Path, synchronous: str) -> None:
    """The same test finds acknowledged rows lost when SQLite does not sync at each commit."""
    steps = recorded(tmp_path, synchronous)
    assert any(lost(cut, tmp_path) for cut in cuts(steps, every=5, chances=0))


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_every_sync_can_be_the_last(tmp_path: Path) -> None:
    """At every single sync, with many ways to lose what was pending."""
    steps = recorded(tmp_path)
    assert [
        wrong for cut in cuts(steps, every=1, chances=20) if (wrong := lost(cut, tmp_path))
    ] == []
