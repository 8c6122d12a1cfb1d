"""Files: what planning, following, finishing and reading one decide. Bytes are nobody's here."""

from dataclasses import dataclass
from typing import Final

from msgspec.structs import replace

from lunasec.errors import LunaSecError, NotGranted, StepUpRequired
from lunasec.tokenizer.core.audit import Entry, entry_of
from lunasec.tokenizer.core.changes import DropUpload, EndUpload, PutUpload
from lunasec.tokenizer.core.grants import RecordIds, judge
from lunasec.tokenizer.core.identity import FrameCaller
from lunasec.tokenizer.core.ledger import Facts, File, Found, Session, Upload, Want
from lunasec.tokenizer.core.operation import Decision
from lunasec.tokenizer.core.policy import GRANTS_ALONE, Act, Policy, asking_of, ruled
from lunasec.tokenizer.core.sessions import standing
from lunasec.tokenizer.core.verdicts import Allowed, Denial, Denied, entries

UPLOAD_SECONDS: Final = 24 * 60 * 60
"""An upload that nobody finished in a day is nobody's any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanUpload:
    """A frame announces a file; its upload belongs to the session that planned it."""

    caller: FrameCaller
    upload: Upload

    def want(self) -> Want:
        """Ask for the session."""
        return Want(application=self.caller.application, session=self.caller.session_hash)

    def decide(self, facts: Facts) -> Decision[None]:
        """Keep the upload, for a live session."""
        at = self.upload.created_at
        session = standing(self.caller, facts.session, at)
        if isinstance(session, LunaSecError):
            return Decision(
                answer=session, entries=(_entry(self.caller, "file.plan", at, session),)
            )
        entry = replace(
            _entry(self.caller, "file.plan", at),
            subject=session.subject or "",
            files=(self.upload.file.blob.hex(),),
        )
        return Decision(answer=None, changes=(PutUpload(self.upload),), entries=(entry,))


def usable(caller: FrameCaller, upload: Upload | None, now: int) -> Upload | NotGranted:
    """Give an upload that is there, this session's and not ended; all else is one answer."""
    if upload is None or upload.application != caller.application:
        return NotGranted()
    if upload.reference != caller.reference or now >= upload.expires_at:
        return NotGranted()
    return upload


@dataclass(frozen=True, slots=True, kw_only=True)
class FindUpload:
    """A frame names an upload that it planned; a refusal is written down."""

    caller: FrameCaller
    upload_hash: bytes
    now: int

    def want(self) -> Want:
        """Ask for the session and the upload."""
        return Want(
            application=self.caller.application,
            session=self.caller.session_hash,
            uploads=(self.upload_hash,),
        )

    def decide(self, facts: Facts) -> Decision[Upload]:
        """Answer the upload, or why there is none."""
        session = standing(self.caller, facts.session, self.now)
        if isinstance(session, LunaSecError):
            return Decision(answer=session, entries=(self._entry(session),))
        upload = usable(self.caller, facts.uploads[0], self.now)
        if isinstance(upload, LunaSecError):
            return Decision(answer=upload, entries=(self._entry(upload),))
        return Decision(answer=upload)

    def _entry(self, refusal: LunaSecError) -> Entry:
        return _entry(self.caller, "file.find", self.now, refusal)


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelUpload:
    """A frame gives an upload up. Answers where what arrived of it lies, for it to be removed."""

    find: FindUpload

    def want(self) -> Want:
        """Ask for the session and the upload."""
        return self.find.want()

    def decide(self, facts: Facts) -> Decision[bytes]:
        """End it; upkeep forgets it, once its bytes are gone."""
        upload = self.find.decide(facts).answer
        caller, now = self.find.caller, self.find.now
        if isinstance(upload, LunaSecError):
            entry = _entry(caller, "file.cancel", now, upload)
            return Decision(answer=upload, entries=(entry,))
        blob = upload.file.blob
        entry = replace(_entry(caller, "file.cancel", now), files=(blob.hex(),))
        return Decision(answer=blob, changes=(EndUpload(upload.upload_hash),), entries=(entry,))


@dataclass(frozen=True, slots=True, kw_only=True)
class FindFile:
    """A frame asks for a segment of a token's file. Nothing is counted: `ReadValues` did that.

    Whoever got the manifest's key may fetch the file for as long as the grant lasts, and not a
    segment longer.
    """

    caller: FrameCaller
    record: RecordIds
    now: int
    policy: Policy = GRANTS_ALONE

    def want(self) -> Want:
        """Ask for the session, and for the record with its grant."""
        return Want(
            application=self.caller.application,
            session=self.caller.session_hash,
            records=(self.record,),
            grants_of=self.caller.reference,
        )

    def decide(self, facts: Facts) -> Decision[File]:
        """Answer which file it is; a refusal is written down, an answer was at the read."""
        session = standing(self.caller, facts.session, self.now)
        if isinstance(session, LunaSecError):
            entry = _entry(self.caller, "file.read", self.now, session)
            return Decision(answer=session, entries=(entry,))
        verdict = self._verdict(facts.found[0], session)
        if isinstance(verdict, File):
            return Decision(answer=verdict)
        template = replace(
            _entry(self.caller, "file.read", self.now), subject=session.subject or ""
        )
        refusal = StepUpRequired() if verdict.reason is Denial.STEP_UP else NotGranted()
        return Decision(answer=refusal, entries=entries((verdict,), template))

    def _verdict(self, found: Found, session: Session) -> File | Denied:
        grant = found.grant
        unspent = found if grant is None else replace(found, grant=replace(grant, reads_left=None))
        asking = asking_of(self.caller, session, Act.READ, self.now)
        judged = (judge(unspent, self.record, self.now),)
        [verdict] = ruled(self.policy, asking, judged, (found,))
        if isinstance(verdict, Allowed):
            file = verdict.record.file
            return file or Denied(reason=Denial.NO_FILE, record_id=verdict.record.record_id)
        return verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgetUploads:
    """Upkeep forgets ended uploads, whose bytes are gone by now."""

    uploads: tuple[Upload, ...]
    now: int
    actor: str

    def want(self) -> Want:
        """Ask for nothing: an ended upload stays one."""
        return Want(application="")

    def decide(self, facts: Facts) -> Decision[int]:  # noqa: ARG002 - the port's signature
        """Drop them; one entry for each application."""
        blobs: dict[str, list[str]] = {}
        for each in self.uploads:
            blobs.setdefault(each.application, []).append(each.file.blob.hex())
        return Decision(
            answer=len(self.uploads),
            changes=tuple(DropUpload(each.upload_hash) for each in self.uploads),
            entries=tuple(
                Entry(
                    at=self.now,
                    application=application,
                    action="file.drop",
                    outcome="allowed",
                    actor=self.actor,
                    files=tuple(names),
                )
                for application, names in blobs.items()
            ),
        )


def _entry(
    caller: FrameCaller, action: str, now: int, refusal: LunaSecError | None = None
) -> Entry:
    entry = entry_of(caller, action, now)
    return replace(entry, reason=refusal.code) if refusal else replace(entry, outcome="allowed")
