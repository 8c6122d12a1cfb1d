"""A disk that loses what was not synced, and what is left of it when the power is cut."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.durability.trace import Copied, Named, Removed, Resized, Step, Synced, Written

SECTOR: Final = 512
"""A disk writes a sector whole or not at all; SQLite counts on no more than that."""

EVEN: Final = 0.5

Keeps = Callable[[], bool]


@dataclass(slots=True)
class File:
    """What is on the disk, and what is on its way there."""

    durable: bytearray = field(default_factory=bytearray)
    pending: list[tuple[int, bytes | None]] = field(default_factory=list[tuple[int, bytes | None]])
    size: int = 0

    def write(self, data: bytes, offset: int | None) -> None:
        """Have bytes on their way."""
        start = self.size if offset is None else offset
        self.pending.append((start, data))
        self.size = max(self.size, start + len(data))

    def cut(self, size: int) -> None:
        """Have another size on its way."""
        self.pending.append((size, None))
        self.size = size

    def sync(self) -> None:
        """Let all of it arrive."""
        self.durable = self.left(lambda: True)
        self.pending.clear()

    def left(self, keeps: Keeps) -> bytearray:
        """Return what is there when of all that was on its way some sectors arrived."""
        data = bytearray(self.durable)
        for start, written in self.pending:
            if written is None:
                if keeps():
                    _resize(data, start)
                continue
            for first in range(start - start % SECTOR, start + len(written), SECTOR):
                if keeps():
                    low, high = max(first, start), min(first + SECTOR, start + len(written))
                    _resize(data, max(len(data), high))
                    data[low:high] = written[low - start : high - start]
        return data


def _resize(data: bytearray, size: int) -> None:
    del data[size:]
    data.extend(bytes(size - len(data)))


Change = dict[Path, File | None]
"""Names that come to stand for a file, or for none, all at once."""


class Disk:
    """Files and their names. The names of a folder arrive in order, as in a journal."""

    def __init__(self, files: Mapping[Path, bytes] | None = None) -> None:
        """Start with files that have been there for long."""
        self.names: dict[Path, File] = {
            path: File(durable=bytearray(data), size=len(data))
            for path, data in (files or {}).items()
        }
        self.durable: dict[Path, File] = dict(self.names)
        self.pending: list[Change] = []

    def take(self, step: Step) -> None:  # noqa: C901 - one branch a step
        """Do a step."""
        match step:
            case Written(path=path, data=data, offset=offset):
                self.names[path].write(data, offset)
            case Copied(path=path, source=source, count=count):
                file, start = self.names[path], self.names[path].size
                file.write(bytes(self.names[source].left(lambda: True)[start:][:count]), start)
            case Resized(path=path, size=size):
                self.names[path].cut(size)
            case Synced(path=path) if path in self.names:
                self.names[path].sync()
            case Synced(path=folder):
                self._sync_names(folder)
            case Named(path=path, before=before, kept=kept):
                if before is not None:
                    gone: Change = {} if kept else {before: None}
                    self._change({path: self.names[before], **gone})
                elif path not in self.names:  # otherwise it was opened, not made
                    self._change({path: File()})
            case Removed(path=path):
                if path in self.names:
                    self._change({path: None})

    def image(self, chance: random.Random | None) -> dict[Path, bytes]:
        """Say what is left: nothing that was not synced, or of that as `chance` has it."""
        names = dict(self.durable)
        for change in self.pending[: chance.randint(0, len(self.pending)) if chance else 0]:
            _apply(names, change)
        keeps: Keeps = (lambda: chance.random() < EVEN) if chance else (lambda: False)
        return {path: bytes(file.left(keeps)) for path, file in names.items()}

    def _change(self, change: Change) -> None:
        _apply(self.names, change)
        self.pending.append(change)

    def _sync_names(self, folder: Path) -> None:
        for change in [each for each in self.pending if folder in {name.parent for name in each}]:
            _apply(self.durable, change)
            self.pending.remove(change)


def _apply(names: dict[Path, File], change: Change) -> None:
    for path, file in change.items():
        if file is None:
            names.pop(path, None)
        else:
            names[path] = file
