"""What a check found: fine or not, and how to right it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum
from typing import Final


class Level(Enum):
    """How much a finding matters; the value is its sign."""

    FINE = "✓"
    NOTE = "·"
    """Could not be looked at, or is only to be known."""
    DOUBT = "!"
    """Works, and is not what we would advise."""
    WRONG = "✗"
    """Does not work, or is not safe."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line, and below it what to do."""

    level: Level
    what: str
    cure: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """What belongs together, under a title."""

    title: str
    findings: list[Finding] = field(default_factory=list[Finding])

    def fine(self, what: str) -> None:
        """Note that something is as it should be."""
        self.findings.append(Finding(level=Level.FINE, what=what))

    def note(self, what: str, cure: str = "") -> None:
        """Note what is only to be known."""
        self.findings.append(Finding(level=Level.NOTE, what=what, cure=cure))

    def doubt(self, what: str, cure: str) -> None:
        """Note what could be better."""
        self.findings.append(Finding(level=Level.DOUBT, what=what, cure=cure))

    def wrong(self, what: str, cure: str) -> None:
        """Note what has to be righted."""
        self.findings.append(Finding(level=Level.WRONG, what=what, cure=cure))


def count(sections: Iterable[Section], level: Level) -> int:
    """Count the findings of a level."""
    return sum(each.level is level for section in sections for each in section.findings)


def written(sections: Iterable[Section]) -> str:
    """Write all findings as a list for a person."""
    return "\n".join(_section(each) for each in sections if each.findings)


_INDENT: Final = "      "


def _section(section: Section) -> str:
    lines = [section.title]
    for each in section.findings:
        lines.append(f"  {each.level.value} {each.what}")
        lines += [f"{_INDENT}{line}" for line in each.cure.splitlines()]
    return "\n".join(lines) + "\n"
