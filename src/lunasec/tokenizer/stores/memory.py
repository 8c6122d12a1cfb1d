"""The reference store: every promise of the port in plain dictionaries. Read this one first."""

from dataclasses import replace
from typing import TypeVar

from lunasec.errors import LunaSecError
from lunasec.tokenizer.core import ledger
from lunasec.tokenizer.core.audit import START, Entry, Head, follow, line
from lunasec.tokenizer.core.ledger import Action, Change, Facts, Found, Operation, Want

T = TypeVar("T")

GrantKey = tuple[str, str, bytes, Action]


class MemoryStore:
    """Keeps the ledger until the process ends; for tests, ours and applications'."""

    def __init__(self) -> None:
        """Start empty."""
        self.sessions: dict[bytes, ledger.Session] = {}
        self.handles: dict[bytes, ledger.Handle] = {}
        self.ended: dict[tuple[str, str], int] = {}
        self.records: dict[bytes, ledger.Record] = {}
        self.ciphertexts: dict[bytes, bytes] = {}
        self.grants: dict[GrantKey, ledger.Grant] = {}
        self.audit: list[str] = []
        self._head = START

    async def transact(self, operation: Operation[T]) -> T | LunaSecError:
        """Do it all at once: nothing else runs in between on one event loop."""
        decision = operation.decide(self._facts(operation.want()))
        for change in decision.changes:
            self._apply(change)
        for entry in decision.entries:
            self._append(entry)
        return decision.answer

    async def look(self, want: Want) -> Facts:
        """Read the dictionaries."""
        return self._facts(want)

    async def head(self) -> Head:
        """Return the end of the audit chain."""
        return self._head

    async def close(self) -> None:
        """Nothing to let go of."""

    def _facts(self, want: Want) -> Facts:
        return Facts(
            session=self.sessions.get(want.session) if want.session else None,
            handle=self.handles.get(want.handle) if want.handle else None,
            ended=frozenset(
                each for each in want.references if (want.application, each) in self.ended
            ),
            sessions=tuple(
                each
                for each in self.sessions.values()
                if (each.application, each.reference) == (want.application, want.sessions_of)
            ),
            found=tuple(self._found(want, ids) for ids in want.records),
        )

    def _found(self, want: Want, record_ids: tuple[bytes, ...]) -> Found:
        for record_id in record_ids:
            record = self.records.get(record_id)
            if record is not None and record.application == want.application:
                key = (want.application, want.grants_of, record_id, want.action)
                return Found(
                    record=record,
                    grant=self.grants.get(key),
                    ciphertext=self.ciphertexts.get(record_id) if want.contents else None,
                )
        return Found()

    def _append(self, entry: Entry) -> None:
        text = line(entry)
        self.audit.append(text)
        self._head = follow(self._head, text)

    def _apply(self, change: Change) -> None:  # noqa: C901, PLR0912 - one branch a change
        match change:
            case ledger.PutSession(session):
                self.sessions[session.secret_hash] = session
            case ledger.ShortenSession(secret_hash, expires_at):
                old = self.sessions[secret_hash]
                end = min(old.expires_at, expires_at)
                self.sessions[secret_hash] = replace(old, expires_at=end)
            case ledger.PutHandle(handle):
                self.handles[handle.handle_hash] = handle
            case ledger.UseHandle(handle_hash):
                self.handles[handle_hash] = replace(self.handles[handle_hash], used=True)
            case ledger.EndReference(application, reference, until):
                self._end(application, reference)
                self.ended[application, reference] = until
            case ledger.MoveStoreGrants(application, old_reference, new_reference):
                self._move(application, old_reference, new_reference)
            case ledger.PutRecord(record, ciphertext):
                self.records[record.record_id] = record
                self.ciphertexts[record.record_id] = ciphertext
            case ledger.PutGrant(grant):
                self.grants[_key(grant)] = grant
            case ledger.CountRead(grant):
                there = self.grants[_key(grant)]
                left = None if there.reads_left is None else there.reads_left - 1
                self.grants[_key(grant)] = replace(there, reads_left=left)
            case ledger.RevokeGrants(application, reference, records):
                self._revoke(application, reference, records)
            case ledger.MarkVerified(record_id, at):
                self.records[record_id] = replace(self.records[record_id], verified_at=at)
            case ledger.SetErased(record_id, at):
                self.records[record_id] = replace(self.records[record_id], erased_at=at)
            case ledger.Sweep(now, handles_before, erased_before):
                self._sweep(now, handles_before, erased_before)

    def _end(self, application: str, reference: str) -> None:
        whose = (application, reference)
        self.sessions = {
            k: v for k, v in self.sessions.items() if (v.application, v.reference) != whose
        }
        self.handles = {
            k: v for k, v in self.handles.items() if (v.application, v.reference) != whose
        }
        self.grants = {k: v for k, v in self.grants.items() if k[:2] != whose}

    def _move(self, application: str, old: str, new: str) -> None:
        for key, grant in list(self.grants.items()):
            if key[:2] == (application, old) and grant.action is Action.STORE:
                moved = replace(self.grants.pop(key), reference=new)
                self.grants[_key(moved)] = moved

    def _revoke(
        self, application: str, reference: str | None, records: tuple[bytes, ...] | None
    ) -> None:
        self.grants = {
            key: grant
            for key, grant in self.grants.items()
            if grant.application != application
            or (reference is not None and grant.reference != reference)
            or (records is not None and grant.record_id not in records)
        }

    def _sweep(self, now: int, handles_before: int, erased_before: int) -> None:
        self.sessions = {k: v for k, v in self.sessions.items() if v.expires_at > now}
        self.handles = {k: v for k, v in self.handles.items() if v.created_at >= handles_before}
        self.grants = {k: v for k, v in self.grants.items() if v.expires_at > now}
        self.ended = {k: until for k, until in self.ended.items() if until > now}
        for record_id, record in list(self.records.items()):
            if record.erased_at is not None and record.erased_at < erased_before:
                del self.records[record_id], self.ciphertexts[record_id]


def _key(grant: ledger.Grant) -> GrantKey:
    return grant.application, grant.reference, grant.record_id, grant.action
