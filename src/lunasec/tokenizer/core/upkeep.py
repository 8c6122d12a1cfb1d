"""Upkeep: what ended is dropped, and what was erased is destroyed once its delay is over."""

from dataclasses import dataclass
from typing import Final

from lunasec.tokenizer.core.ledger import Decision, Facts, Sweep, Want

HANDLES_KEPT: Final = 10 * 60
"""Old handles are kept for a while, so that a replay is told from a guess in the audit log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Upkeep:
    """Drop what nobody can use any more."""

    now: int
    erase_delay: int

    def want(self) -> Want:
        """Ask for nothing."""
        return Want(application="")

    def decide(self, facts: Facts) -> Decision[None]:  # noqa: ARG002 - the port's signature
        """Sweep up to now."""
        sweep = Sweep(self.now, self.now - HANDLES_KEPT, self.now - self.erase_delay)
        return Decision(answer=None, changes=(sweep,))
