"""Rows of the table: what was measured, what was wanted, and whether it was met."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Final

TIMES: Final = "\N{MULTIPLICATION SIGN}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line. `met` is None for what has no target of its own, or none on this machine."""

    name: str
    measured: str
    target: str
    met: bool | None
    figures: dict[str, float] = field(default_factory=dict[str, float])
    """What the words of `measured` rest on, for whoever compares runs."""

    @property
    def verdict(self) -> str:
        """Say it in words."""
        return {True: "met", False: "not met", None: "-"}[self.met]


def at_least(name: str, value: float, target: float, said: str, **figures: float) -> Row:
    """Make a row of a ratio that has to reach its target."""
    return Row(
        name=name,
        measured=f"{value:.2f} {TIMES} ({said})",
        target=f"≥ {target:g} {TIMES}",
        met=value >= target,
        figures={"ratio": value, **figures},
    )


def at_most(name: str, value: float, target: float, said: str, **figures: float) -> Row:
    """Make a row of a ratio that may not go beyond its target."""
    return Row(
        name=name,
        measured=f"{value:.2f} {TIMES} ({said})",
        target=f"≤ {target:g} {TIMES}",
        met=value <= target,
        figures={"ratio": value, **figures},
    )


def within(name: str, value: float, target: float, unit: str, said: str = "") -> Row:
    """Make a row of a figure with a unit that may not go beyond its target."""
    return Row(
        name=name,
        measured=f"{value:,.4g} {unit}" + (f" ({said})" if said else ""),
        target=f"≤ {target:g} {unit}",
        met=value <= target,
        figures={"value": value},
    )


def middle(values: Iterable[float]) -> float:
    """Give the median."""
    return float(median(values))


def ratio(pairs: Sequence[tuple[float, float]]) -> float:
    """Give the median of ratios, each of two figures that were measured one after the other."""
    return middle(one / other for one, other in pairs)


def percentile(values: Iterable[float], share: float) -> float:
    """Give the value below which that share of the values lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def table(rows: Sequence[Row]) -> str:
    """Write the table, as Markdown."""
    lines = [("what", "measured", "target", "")]
    lines += [(each.name, each.measured, each.target, each.verdict) for each in rows]
    widths = [max(len(line[column]) for line in lines) for column in range(4)]
    lines.insert(1, tuple("-" * width for width in widths))  # type: ignore[arg-type]
    padded = (map(str.ljust, line, widths) for line in lines)
    return "\n".join(f"| {' | '.join(cells)} |" for cells in padded)
