"""Erasing: what an application's word that a value, or a person, has to go decides."""

from dataclasses import dataclass

from msgspec.structs import replace

from lunasec.tokenizer.core.audit import Entry
from lunasec.tokenizer.core.changes import SetErased
from lunasec.tokenizer.core.grants import Denied, RecordIds, entries, present
from lunasec.tokenizer.core.identity import ApplicationCaller
from lunasec.tokenizer.core.ledger import Batch, Facts, OfSubject, Record, Want
from lunasec.tokenizer.core.operation import Decision
from lunasec.tokenizer.core.values import entry_of


@dataclass(frozen=True, slots=True, kw_only=True)
class EraseValues:
    """An application erases tokens: unreadable at once, destroyed after the operator's delay."""

    caller: ApplicationCaller
    records: tuple[RecordIds, ...]
    now: int

    def want(self) -> Want:
        """Ask for the records."""
        return Want(application=self.caller.application, records=self.records)

    def decide(self, facts: Facts) -> Decision[int]:
        """Erase what is there, and say how many that were; twice is not an error."""
        template = entry_of(self.caller, "token.erase", self.now)
        verdicts = tuple(
            present(each, ids) for each, ids in zip(facts.found, self.records, strict=True)
        )
        absent = tuple(each for each in verdicts if isinstance(each, Denied))
        there = sorted({each.record_id for each in verdicts if isinstance(each, Record)})
        allowed = replace(template, outcome="allowed", records=tuple(map(bytes.hex, there)))
        return Decision(
            answer=len(there),
            changes=tuple(SetErased(each, self.now) for each in there),
            entries=((allowed,) if there else ()) + entries(absent, template),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class EraseSubject:
    """An application, or the operator, erases what was made for a subject, a batch at a time."""

    application: str
    actor: str
    subject: str
    now: int
    limit: int

    def want(self) -> Want:
        """Ask for what is not erased yet."""
        condition = OfSubject(self.application, self.subject)
        batch = Batch(condition=condition, limit=self.limit)
        return Want(application=self.application, batch=batch)

    def decide(self, facts: Facts) -> Decision[int]:
        """Erase it, and say how many that were; where nothing is left, that is written down."""
        there = tuple(each.record.record_id for each in facts.batch if each.record)
        entry = Entry(
            at=self.now,
            application=self.application,
            action="subject.erase",
            outcome="allowed",
            actor=self.actor,
            subject=self.subject,
            records=tuple(map(bytes.hex, there)),
        )
        changes = tuple(SetErased(each, self.now) for each in there)
        return Decision(answer=len(there), changes=changes, entries=(entry,))
