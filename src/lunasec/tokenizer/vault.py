"""Values: tokenize, detokenize, describe. Nothing here ever holds a plaintext."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import compress
from typing import Final

import structlog

from lunasec.errors import CiphertextMalformed, LunaSecError, RecordDamaged, TooLarge
from lunasec.tokenizer.core.changes import PutRecord
from lunasec.tokenizer.core.envelope import BUCKET_BYTES, Envelope
from lunasec.tokenizer.core.grants import GRANT_SECONDS
from lunasec.tokenizer.core.identity import ApplicationCaller, FrameCaller
from lunasec.tokenizer.core.ledger import Record, Want
from lunasec.tokenizer.core.policy import GRANTS_ALONE, Act, Policy, StepUp
from lunasec.tokenizer.core.sealed import OpenedValue, SealedValue
from lunasec.tokenizer.core.stream import MANIFEST_BYTES
from lunasec.tokenizer.core.tokens import SECRET_BYTES, Token
from lunasec.tokenizer.core.upkeep import Relock
from lunasec.tokenizer.core.values import DescribeValues, ReadValues, Release, StoreValues
from lunasec.tokenizer.gate import Gate
from lunasec.tokenizer.ports import Cipher, Clock, Derived, Store

log = structlog.get_logger("lunasec.vault")

LARGEST_MANIFEST: Final = MANIFEST_BYTES // BUCKET_BYTES + 1
"""In buckets; the padding adds at least one byte."""

Released = Sequence[Release | StepUp | None]

Decided = Callable[[Released], Awaitable[None]]
"""Hears what is to leave, and may wait until there is room for it."""


async def _go_on(_: Released) -> None:
    """Wait for nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vault:
    """What callers can do with values; each method passes the gate before any effect.

    `policies` says of each application what counts beside its grants, where anything does.
    """

    gate: Gate
    store: Store
    cipher: Cipher
    clock: Clock
    random: Callable[[int], bytes]
    policies: Mapping[str, Policy] = field(default_factory=dict[str, Policy])
    on_damage: Callable[[], None] = lambda: None
    """Called for each damaged record that somebody asked for."""

    async def tokenize(self, caller: FrameCaller, values: Sequence[SealedValue]) -> list[Token]:
        """Keep sealed values under new tokens, with a store grant for the caller's session.

        A file's upload becomes its record's in the same step, or is refused like one that is not
        there.

        Raises: `CiphertextMalformed`, `NotGranted`, `NoSession`, `SessionChanged`, `TooLarge`,
        `Unavailable`.
        """
        now = self.clock()
        tokens = [Token.of(self.random(SECRET_BYTES)) for _ in values]
        records = tuple(
            self._record(caller, token, value, now)
            for token, value in zip(tokens, values, strict=True)
        )
        operation = StoreValues(
            caller=caller,
            values=records,
            expires_at=now + GRANT_SECONDS,
            now=now,
            uploads=tuple(each.upload for each in values if each.upload is not None),
        )
        await self.gate.admit(operation)
        return tokens

    async def detokenize(
        self,
        caller: FrameCaller,
        tokens: Sequence[Token],
        purpose: Act = Act.READ,
        decided: Decided = _go_on,
    ) -> list[OpenedValue | StepUp | None]:
        """Release the keys of granted values, in order; None where the answer is no.

        `StepUp` where it would be yes, once it was confirmed anew who asks.

        The audit entry is durable before any key leaves. `decided` is awaited before a ciphertext
        is fetched; what was revoked, erased or logged out meanwhile stays.

        A record that was damaged is refused like any other, and told to the operator: one of them
        takes nothing from the others on its page.

        Raises: `NoSession`, `SessionChanged`, `TooLarge`, `Unavailable`, and what `decided` does.
        """
        derived = [self.cipher.derive(each) for each in tokens]
        ids = tuple([each.record_ids for each in derived])
        released = await self.gate.admit(
            ReadValues(
                caller=caller,
                records=ids,
                purpose=purpose,
                now=self.clock(),
                policy=self._policy(caller),
            )
        )
        await decided(released)
        contents = await self._contents(caller, ids, released)
        now = self.clock()
        opened = [
            self._open(each, release, content, now) if isinstance(release, Release) else release
            for each, release, content in zip(derived, released, contents, strict=True)
        ]
        await self._rename(caller, zip(tokens, released, opened, strict=True), now)
        return opened

    async def _contents(
        self,
        caller: FrameCaller,
        ids: Sequence[tuple[bytes, ...]],
        released: Released,
    ) -> list[bytes | None]:
        """Fetch what was released, each under any name that it may have got since."""
        there = [isinstance(each, Release) for each in released]
        records = tuple(compress(ids, there))
        if not records:
            return [None] * len(ids)
        application, reference = caller.application, caller.reference
        want = Want(application=application, grants_of=reference, contents=records)
        found = iter((await self.store.look(want)).contents)
        return [next(found) if each else None for each in there]

    async def describe(
        self, caller: FrameCaller | ApplicationCaller, reference: str, tokens: Sequence[Token]
    ) -> list[Record | StepUp | None]:
        """Say what tokens are, in order, as far as this session may read them.

        `StepUp` where it might, once it was confirmed anew who asks.

        Raises: `NoSession`, `SessionChanged`, `Unavailable`.
        """
        operation = DescribeValues(
            caller=caller,
            reference=reference,
            records=self._ids(tokens),
            now=self.clock(),
            policy=self._policy(caller),
        )
        return [
            None if isinstance(each, Record) and self._is_damaged(each) else each
            for each in await self.gate.admit(operation)
        ]

    def _policy(self, caller: FrameCaller | ApplicationCaller) -> Policy:
        return self.policies.get(caller.application, GRANTS_ALONE)

    def _ids(self, tokens: Sequence[Token]) -> tuple[tuple[bytes, ...], ...]:
        return tuple(map(self.cipher.record_ids, tokens))

    def _record(self, caller: FrameCaller, token: Token, value: SealedValue, now: int) -> PutRecord:
        envelope = Envelope.parse(value.ciphertext, application=caller.application, kind=value.kind)
        if value.upload is not None and envelope.buckets > LARGEST_MANIFEST:
            raise TooLarge(f"A manifest is at most {MANIFEST_BYTES} bytes.")
        record = Record(
            application=caller.application,
            key=self.cipher.wrap(token, value.dek, envelope),
            kind=value.kind,
            size=len(value.ciphertext),
            metadata=value.metadata,
            subject=None,
            created_at=now,
            file=value.upload.file if value.upload else None,
        )
        return PutRecord(record, value.ciphertext)

    async def _rename(
        self,
        caller: FrameCaller,
        read: Iterable[tuple[Token, Release | StepUp | None, OpenedValue | StepUp | None]],
        now: int,
    ) -> None:
        """Move what was read to the newest lookup key: only now is its token at hand."""
        keys = {
            release.record.record_id: (
                release.record.key,
                self.cipher.wrap(token, value.dek, _envelope(release.record, value.ciphertext)),
            )
            for token, release, value in read
            if isinstance(release, Release)
            and isinstance(value, OpenedValue)
            and not self.cipher.is_current(release.record.key)
        }
        if keys:
            with suppress(LunaSecError):  # it is read all the same, and moves the next time
                relock = Relock(application=caller.application, keys=tuple(keys.values()), now=now)
                await self.gate.admit(relock)

    def _is_damaged(self, record: Record) -> bool:
        """Say whether a record's row can't be right; the operator is told."""
        if record.damaged:
            self._tell(record, RecordDamaged.code)
        return record.damaged

    def _tell(self, record: Record, code: str) -> None:
        self.on_damage()
        log.error("damaged record", record=record.record_id.hex(), code=code)

    def _open(
        self, derived: Derived, release: Release, ciphertext: bytes | None, now: int
    ) -> OpenedValue | None:
        record = release.record
        if ciphertext is None or now >= release.expires_at:  # it may have waited
            return None
        if self._is_damaged(record):
            return None
        try:
            dek = derived.unwrap(_envelope(record, ciphertext), record.key)
        except (RecordDamaged, CiphertextMalformed, TooLarge) as error:
            self._tell(record, error.code)
            return None
        return OpenedValue(
            dek=dek,
            ciphertext=ciphertext,
            kind=record.kind,
            metadata=record.metadata,
            expires_in=release.expires_at - now,
            may_copy=release.may_copy,
            file=record.file,
        )


def _envelope(record: Record, ciphertext: bytes) -> Envelope:
    return Envelope.parse(ciphertext, application=record.application, kind=record.kind)
