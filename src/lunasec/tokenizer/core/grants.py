"""Grants: the application's short-lived word that a session may use a token."""

from dataclasses import dataclass
from typing import Final

from msgspec.structs import replace

from lunasec.errors import SessionEnded
from lunasec.tokenizer.core.audit import Entry, entry_of
from lunasec.tokenizer.core.changes import Change, MarkVerified, NarrowGrant, PutGrant, RevokeGrants
from lunasec.tokenizer.core.identity import ApplicationCaller
from lunasec.tokenizer.core.ledger import Action, Facts, Found, Grant, Record, Want
from lunasec.tokenizer.core.operation import Decision
from lunasec.tokenizer.core.verdicts import Allowed, Denial, Denied, entries

GRANT_SECONDS: Final = 15 * 60
"""The default: long enough to read a page and fill in a form."""

LONGEST_GRANT_SECONDS: Final = 60 * 60
"""A grant that lived longer would outlive the look that it was made for."""

RecordIds = tuple[bytes, ...]


def judge(found: Found, record_ids: RecordIds, now: int) -> Allowed | Denied:
    """Decide whether what was found may be used at `now`: the heart of the tokenizer."""
    record, grant = present(found, record_ids), found.grant
    if isinstance(record, Denied):
        return record
    if grant is None:
        return Denied(reason=Denial.UNGRANTED, record_id=record.record_id)
    if now >= grant.expires_at:
        return Denied(reason=Denial.EXPIRED, record_id=record.record_id)
    if grant.reads_left is not None and grant.reads_left < 1:
        return Denied(reason=Denial.SPENT, record_id=record.record_id)
    return Allowed(record=record, grant=grant)


def present(found: Found, record_ids: RecordIds) -> Record | Denied:
    """Return the record of a token that is there, or why it is not."""
    if found.record is None:
        return Denied(reason=Denial.UNKNOWN, record_id=record_ids[0])
    if found.record.erased_at is not None:
        return Denied(reason=Denial.ERASED, record_id=found.record.record_id)
    return found.record


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateGrants:
    """An application lets a session read tokens. Answers the indexes of those it can't have."""

    caller: ApplicationCaller
    reference: str
    records: tuple[RecordIds, ...]
    expires_at: int
    max_reads: int | None
    may_copy: bool = False
    now: int

    def want(self) -> Want:
        """Ask for the records, and whether the session was ended."""
        return Want(
            application=self.caller.application,
            references=(self.reference,),
            records=self.records,
            grants_of=self.reference,
        )

    def decide(self, facts: Facts) -> Decision[tuple[int, ...]]:
        """Grant every record that is there; an ended session gets nothing."""
        template = self._template()
        if facts.ended:
            return Decision(
                answer=SessionEnded(), entries=(replace(template, reason="session ended"),)
            )
        verdicts = tuple(
            self._verdict(each, ids) for each, ids in zip(facts.found, self.records, strict=True)
        )
        refused = tuple(i for i, each in enumerate(verdicts) if isinstance(each, Denied))
        changes = tuple(
            self._put(verdict.grant, found.grant)
            for verdict, found in zip(verdicts, facts.found, strict=True)
            if isinstance(verdict, Allowed)
        )
        return Decision(answer=refused, changes=changes, entries=entries(verdicts, template))

    def _verdict(self, found: Found, record_ids: RecordIds) -> Allowed | Denied:
        record = present(found, record_ids)
        if isinstance(record, Denied):
            return record
        grant = Grant(
            application=self.caller.application,
            reference=self.reference,
            record_id=record.record_id,
            action=Action.READ,
            expires_at=self.expires_at,
            reads_left=self.max_reads,
            may_copy=self.may_copy,
        )
        return Allowed(record=record, grant=grant)

    def _put(self, new: Grant, old: Grant | None) -> Change:
        if old is None or self.now >= old.expires_at:
            return PutGrant(new)
        fewer = new.reads_left is not None and (
            old.reads_left is None or new.reads_left < old.reads_left
        )
        less = fewer or new.expires_at < old.expires_at or (old.may_copy and not new.may_copy)
        return NarrowGrant(new) if less else PutGrant(new)

    def _template(self) -> Entry:
        entry = entry_of(self.caller, "grant.create", self.now)
        return replace(entry, session=self.reference)


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyGrants:
    """An application asks, before it keeps tokens, whether this session may do `action`."""

    caller: ApplicationCaller
    reference: str
    records: tuple[RecordIds, ...]
    action: Action
    now: int

    def want(self) -> Want:
        """Ask for the records with the session's grants."""
        return Want(
            application=self.caller.application,
            references=(self.reference,),
            records=self.records,
            grants_of=self.reference,
            action=self.action,
        )

    def decide(self, facts: Facts) -> Decision[tuple[bool, ...]]:
        """Say yes for live grants alone, and remember which tokens the application took."""
        verdicts = tuple(
            judge(each if not facts.ended else Found(record=each.record), ids, self.now)
            for each, ids in zip(facts.found, self.records, strict=True)
        )
        entry = entry_of(self.caller, "grant.verify", self.now)
        template = replace(entry, session=self.reference)
        return Decision(
            answer=tuple(isinstance(each, Allowed) for each in verdicts),
            changes=self._taken(verdicts),
            entries=entries(verdicts, template),
        )

    def _taken(self, verdicts: tuple[Allowed | Denied, ...]) -> tuple[Change, ...]:
        if self.action is not Action.STORE:
            return ()
        return tuple(
            MarkVerified(each.record.record_id, self.now)
            for each in verdicts
            if isinstance(each, Allowed) and each.record.verified_at is None
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeAccess:
    """An application takes grants back: a session's, some tokens', or a session's for some."""

    caller: ApplicationCaller
    reference: str | None
    records: tuple[RecordIds, ...] | None
    now: int

    def want(self) -> Want:
        """Ask for nothing: taking back what was not given is not an error."""
        return Want(application=self.caller.application)

    def decide(self, facts: Facts) -> Decision[None]:  # noqa: ARG002 - the port's signature
        """Drop the grants, under every record id that the tokens can have."""
        flat = None if self.records is None else tuple(i for ids in self.records for i in ids)
        entry = replace(
            entry_of(self.caller, "grant.revoke", self.now),
            outcome="allowed",
            session=self.reference or "",
            records=tuple(each.hex() for each in flat or ()),
        )
        change = RevokeGrants(self.caller.application, self.reference, flat)
        return Decision(answer=None, changes=(change,), entries=(entry,))
