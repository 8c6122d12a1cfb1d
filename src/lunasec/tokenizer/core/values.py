"""Values: what storing, reading, describing and erasing tokens decide."""

from collections import Counter
from dataclasses import dataclass
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from lunasec.errors import LunaSecError, NotGranted, TooLarge
from lunasec.tokenizer.core.audit import Entry, entry_of
from lunasec.tokenizer.core.changes import CountRead, DropUpload, PutGrant, PutRecord
from lunasec.tokenizer.core.files import usable
from lunasec.tokenizer.core.grants import RecordIds, judge
from lunasec.tokenizer.core.identity import ApplicationCaller, FrameCaller
from lunasec.tokenizer.core.ledger import Action, Facts, Found, Grant, Record, Upload, Want
from lunasec.tokenizer.core.operation import Decision
from lunasec.tokenizer.core.policy import (
    GRANTS_ALONE,
    STEP_UP,
    Act,
    Policy,
    StepUp,
    asking_of,
    named,
    ruled,
)
from lunasec.tokenizer.core.sessions import standing
from lunasec.tokenizer.core.verdicts import Allowed, Denial, Denied, entries

ANSWER_BYTES: Final = 8 * 2**20
"""Of sealed values and their metadata in one answer: a page has kilobytes, and a thousand of the
longest values would be a hundred megabytes in memory for every such request."""

_TOO_MUCH: Final = f"These values are over {ANSWER_BYTES} bytes together; ask for fewer at once."


class Release(Struct, frozen=True, kw_only=True, gc=False):
    """A record whose key may leave the tokenizer, once, for the request that asked."""

    record: Record
    expires_at: int
    may_copy: bool = False


class StoreValues(Struct, frozen=True, kw_only=True, gc=False):
    """A frame stores sealed values. They get a store grant for its session, nothing else."""

    caller: FrameCaller
    values: tuple[PutRecord, ...]
    expires_at: int
    now: int
    uploads: tuple[Upload, ...] = ()

    def want(self) -> Want:
        """Ask for the session, and for the uploads whose files are to be values' own."""
        return Want(
            application=self.caller.application,
            session=self.caller.session_hash,
            uploads=tuple(each.upload_hash for each in self.uploads),
        )

    def decide(self, facts: Facts) -> Decision[None]:
        """Keep the records in the name of the session's subject, and as its owner's."""
        template = entry_of(self.caller, "token.store", self.now)
        session = standing(self.caller, facts.session, self.now)
        if isinstance(session, LunaSecError):
            return Decision(answer=session, entries=(replace(template, reason=session.code),))
        if not self._finishes(facts):
            entry = replace(template, reason=NotGranted.code)
            return Decision(answer=NotGranted(), entries=(entry,))
        records = tuple(
            PutRecord(
                replace(each.record, subject=session.subject, owner=session.owner), each.ciphertext
            )
            for each in self.values
        )
        entry = replace(
            template,
            outcome="allowed",
            subject=session.subject or "",
            records=tuple(each.record.record_id.hex() for each in records),
        )
        grants = tuple(PutGrant(self._grant(each.record)) for each in records)
        taken = tuple(DropUpload(each.upload_hash) for each in self.uploads)
        return Decision(
            answer=None,
            changes=(*records, *grants, *taken),
            entries=(entry, *_finished(entry, records)),
        )

    def _finishes(self, facts: Facts) -> bool:
        """Say whether each upload is still what it was when it was found whole, and comes once."""
        there = (usable(self.caller, each, self.now) for each in facts.uploads)
        hashes = {each.upload_hash for each in self.uploads}
        return tuple(there) == self.uploads and len(hashes) == len(self.uploads)

    def _grant(self, record: Record) -> Grant:
        return Grant(
            application=self.caller.application,
            reference=self.caller.reference,
            record_id=record.record_id,
            action=Action.STORE,
            expires_at=self.expires_at,
        )


class ReadValues(Struct, frozen=True, kw_only=True, gc=False):
    """A frame reads tokens: for each, in order, what may leave, or the refusal."""

    caller: FrameCaller
    records: tuple[RecordIds, ...]
    purpose: Act = Act.READ
    now: int
    policy: Policy = GRANTS_ALONE

    def want(self) -> Want:
        """Ask for the session, and for the records with its grants.

        Not for their contents: these are fetched when it is known what leaves, and how much it is.
        """
        return Want(
            application=self.caller.application,
            session=self.caller.session_hash,
            records=self.records,
            grants_of=self.caller.reference,
        )

    def decide(self, facts: Facts) -> Decision[tuple[Release | StepUp | None, ...]]:
        """Release what is granted to this live session and not withheld, and count each read."""
        template = entry_of(self.caller, f"token.{self.purpose}", self.now)
        session = standing(self.caller, facts.session, self.now)
        if isinstance(session, LunaSecError):
            return Decision(answer=session, entries=(replace(template, reason=session.code),))
        asking = asking_of(self.caller, session, self.purpose, self.now)
        verdicts = ruled(self.policy, asking, self._verdicts(facts.found), facts.found)
        if sum(each.record.weight for each in verdicts if isinstance(each, Allowed)) > ANSWER_BYTES:
            entry = replace(template, reason=TooLarge.code)
            return Decision(answer=TooLarge(_TOO_MUCH), entries=(entry,))
        return Decision(
            answer=tuple(map(_release, verdicts)),
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
            verdict = self._judge(each, ids)
            if isinstance(verdict, Allowed) and verdict.grant.reads_left is not None:
                record_id = verdict.record.record_id
                spent[record_id] += 1
                if spent[record_id] > verdict.grant.reads_left:
                    verdict = Denied(reason=Denial.SPENT, record_id=record_id)
            verdicts.append(verdict)
        return tuple(verdicts)

    def _judge(self, found: Found, record_ids: RecordIds) -> Allowed | Denied:
        verdict = judge(found, record_ids, self.now)
        copies = self.purpose is Act.COPY
        if copies and isinstance(verdict, Allowed) and not verdict.grant.may_copy:
            return Denied(reason=Denial.UNCOPIED, record_id=verdict.record.record_id)
        return verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class DescribeValues:
    """A frame, or an application in a session's name, asks what tokens are, not what they hold.

    A frame asks for the session that it was pinned to, whatever `reference` says.
    """

    caller: FrameCaller | ApplicationCaller
    reference: str
    records: tuple[RecordIds, ...]
    now: int
    policy: Policy = GRANTS_ALONE

    def want(self) -> Want:
        """Ask for the records with the session's grants, without contents."""
        caller = self.caller
        want = Want(application=caller.application, records=self.records, grants_of=self.reference)
        if isinstance(caller, FrameCaller):
            return replace(want, session=caller.session_hash, grants_of=caller.reference)
        return replace(want, sessions_of=(self.reference,)) if self.policy.governs else want

    def decide(self, facts: Facts) -> Decision[tuple[Record | StepUp | None, ...]]:
        """Describe what this session may read; looking does not use up a read."""
        template = replace(
            entry_of(self.caller, "token.describe", self.now), session=self.want().grants_of
        )
        session = named(facts.sessions, self.reference, self.now)
        if isinstance(self.caller, FrameCaller):
            stands = standing(self.caller, facts.session, self.now)
            if isinstance(stands, LunaSecError):
                return Decision(answer=stands, entries=(replace(template, reason=stands.code),))
            session = stands
        judged = tuple(
            judge(each, ids, self.now) for each, ids in zip(facts.found, self.records, strict=True)
        )
        asking = asking_of(self.caller, session, Act.DESCRIBE, self.now)
        verdicts = ruled(self.policy, asking, judged, facts.found)
        return Decision(
            answer=tuple(
                each.record if isinstance(each, Allowed) else _withheld(each) for each in verdicts
            ),
            entries=entries(verdicts, template),
        )


def _finished(entry: Entry, records: tuple[PutRecord, ...]) -> tuple[Entry, ...]:
    """Write down which record each file belongs to from now on."""
    with_file = {each.record.record_id: each.record.file for each in records if each.record.file}
    if not with_file:
        return ()
    ids = tuple(map(bytes.hex, with_file))
    files = tuple(each.blob.hex() for each in with_file.values())
    return (replace(entry, action="file.store", records=ids, files=files),)


def _release(verdict: Allowed | Denied) -> Release | StepUp | None:
    if isinstance(verdict, Denied):
        return _withheld(verdict)
    grant = verdict.grant
    return Release(record=verdict.record, expires_at=grant.expires_at, may_copy=grant.may_copy)


def _withheld(verdict: Denied) -> StepUp | None:
    return STEP_UP if verdict.reason is Denial.STEP_UP else None
