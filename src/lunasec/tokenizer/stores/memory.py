"""The reference store: every promise of the port in plain dictionaries. Read this one first."""

import dataclasses
from collections import Counter
from collections.abc import Callable
from operator import itemgetter
from typing import Any, TypeVar

from msgspec.structs import replace

from lunasec.errors import LunaSecError, Unavailable
from lunasec.tokenizer.core import changes, ledger
from lunasec.tokenizer.core.audit import START, Head, follow, line
from lunasec.tokenizer.core.changes import Change
from lunasec.tokenizer.core.ledger import Action, Facts, Found, Want
from lunasec.tokenizer.core.operation import Decision, Operation
from lunasec.tokenizer.core.wrapped import Wrapped

T = TypeVar("T")
K = TypeVar("K")
V = TypeVar("V")

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
        self.wraps: Counter[int] = Counter()
        self.audit: list[str] = []
        self._head = START
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

    # Facts.

    def _facts(self, want: Want) -> Facts:
        if self._closed:
            raise Unavailable
        return Facts(
            session=self.sessions.get(want.session) if want.session else None,
            handle=self.handles.get(want.handle) if want.handle else None,
            ended=frozenset(
                each for each in want.references if (want.application, each) in self.ended
            ),
            sessions=tuple(
                session
                for _, session in sorted(self.sessions.items())
                if session.application == want.application and session.reference in want.sessions_of
            ),
            found=tuple(self._found(want, ids) for ids in want.records),
            batch=() if want.batch is None else self._batch(want.batch),
            count=0 if want.count is None else len(self._meeting(want.count)),
            wraps=0 if want.wraps_of is None else self.wraps[want.wraps_of],
        )

    def _found(self, want: Want, record_ids: tuple[bytes, ...]) -> Found:
        for record_id in record_ids:
            record = self.records.get(record_id)
            if record is not None and record.application == want.application:
                grant = self.grants.get((want.application, want.grants_of, record_id, want.action))
                wanted = want.contents and grant is not None
                return Found(
                    record=record,
                    grant=grant,
                    ciphertext=self.ciphertexts[record_id] if wanted else None,
                )
        return Found()

    def _batch(self, batch: ledger.Batch) -> tuple[Found, ...]:
        records = self._meeting(batch.condition)[batch.skip :][: batch.limit]
        return tuple(
            Found(
                record=each, ciphertext=self.ciphertexts[each.record_id] if batch.contents else None
            )
            for each in records
        )

    def _meeting(self, condition: ledger.Condition) -> list[ledger.Record]:
        ranked = [(_rank(condition, each), each) for each in self.records.values()]
        met = [(rank, each) for rank, each in ranked if rank is not None]
        return [each for _, each in sorted(met, key=itemgetter(0))]  # equals as they were put

    # Changes.

    def _apply(self, change: Change) -> None:  # noqa: C901, PLR0912 - one branch a change
        match change:
            case changes.PutSession(session):
                _put_new(self.sessions, session.secret_hash, session)
            case changes.ShortenSession(secret_hash, expires_at):
                if old_session := self.sessions.get(secret_hash):
                    end = min(old_session.expires_at, expires_at)
                    self.sessions[secret_hash] = replace(old_session, expires_at=end)
            case changes.PutHandle(handle):
                _put_new(self.handles, handle.handle_hash, handle)
            case changes.UseHandle(handle_hash):
                if offered := self.handles.get(handle_hash):
                    self.handles[handle_hash] = replace(offered, used=True)
            case changes.EndReference(application, reference, until):
                self._end((application, reference))
                self.ended[application, reference] = until
            case changes.MoveStoreGrants(application, old, new):
                self._move(application, old, new)
            case changes.PutRecord(record, ciphertext):
                _put_new(self.records, record.record_id, record)
                self.ciphertexts[record.record_id] = ciphertext
                self.wraps[record.key.epoch] += 1
            case changes.PutGrant(grant) | changes.NarrowGrant(grant):
                self.grants[_key(grant)] = grant
            case changes.CountRead(grant):
                if (there := self.grants.get(_key(grant))) and there.reads_left is not None:
                    self.grants[_key(grant)] = replace(there, reads_left=there.reads_left - 1)
            case changes.RevokeGrants():
                self._revoke(change)
            case changes.MarkVerified(record_id, at):
                self._change(record_id, verified_at=at)
            case changes.SetErased(record_id, at):
                self._change(record_id, erased_at=at)
            case changes.ReplaceKey(record_id, key):
                self._replace_key(record_id, key)
            case changes.DestroyKey(record_id):
                if readable := self.records.get(record_id):
                    self._change(record_id, key=dataclasses.replace(readable.key, wrapped=b""))
            case changes.DropRecord(record_id):
                self.records.pop(record_id, None)
                self.ciphertexts.pop(record_id, None)
            case changes.Sweep(now, sessions_before, handles_before):
                self._sweep(now, sessions_before, handles_before)

    def _change(self, record_id: bytes, **fields: Any) -> None:  # noqa: ANN401 - as `replace` takes them
        if record := self.records.get(record_id):
            self.records[record_id] = replace(record, **fields)

    def _end(self, whose: tuple[str, str]) -> None:
        for name in ("sessions", "handles", "grants"):
            _keep(getattr(self, name), lambda each: (each.application, each.reference) != whose)

    def _move(self, application: str, old: str, new: str) -> None:
        for key, grant in list(self.grants.items()):
            if key[:2] == (application, old) and grant.action is Action.STORE:
                moved = replace(self.grants.pop(key), reference=new)
                self.grants[_key(moved)] = moved

    def _revoke(self, change: changes.RevokeGrants) -> None:
        _keep(
            self.grants,
            lambda grant: (
                grant.application != change.application
                or (change.reference is not None and grant.reference != change.reference)
                or (change.records is not None and grant.record_id not in change.records)
            ),
        )

    def _replace_key(self, record_id: bytes, key: Wrapped) -> None:
        self.wraps[key.epoch] += 1
        record = self.records.get(record_id)
        if record is None:
            return
        if key.record_id != record_id and key.record_id in self.records:
            raise Unavailable
        here = {record_id: replace(record, key=key)}
        kept = [here.get(name, each) for name, each in self.records.items()]
        self.records = {each.record_id: each for each in kept}
        self.ciphertexts[key.record_id] = self.ciphertexts.pop(record_id)
        for name, grant in list(self.grants.items()):
            if grant.record_id == record_id:
                moved = replace(self.grants.pop(name), record_id=key.record_id)
                self.grants[_key(moved)] = moved

    def _sweep(self, now: int, sessions_before: int, handles_before: int) -> None:
        _keep(self.sessions, lambda each: each.expires_at > sessions_before)
        _keep(self.handles, lambda each: each.created_at >= handles_before)
        _keep(self.grants, lambda each: each.expires_at > now)
        _keep(self.ended, lambda until: until > now)


def _rank(condition: ledger.Condition, record: ledger.Record) -> int | None:
    """Return where a record stands among those that meet a condition; None if it does not."""
    readable, erased = not record.destroyed, record.erased_at
    match condition:
        case ledger.ErasedBefore(at):
            return erased if erased is not None and erased < at and readable else None
        case ledger.ErasedSince(application, at):
            mine = record.application == application and readable
            return erased if erased is not None and erased >= at and mine else None
        case ledger.Destroyed():
            return erased if record.destroyed else None
        case ledger.UnverifiedBefore(at):
            due = record.created_at < at and record.verified_at is None and erased is None
            return record.created_at if due else None
        case ledger.EpochBefore(epoch):
            return record.key.epoch if record.key.epoch < epoch and readable else None


def _put_new(table: dict[bytes, V], key: bytes, value: V) -> None:
    """Refuse a name that is taken, as a unique column does; random names never are."""
    if key in table:
        raise Unavailable
    table[key] = value


def _keep(table: dict[K, V], wanted: Callable[[V], bool]) -> None:
    for key in [key for key, value in table.items() if not wanted(value)]:
        del table[key]


def _key(grant: ledger.Grant) -> GrantKey:
    return grant.application, grant.reference, grant.record_id, grant.action
