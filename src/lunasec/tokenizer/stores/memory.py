"""The reference store: every promise of the port in plain dictionaries. Read this one first."""

from collections import Counter
from collections.abc import Callable
from typing import Any, TypeVar

from msgspec.structs import replace

from lunasec.errors import LunaSecError, Unavailable
from lunasec.tokenizer.core import changes, ledger
from lunasec.tokenizer.core.audit import START, Head, follow, line
from lunasec.tokenizer.core.changes import Change
from lunasec.tokenizer.core.ledger import Action, Facts, Found, Want
from lunasec.tokenizer.core.operation import Decision, Operation
from lunasec.tokenizer.core.wrapped import Wrapped
from lunasec.tokenizer.stores import questions
from lunasec.tokenizer.stores.tables import alter, keep, key_of, put_later, put_new

T = TypeVar("T")


class MemoryStore:
    """Keeps the ledger until the process ends; for tests, ours and applications'."""

    def __init__(self) -> None:
        """Start empty."""
        self.sessions: dict[bytes, ledger.Session] = {}
        self.handles: dict[bytes, ledger.Handle] = {}
        self.ended: dict[tuple[str, str], int] = {}
        self.log_outs: dict[tuple[str, str], tuple[int, int]] = {}
        self.log_out_tokens: dict[tuple[str, bytes], int] = {}
        self.records: dict[bytes, ledger.Record] = {}
        self.ciphertexts: dict[bytes, bytes] = {}
        self.uploads: dict[bytes, ledger.Upload] = {}
        self.grants: dict[tuple[str, str, bytes, Action], ledger.Grant] = {}
        self.wraps: Counter[int] = Counter()
        self.audit: list[str] = []
        self._base = self._head = START
        self._closed = False

    async def transact(self, operation: Operation[T]) -> T | LunaSecError:
        """Do it all at once: nothing else runs in between on one event loop."""
        decision = operation.decide(self._facts(operation.want()))
        before = {name: value.copy() for name, value in self._tables().items()}
        try:
            for change in decision.changes:
                self._apply(change)
            self._append(decision)
        except BaseException:
            for name, value in before.items():
                setattr(self, name, value)
            raise
        return decision.answer

    async def look(self, want: Want) -> Facts:
        """Read the dictionaries."""
        return self._facts(want)

    async def head(self) -> Head:
        """Return the end of the audit chain."""
        return self._head

    async def close(self) -> None:
        """Answer nothing any more."""
        self._closed = True

    def _tables(self) -> dict[str, dict[Any, Any]]:
        return {name: value for name, value in vars(self).items() if isinstance(value, dict)}

    def _append(self, decision: Decision[Any]) -> None:
        texts = [line(each) for each in decision.entries]
        for text in texts:
            self._head = follow(self._head, text)
        self.audit += texts

    def _facts(self, want: Want) -> Facts:
        if self._closed:
            raise Unavailable
        return Facts(
            session=self.sessions.get(want.session) if want.session else None,
            other_session=self.sessions.get(want.other_session or b""),
            handle=self.handles.get(want.handle) if want.handle else None,
            ended=frozenset(
                each for each in want.references if (want.application, each) in self.ended
            ),
            log_outs=questions.log_outs(self.log_outs, want),
            log_out_token_used=(want.application, want.log_out_token) in self.log_out_tokens,
            sessions=questions.sessions(self.sessions, want),
            found=tuple(self._found(want, ids) for ids in want.records),
            contents=tuple(self._content(want, ids) for ids in want.contents),
            batch=() if want.batch is None else self._batch(want.batch),
            count=0 if want.count is None else len(self._meeting(want.count)[: want.count_up_to]),
            wraps=0 if want.wraps_of is None else self.wraps[want.wraps_of],
            uploads=tuple(questions.upload(self.uploads, want, each) for each in want.uploads),
            ended_uploads=questions.ended(self.uploads.values(), want.ended_uploads),
            uploads_count=len(self.uploads) if want.count_uploads else 0,
            audit=questions.beginning(want.audit, self._base, self.audit),
            blobs=questions.named(want.blobs, self.records.values(), self.uploads.values()),
        )

    def _found(self, want: Want, record_ids: tuple[bytes, ...]) -> Found:
        for record_id in record_ids:
            record = self.records.get(record_id)
            if record is not None and record.application == want.application:
                grant = self.grants.get((want.application, want.grants_of, record_id, want.action))
                return Found(record=record, grant=grant)
        return Found()

    def _content(self, want: Want, record_ids: tuple[bytes, ...]) -> bytes | None:
        for record_id in record_ids:
            found = self._found(want, (record_id,))
            if found.record and found.grant and found.record.erased_at is None:
                return self.ciphertexts[record_id]
        return None

    def _batch(self, batch: ledger.Batch) -> tuple[Found, ...]:
        records = self._meeting(batch.condition)[batch.skip :][: batch.limit]
        return tuple(
            Found(
                record=each, ciphertext=self.ciphertexts[each.record_id] if batch.contents else None
            )
            for each in records
        )

    def _meeting(self, condition: ledger.Condition) -> list[ledger.Record]:
        return questions.meeting(self.records.values(), condition)

    def _apply(self, change: Change) -> None:  # noqa: C901, PLR0912, PLR0915 - one branch a change
        match change:
            case changes.PutSession(session):
                put_new(self.sessions, session.secret_hash, session)
            case changes.ShortenSession(secret_hash, expires_at):
                if old_session := self.sessions.get(secret_hash):
                    end = min(old_session.expires_at, expires_at)
                    self.sessions[secret_hash] = replace(old_session, expires_at=end)
            case changes.RenewSession(secret_hash, created_at, end, login):
                times = {"created_at": created_at, "expires_at": end, "login": login}
                alter(self.sessions, secret_hash, **times)
            case changes.CountRequest(secret_hash, highest, seen):
                alter(self.sessions, secret_hash, highest=highest, seen=seen)
            case changes.PutHandle(handle):
                put_new(self.handles, handle.handle_hash, handle)
            case changes.UseHandle(handle_hash):
                alter(self.handles, handle_hash, used=True)
            case changes.EndReference(application, reference, until):
                self._end((application, reference))
                if until is not None:
                    self.ended[application, reference] = until
            case changes.PutLogOut(application, name, at, until):
                put_later(self.log_outs, (application, name), (at, until))
            case changes.UseLogOutToken(application, token_hash, until):
                self.log_out_tokens[application, token_hash] = until
            case changes.MoveStoreGrants(application, old, new):
                self._move(application, old, new)
            case changes.AdoptRecords(application, reference, subject):
                self._adopt((application, reference), subject)
            case changes.PutRecord(record, ciphertext):
                questions.refuse_taken(record.file, self.records.values())
                put_new(self.records, record.record_id, record)
                self.ciphertexts[record.record_id] = ciphertext
                self.wraps[record.key.epoch] += 1
            case changes.PutUpload(upload):
                questions.refuse_taken(upload.file, self.uploads.values())
                put_new(self.uploads, upload.upload_hash, upload)
            case changes.EndUpload(upload_hash):
                self._end_uploads(lambda each: each.upload_hash == upload_hash)
            case changes.DropUpload(upload_hash):
                self.uploads.pop(upload_hash, None)
            case changes.PutGrant(grant) | changes.NarrowGrant(grant):
                self.grants[key_of(grant)] = grant
            case changes.CountRead(grant):
                if (there := self.grants.get(key_of(grant))) and there.reads_left is not None:
                    self.grants[key_of(grant)] = replace(there, reads_left=there.reads_left - 1)
            case changes.RevokeGrants():
                self._revoke(change)
            case changes.MarkVerified(record_id, at):
                alter(self.records, record_id, verified_at=at)
            case changes.SetErased(record_id, at):
                alter(self.records, record_id, erased_at=at)
            case changes.ReplaceKey(record_id, key):
                self._replace_key(record_id, key)
            case changes.DestroyKey(record_id):
                if readable := self.records.get(record_id):
                    locked = replace(readable.key, wrapped=b"")
                    alter(self.records, record_id, key=locked)
            case changes.DropRecord(record_id):
                self.records.pop(record_id, None)
                self.ciphertexts.pop(record_id, None)
            case changes.DropAudit(sequence):
                self._base, self.audit = questions.shortened(self._base, self.audit, sequence)
            case changes.Sweep(now, sessions_before, handles_before):
                self._sweep(now, sessions_before, handles_before)

    def _end(self, whose: tuple[str, str]) -> None:
        for name in ("sessions", "handles", "grants"):
            keep(getattr(self, name), lambda each: (each.application, each.reference) != whose)
        self._end_uploads(lambda each: (each.application, each.reference) == whose)

    def _end_uploads(self, which: Callable[[ledger.Upload], bool]) -> None:
        for name, upload in self.uploads.items():
            if which(upload):
                self.uploads[name] = replace(upload, expires_at=0)

    def _move(self, application: str, old: str, new: str) -> None:
        for key, grant in list(self.grants.items()):
            if key[:2] == (application, old) and grant.action is Action.STORE:
                moved = replace(self.grants.pop(key), reference=new)
                self.grants[key_of(moved)] = moved

    def _adopt(self, whose: tuple[str, str], subject: str) -> None:
        for application, reference, record_id, action in self.grants:
            record = self.records.get(record_id)
            theirs = (application, reference) == whose and action is Action.STORE
            if theirs and record and (record.application, record.subject) == (application, None):
                alter(self.records, record_id, subject=subject)

    def _revoke(self, change: changes.RevokeGrants) -> None:
        keep(self.grants, lambda grant: not questions.is_revoked(grant, change))

    def _replace_key(self, record_id: bytes, key: Wrapped) -> None:
        self.wraps[key.epoch] += 1
        if record := self.records.get(record_id):
            if key.record_id != record_id and key.record_id in self.records:
                raise Unavailable
            here = {record_id: replace(record, key=key)}
            kept = [here.get(name, each) for name, each in self.records.items()]
            self.records = {each.record_id: each for each in kept}
            self.ciphertexts[key.record_id] = self.ciphertexts.pop(record_id)
        for name, grant in list(self.grants.items()):
            if grant.record_id == record_id:
                moved = replace(self.grants.pop(name), record_id=key.record_id)
                self.grants[key_of(moved)] = moved

    def _sweep(self, now: int, sessions_before: int, handles_before: int) -> None:
        keep(self.sessions, lambda each: each.expires_at > sessions_before)
        keep(self.handles, lambda each: each.created_at >= handles_before)
        keep(self.grants, lambda each: each.expires_at > now)
        keep(self.ended, lambda until: until > now)
        keep(self.log_outs, lambda each: each[1] > now)
        keep(self.log_out_tokens, lambda until: until > now)
