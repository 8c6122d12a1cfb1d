"""Upkeep: what ended is dropped, what was erased is destroyed, and old locks are renewed.

Each operation takes a batch, so that requests pass between two of them, and answers how many
records it did; fewer than asked for means that there are no more.
"""

from dataclasses import dataclass
from typing import Final

from lunasec.tokenizer.core.audit import Entry
from lunasec.tokenizer.core.changes import (
    DestroyKey,
    DropRecord,
    ReplaceKey,
    SetErased,
    Sweep,
)
from lunasec.tokenizer.core.grants import GRANT_SECONDS
from lunasec.tokenizer.core.ledger import (
    Batch,
    Destroyed,
    ErasedBefore,
    ErasedSince,
    Facts,
    Found,
    UnverifiedBefore,
    Want,
)
from lunasec.tokenizer.core.operation import Decision
from lunasec.tokenizer.core.wrapped import Wrapped

SESSIONS_KEPT: Final = GRANT_SECONDS
"""A store grant can live this long after the session that made it; an upgrade asks whose it was."""

HANDLES_KEPT: Final = 10 * 60
"""Old handles are kept for a while, so that a replay is told from a guess in the audit log."""

UPKEEP: Final = "upkeep"
OPERATOR: Final = "operator"


@dataclass(frozen=True, slots=True, kw_only=True)
class DropEnded:
    """Drop what nobody can use any more; it has been dead since it ended."""

    now: int

    def want(self) -> Want:
        """Ask for nothing."""
        return Want(application="")

    def decide(self, facts: Facts) -> Decision[None]:  # noqa: ARG002 - the port's signature
        """Sweep up to now."""
        sweep = Sweep(
            now=self.now,
            sessions_before=self.now - SESSIONS_KEPT,
            handles_before=self.now - HANDLES_KEPT,
        )
        return Decision(answer=None, changes=(sweep,))


@dataclass(frozen=True, slots=True, kw_only=True)
class DestroyKeys:
    """Destroy the keys of what was erased over `erase_delay` seconds ago, for good."""

    now: int
    erase_delay: int
    limit: int

    def want(self) -> Want:
        """Ask for those whose delay is over."""
        condition = ErasedBefore(self.now - self.erase_delay)
        return Want(application="", batch=Batch(condition=condition, limit=self.limit))

    def decide(self, facts: Facts) -> Decision[int]:
        """Destroy the keys first: without them the data is noise, wherever copies of it are."""
        return Decision(
            answer=len(facts.batch),
            changes=tuple(DestroyKey(each) for each in _ids(facts.batch)),
            entries=_entries(facts.batch, "token.destroy", actor=UPKEEP, now=self.now),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class DropDestroyed:
    """Remove the data of records whose keys are gone; their destruction is in the log already."""

    limit: int

    def want(self) -> Want:
        """Ask for them."""
        return Want(application="", batch=Batch(condition=Destroyed(), limit=self.limit))

    def decide(self, facts: Facts) -> Decision[int]:
        """Drop them."""
        changes = tuple(DropRecord(each) for each in _ids(facts.batch))
        return Decision(answer=len(facts.batch), changes=changes)


@dataclass(frozen=True, slots=True, kw_only=True)
class EraseUnverified:
    """The operator erases what no application ever took: a tab that was closed half-way."""

    before: int
    now: int
    limit: int

    def want(self) -> Want:
        """Ask for what was made long enough ago."""
        condition = UnverifiedBefore(self.before)
        return Want(application="", batch=Batch(condition=condition, limit=self.limit))

    def decide(self, facts: Facts) -> Decision[int]:
        """Erase it as an application would: it can be undone for a while."""
        return Decision(
            answer=len(facts.batch),
            changes=tuple(SetErased(each, self.now) for each in _ids(facts.batch)),
            entries=_entries(facts.batch, "token.erase", actor=OPERATOR, now=self.now),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoErase:
    """The operator gives back what an application erased at `since` or later."""

    application: str
    since: int
    now: int
    limit: int

    def want(self) -> Want:
        """Ask for what still has its key."""
        condition = ErasedSince(self.application, self.since)
        return Want(application="", batch=Batch(condition=condition, limit=self.limit))

    def decide(self, facts: Facts) -> Decision[int]:
        """Make it readable again, for whoever is granted it."""
        return Decision(
            answer=len(facts.batch),
            changes=tuple(SetErased(each, None) for each in _ids(facts.batch)),
            entries=_entries(facts.batch, "token.unerase", actor=OPERATOR, now=self.now),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Relock:
    """Put records' keys under new locks, unless they were changed since `old` was read."""

    application: str
    keys: tuple[tuple[Wrapped, Wrapped], ...]
    now: int

    def want(self) -> Want:
        """Ask for the records as they are now."""
        records = tuple((old.record_id,) for old, _ in self.keys)
        return Want(application=self.application, records=records)

    def decide(self, facts: Facts) -> Decision[int]:
        """Replace what is still as it was; a key that was destroyed meanwhile stays destroyed.

        Who follows a record through the log has to be told its new name: an entry for each.
        """
        batch: list[Found] = []
        changes: list[ReplaceKey] = []
        for found, (old, new) in zip(facts.found, self.keys, strict=True):
            if found.record is not None and found.record.key == old and old.wrapped:
                batch.append(found)
                changes.append(ReplaceKey(old.record_id, new))
        renamed = tuple(
            self._renamed(each) for each in changes if each.record_id != each.key.record_id
        )
        return Decision(
            answer=len(changes),
            changes=tuple(changes),
            entries=(*_entries(tuple(batch), "key.relock", actor=UPKEEP, now=self.now), *renamed),
        )

    def _renamed(self, change: ReplaceKey) -> Entry:
        return Entry(
            at=self.now,
            application=self.application,
            action="key.rename",
            outcome="allowed",
            actor=UPKEEP,
            records=(change.record_id.hex(), change.key.record_id.hex()),
        )


def _ids(batch: tuple[Found, ...]) -> tuple[bytes, ...]:
    return tuple(each.record.record_id for each in batch if each.record is not None)


def _entries(batch: tuple[Found, ...], action: str, *, actor: str, now: int) -> tuple[Entry, ...]:
    """Write one audit entry for each application whose records are in the batch."""
    groups: dict[str, list[str]] = {}
    for each in batch:
        if each.record is not None:
            groups.setdefault(each.record.application, []).append(each.record.record_id.hex())
    return tuple(
        Entry(
            at=now,
            application=application,
            action=action,
            outcome="allowed",
            actor=actor,
            records=tuple(records),
        )
        for application, records in groups.items()
    )
