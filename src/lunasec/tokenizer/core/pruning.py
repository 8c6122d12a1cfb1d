"""Pruning: the audit log's beginning is taken out when it is older than the operator keeps it."""

from collections import deque
from dataclasses import dataclass
from typing import Final

import msgspec
from msgspec import Struct

from lunasec.errors import AuditDamaged
from lunasec.tokenizer.core.audit import PRUNE, Entry, Head, Link, through, walk
from lunasec.tokenizer.core.changes import DropAudit
from lunasec.tokenizer.core.ledger import AuditPrefix, Facts, Want
from lunasec.tokenizer.core.operation import Decision

SEGMENT: Final = 500
"""Entries that go at once: each time costs an entry, which is to be far less than what it saves."""


class _Dated(Struct):
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PruneAudit:
    """Take out one segment, if all of it is older than `before`; never as far as the anchor.

    `anchored` is the entry that the file beside the keys names, by which a cut-off end is known.
    Answers how many entries went.
    """

    before: int
    anchored: int
    now: int
    segment: int = SEGMENT

    def want(self) -> Want:
        """Ask for the segment, and the hash before it."""
        return Want(application="", audit=AuditPrefix(below=self.anchored, limit=self.segment + 1))

    def decide(self, facts: Facts) -> Decision[int]:
        """Follow the segment, so that what was tampered with stays to be looked at.

        What is left says where the beginning ended, and that it was taken out and not cut off.
        """
        links = facts.audit[: self.segment + (1 if _has_base(facts.audit) else 0)]
        entries = links[1:] if _has_base(links) else links
        if len(entries) < self.segment or not all(map(self._is_old, entries)):
            return Decision(answer=0)
        try:
            [end] = deque(walk(links), maxlen=1)
        except AuditDamaged as error:
            return Decision(answer=error)
        return Decision(
            answer=len(entries), changes=(DropAudit(end.sequence),), entries=(self._entry(end),)
        )

    def _is_old(self, link: Link) -> bool:
        try:
            return msgspec.json.decode(link.line, type=_Dated).at < self.before
        except msgspec.MsgspecError:
            return True  # no entry of ours: following the chain says so

    def _entry(self, end: Head) -> Entry:
        return Entry(
            at=self.now,
            application="",
            action=PRUNE,
            outcome="allowed",
            actor="upkeep",
            through=through(end),
        )


def _has_base(links: tuple[Link, ...]) -> bool:
    return bool(links) and not links[0].line
