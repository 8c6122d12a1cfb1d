"""How much is measured: enough to mean something, a little that shows it runs, or all of it."""

from dataclasses import dataclass, replace
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Sizes of one run. A figure is the median of `rounds`; both sides take turns in each."""

    rounds: int = 5
    seconds: float = 2.0
    """Of load for each side, in each round."""

    sessions: int = 64
    """Each has a browser of its own; so many connections detokenize at once."""

    clients: int = 256
    """So many connections tokenize at once."""

    tokens: int = 100
    """Tokens of one large request, and of one session."""

    slow: int = 500
    """Clients that send a byte a second, beside whom the others are served."""

    rows: int = 5000
    """Values that are stored without HTTP in a round, and rows that the bare statement writes."""

    few: int = 10_000
    many: int = 200_000
    """Records of the two stores that are compared."""

    reads: int = 100
    """Single reads of each store in a round, warm; a fifth of them cold."""

    frames: int = 100
    """Values of the large page."""

    values: int = 1000
    """Values of the large page with one frame for all."""

    inputs: int = 30
    """Fields of the large form."""

    file: int = 256 * 2**20
    """Bytes of the file that goes up and down."""

    calls: int = 3000
    """Grants of each size, to as many sessions; when they are through, they begin anew."""


DEFAULT: Final = Plan()

FULL: Final = replace(DEFAULT, many=10_000_000, file=2**30)
"""As quality.md has it: some 8 GB on the disk, and some ten minutes more."""

TOY: Final = Plan(
    rounds=1,
    seconds=0.3,
    sessions=3,
    clients=4,
    tokens=5,
    slow=5,
    rows=40,
    few=50,
    many=100,
    reads=10,
    frames=3,
    values=4,
    inputs=3,
    file=2 * 2**20,
    calls=2,
)
"""Shows that every row can be measured; its figures mean nothing."""
