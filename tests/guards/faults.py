"""Faults as data (`*.toml` beside this file): what is taken out, and which tests have to notice."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

ROOT: Final = Path(__file__).parents[2]


class Moved(Exception):
    """A text that a fault replaces is not in its file exactly once: the row is out of date."""


class Edit(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A text that is in `file` (from the root) exactly once, and what stands there instead."""

    file: str
    old: str
    new: str


class Fault(Edit, frozen=True):
    """A mistake that somebody could make; `red` are tests below `tests/` that prove the claim.

    Where a guard is doubled, `also` takes out the others. A test may name its parameters.
    """

    fault: str
    red: tuple[str, ...]
    also: tuple[Edit, ...] = ()

    def plant(self, root: Path) -> None:
        """Make the mistake in the tree at `root`.

        Raises: `Moved`.
        """
        for file, text in self._mistaken(root):
            file.write_text(text)

    def check(self, root: Path) -> None:
        """Say whether the mistake can be made there, without making it.

        Raises: `Moved`.
        """
        for _ in self._mistaken(root):
            pass

    def _mistaken(self, root: Path) -> Iterator[tuple[Path, str]]:
        for each in (self, *self.also):
            file = root / each.file
            text = file.read_text() if file.is_file() else ""
            if text.count(each.old) != 1:
                raise Moved(f"{text.count(each.old)} times in {each.file}: {each.old}")
            yield file, text.replace(each.old, each.new)


def faults() -> Mapping[str, Sequence[Fault]]:
    """Read the faults of each claim, such as "T10", in the order of the claims."""
    read: dict[str, list[Fault]] = {}
    for file in sorted(Path(__file__).parent.glob("*.toml")):
        rows = msgspec.toml.decode(file.read_bytes(), type=dict[str, list[Fault]])
        for claim, listed in rows.items():
            read.setdefault(claim, []).extend(listed)
    return dict(sorted(read.items(), key=lambda row: int(row[0].strip("Tb"))))
