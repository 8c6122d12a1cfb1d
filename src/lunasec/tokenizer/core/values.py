"""Values: what storing, reading, describing and erasing tokens decide."""

from collections import Counter
from dataclasses import dataclass
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from lunasec.errors import LunaSecError, TooLarge
from lunasec.tokenizer.core.audit import Entry
from lunasec.tokenizer.core.changes import CountRead, PutGrant, PutRecord, SetErased
from lunasec.tokenizer.core.grants import (
    Allowed,
    Denial,
    Denied,
    RecordIds,
    entries,
    judge,
    present,
)
from lunasec.tokenizer.core.identity import ApplicationCaller, FrameCaller
from lunasec.tokenizer.core.ledger import Action, Facts, Found, Grant, Record, Want
from lunasec.tokenizer.core.operation import Decision
from lunasec.tokenizer.core.sessions import standing

ANSWER_BYTES: Final = 8 * 2**20
"""Of sealed values in one answer: a page has kilobytes, and a thousand of the longest values would
be a hundred megabytes in memory for every such request."""

_TOO_MUCH: Final = f"These values are over {ANSWER_BYTES} bytes together; ask for fewer at once."


class Release(Struct, frozen=True, kw_only=True, gc=False):
    """A record whose key may leave the tokenizer, once, for the request that asked."""

    record: Record
    ciphertext: bytes
    expires_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreValues:
    """A frame stores sealed values. They get a store grant for its session, nothing else."""

    caller: FrameCaller
    values: tuple[PutRecord, ...]
    expires_at: int
    now: int

    def want(self) -> Want:
        """Ask for the session."""
        return Want(application=self.caller.application, session=self.caller.session_hash)

    def decide(self, facts: Facts) -> Decision[None]:
        """Keep the records in the name of the session's subject."""
        template = _template(self.caller, "token.store", self.now)
        session = standing(self.caller, facts.session, self.now)
        if isinstance(session, LunaSecError):
            return Decision(answer=session, entries=(replace(template, reason=session.code),))
        records = tuple(
            PutRecord(replace(each.record, subject=session.subject), each.ciphertext)
            for each in self.values
        )
        entry = replace(
            template,
            outcome="allowed",
            subject=session.subject or "",
            records=tuple(each.record.record_id.hex() for each in records),
        )
        grants = tuple(PutGrant(self._grant(each.record)) for each in records)
        return Decision(answer=None, changes=(*records, *grants), entries=(entry,))

    def _grant(self, record: Record) -> Grant:
        return Grant(
            application=self.caller.application,
            reference=self.caller.reference,
            record_id=record.record_id,
            action=Action.STORE,
            expires_at=self.expires_at,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadValues:
    """A frame reads tokens: for each, in order, what may leave, or None."""

    caller: FrameCaller
    records: tuple[RecordIds, ...]
    now: int

    def want(self) -> Want:
        """Ask for the session, and for the records with its grants and contents."""
        return Want(
            application=self.caller.application,
            session=self.caller.session_hash,
            records=self.records,
            grants_of=self.caller.reference,
            contents=True,
        )

    def decide(self, facts: Facts) -> Decision[tuple[Release | None, ...]]:
        """Release what is granted to this live session, and count each read."""
        template = _template(self.caller, "token.read", self.now)
        session = standing(self.caller, facts.session, self.now)
        if isinstance(session, LunaSecError):
            return Decision(answer=session, entries=(replace(template, reason=session.code),))
        verdicts = self._verdicts(facts.found)
        if sum(each.record.size for each in verdicts if isinstance(each, Allowed)) > ANSWER_BYTES:
            entry = replace(template, reason=TooLarge.code)
            return Decision(answer=TooLarge(_TOO_MUCH), entries=(entry,))
        return Decision(
            answer=tuple(map(_release, verdicts, facts.found)),
            changes=tuple(
                CountRead(each.grant)
                for each in verdicts
                if isinstance(each, Allowed) and each.grant.reads_left is not None
            ),
            entries=entries(verdicts, replace(template, subject=session.subject or "")),
        )

    def _verdicts(self, found: tuple[Found, ...]) -> tuple[Allowed | Denied, ...]:
        """Judge each token; one that is asked for twice in a request counts twice."""
        spent: Counter[bytes] = Counter()
        verdicts: list[Allowed | Denied] = []
        for each, ids in zip(found, self.records, strict=True):
            verdict = judge(each, ids, self.now)
            if isinstance(verdict, Allowed) and verdict.grant.reads_left is not None:
                record_id = verdict.record.record_id
                spent[record_id] += 1
                if spent[record_id] > verdict.grant.reads_left:
                    verdict = Denied(reason=Denial.SPENT, record_id=record_id)
            verdicts.append(verdict)
        return tuple(verdicts)


@dataclass(frozen=True, slots=True, kw_only=True)
class DescribeValues:
    """A frame, or an application in a session's name, asks what tokens are, not what they hold.

    A frame asks for the session that it was pinned to, whatever `reference` says.
    """

    caller: FrameCaller | ApplicationCaller
    reference: str
    records: tuple[RecordIds, ...]
    now: int

    def want(self) -> Want:
        """Ask for the records with the session's grants, without contents."""
        caller = self.caller
        want = Want(application=caller.application, records=self.records, grants_of=self.reference)
        if isinstance(caller, FrameCaller):
            return replace(want, session=caller.session_hash, grants_of=caller.reference)
        return want

    def decide(self, facts: Facts) -> Decision[tuple[Record | None, ...]]:
        """Describe what this session may read; looking does not use up a read."""
        template = replace(
            _template(self.caller, "token.describe", self.now), session=self.want().grants_of
        )
        if isinstance(self.caller, FrameCaller):
            session = standing(self.caller, facts.session, self.now)
            if isinstance(session, LunaSecError):
                return Decision(answer=session, entries=(replace(template, reason=session.code),))
        verdicts = tuple(
            judge(each, ids, self.now) for each, ids in zip(facts.found, self.records, strict=True)
        )
        return Decision(
            answer=tuple(each.record if isinstance(each, Allowed) else None for each in verdicts),
            entries=entries(verdicts, template),
        )


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
        template = _template(self.caller, "token.erase", self.now)
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


def _release(verdict: Allowed | Denied, found: Found) -> Release | None:
    if isinstance(verdict, Denied) or found.ciphertext is None:
        return None
    return Release(
        record=verdict.record,
        ciphertext=found.ciphertext,
        expires_at=verdict.grant.expires_at,
    )


def _template(caller: FrameCaller | ApplicationCaller, action: str, now: int) -> Entry:
    if isinstance(caller, FrameCaller):
        actor, session = "frame", caller.reference
    else:
        actor, session = caller.key_id, ""
    return Entry(
        at=now,
        application=caller.application,
        action=action,
        outcome="refused",
        actor=actor,
        session=session,
    )
