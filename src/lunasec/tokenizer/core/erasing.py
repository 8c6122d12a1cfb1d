"""Erasing: what an application's word that a value, or a person, has to go decides."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from lunasec.tokenizer.core.audit import Entry, entry_of
from lunasec.tokenizer.core.changes import SetErased
from lunasec.tokenizer.core.grants import RecordIds, present
from lunasec.tokenizer.core.identity import ApplicationCaller
from lunasec.tokenizer.core.ledger import Batch, Facts, Found, OfSubject, Record, Want
from lunasec.tokenizer.core.operation import Decision
from lunasec.tokenizer.core.policy import GRANTS_ALONE, Act, Asking, Policy, Ruling, named
from lunasec.tokenizer.core.verdicts import Denial, Denied, entries, ruled_by

_FREE: Final = Ruling(allows=True, rule="")


class Claim(Struct, frozen=True, kw_only=True, gc=False):
    """What an erasure rests on: where tokens have owners, on the session that a back end names."""

    policy: Policy = GRANTS_ALONE
    reference: str | None = None

    @property
    def sessions_of(self) -> tuple[str, ...]:
        """The references whose sessions have to be looked up."""
        return (self.reference,) if self.reference and self.policy.governs else ()

    def rule(self, application: str, facts: Facts, now: int) -> Sequence[Ruling]:
        """Rule on each record that was found; without an owner's session, on the application."""
        found = facts.found or facts.batch
        if not self.policy.governs:
            return [_FREE] * len(found)
        session = named(facts.sessions, self.reference, now)
        asking = Asking(application=application, session=session, act=Act.ERASE, now=now)
        return self.policy.rule(asking, [each.record for each in found])


_NONE: Final = Claim()


@dataclass(frozen=True, slots=True, kw_only=True)
class EraseValues:
    """An application erases tokens: unreadable at once, destroyed after the operator's delay."""

    caller: ApplicationCaller
    records: tuple[RecordIds, ...]
    claim: Claim = _NONE
    now: int

    def want(self) -> Want:
        """Ask for the records, and for the session in whose name it is done."""
        return Want(
            application=self.caller.application,
            records=self.records,
            sessions_of=self.claim.sessions_of,
        )

    def decide(self, facts: Facts) -> Decision[int]:
        """Erase what is there and may go, and say how many that were; twice is not an error."""
        template = replace(
            entry_of(self.caller, "token.erase", self.now), session=self.claim.reference or ""
        )
        rulings = self.claim.rule(self.caller.application, facts, self.now)
        erased: dict[bytes, Ruling] = {}
        denied: list[Denied] = []
        for found, ids, ruling in zip(facts.found, self.records, rulings, strict=True):
            verdict = _erasable(found, ids, ruling)
            if isinstance(verdict, Record):
                erased[verdict.record_id] = ruling
            else:
                denied.append(verdict)
        there = sorted(erased)
        allowed = replace(template, outcome="allowed", records=tuple(map(bytes.hex, there)))
        allowed = ruled_by(allowed, [erased[each] for each in there])
        return Decision(
            answer=len(there),
            changes=tuple(SetErased(each, self.now) for each in there),
            entries=((allowed,) if there else ()) + entries(tuple(denied), template),
        )


def _erasable(found: Found, record_ids: RecordIds, ruling: Ruling) -> Record | Denied:
    record = present(found, record_ids)
    if isinstance(record, Denied) or ruling.allows:
        return record
    return Denied(reason=Denial.POLICY, record_id=record.record_id, rule=ruling.rule)


class Erased(Struct, frozen=True, gc=False):
    """How much of a batch was erased, and how much was kept, since the policy keeps it."""

    erased: int
    kept: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EraseSubject:
    """An application, or the operator, erases what was made for a subject, a batch at a time.

    `skip` is how much was kept in the batches before.
    """

    application: str
    actor: str
    subject: str
    claim: Claim = _NONE
    now: int
    limit: int
    skip: int = 0

    def want(self) -> Want:
        """Ask for what is not erased yet, and for the session in whose name it is done."""
        condition = OfSubject(self.application, self.subject)
        batch = Batch(condition=condition, limit=self.limit, skip=self.skip)
        sessions = self.claim.sessions_of
        return Want(application=self.application, batch=batch, sessions_of=sessions)

    def decide(self, facts: Facts) -> Decision[Erased]:
        """Erase what may go, and say how much; where nothing is left, that is written down."""
        rulings = self.claim.rule(self.application, facts, self.now)
        ruled = [
            (each.record.record_id, ruling)
            for each, ruling in zip(facts.batch, rulings, strict=True)
            if each.record
        ]
        yes = [each for each in ruled if each[1].allows]
        no = [each for each in ruled if not each[1].allows]
        written: tuple[Entry, ...] = (self._entry("allowed", yes),) if yes or not no else ()
        if no:
            written += (replace(self._entry("refused", no), reason=Denial.POLICY.value),)
        return Decision(
            answer=Erased(erased=len(yes), kept=len(no)),
            changes=tuple(SetErased(each, self.now) for each, _ in yes),
            entries=written,
        )

    def _entry(self, outcome: str, which: Sequence[tuple[bytes, Ruling]]) -> Entry:
        entry = Entry(
            at=self.now,
            application=self.application,
            action="subject.erase",
            outcome=outcome,
            actor=self.actor,
            session=self.claim.reference or "",
            subject=self.subject,
            records=tuple(each.hex() for each, _ in which),
        )
        return ruled_by(entry, [ruling for _, ruling in which])
