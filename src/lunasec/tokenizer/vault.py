"""Values: tokenize, detokenize, describe, erase. Nothing here ever holds a plaintext."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass

import structlog

from lunasec.errors import CiphertextMalformed, LunaSecError, RecordDamaged
from lunasec.tokenizer.core.changes import PutRecord
from lunasec.tokenizer.core.envelope import Envelope
from lunasec.tokenizer.core.grants import GRANT_SECONDS
from lunasec.tokenizer.core.identity import ApplicationCaller, FrameCaller
from lunasec.tokenizer.core.ledger import Record
from lunasec.tokenizer.core.secret import Secret
from lunasec.tokenizer.core.tokens import SECRET_BYTES, Token
from lunasec.tokenizer.core.upkeep import Relock
from lunasec.tokenizer.core.values import (
    DescribeValues,
    EraseValues,
    ReadValues,
    Release,
    StoreValues,
)
from lunasec.tokenizer.gate import Gate
from lunasec.tokenizer.ports import Cipher, Clock

log = structlog.get_logger("lunasec.vault")

Metadata = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedValue:
    """A value as the frame sealed it, with the key that opens it."""

    dek: Secret
    ciphertext: bytes
    kind: str
    metadata: Metadata


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedValue:
    """A sealed value and its key, on their way to the frame; the grant ends in `expires_in` s."""

    dek: Secret
    ciphertext: bytes
    kind: str
    metadata: Metadata
    expires_in: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Vault:
    """What callers can do with values; each method passes the gate before any effect."""

    gate: Gate
    cipher: Cipher
    clock: Clock
    random: Callable[[int], bytes]

    async def tokenize(self, caller: FrameCaller, values: Sequence[SealedValue]) -> list[Token]:
        """Keep sealed values under new tokens, with a store grant for the caller's session.

        Raises: `CiphertextMalformed`, `NoSession`, `SessionChanged`, `Unavailable`.
        """
        now = self.clock()
        tokens = [Token.of(self.random(SECRET_BYTES)) for _ in values]
        records = tuple(
            self._record(caller, token, value, now)
            for token, value in zip(tokens, values, strict=True)
        )
        operation = StoreValues(
            caller=caller, values=records, expires_at=now + GRANT_SECONDS, now=now
        )
        await self.gate.admit(operation)
        return tokens

    async def detokenize(
        self, caller: FrameCaller, tokens: Sequence[Token]
    ) -> list[OpenedValue | None]:
        """Release the keys of granted values, in order; None where the answer is no.

        The audit entry is durable before any key leaves.

        A record that was damaged is refused like any other, and told to the operator: one of them
        takes nothing from the others on its page.

        Raises: `NoSession`, `SessionChanged`, `TooLarge`, `Unavailable`.
        """
        now = self.clock()
        admitted = await self.gate.admit(
            ReadValues(caller=caller, records=self._ids(tokens), now=now)
        )
        opened = [
            None if release is None else self._open(token, release, now)
            for token, release in zip(tokens, admitted, strict=True)
        ]
        await self._rename(caller, zip(tokens, admitted, opened, strict=True), now)
        return opened

    async def describe(
        self, caller: FrameCaller | ApplicationCaller, reference: str, tokens: Sequence[Token]
    ) -> list[Record | None]:
        """Say what tokens are, in order, as far as this session may read them.

        Raises: `NoSession`, `SessionChanged`, `Unavailable`.
        """
        operation = DescribeValues(
            caller=caller, reference=reference, records=self._ids(tokens), now=self.clock()
        )
        return list(await self.gate.admit(operation))

    async def erase(self, caller: ApplicationCaller, tokens: Sequence[Token]) -> int:
        """Make values unreadable at once, and say how many; they are destroyed after the delay.

        Raises: `Unavailable`.
        """
        operation = EraseValues(caller=caller, records=self._ids(tokens), now=self.clock())
        return await self.gate.admit(operation)

    def _ids(self, tokens: Sequence[Token]) -> tuple[tuple[bytes, ...], ...]:
        return tuple(map(self.cipher.record_ids, tokens))

    def _record(self, caller: FrameCaller, token: Token, value: SealedValue, now: int) -> PutRecord:
        envelope = Envelope.parse(value.ciphertext, application=caller.application, kind=value.kind)
        record = Record(
            application=caller.application,
            key=self.cipher.wrap(token, value.dek, envelope),
            kind=value.kind,
            size=len(value.ciphertext),
            metadata=value.metadata,
            subject=None,
            created_at=now,
        )
        return PutRecord(record, value.ciphertext)

    async def _rename(
        self,
        caller: FrameCaller,
        read: Iterable[tuple[Token, Release | None, OpenedValue | None]],
        now: int,
    ) -> None:
        """Move what was read to the newest lookup key: only now is its token at hand."""
        keys = {
            release.record.record_id: (
                release.record.key,
                self.cipher.wrap(token, value.dek, _envelope(release)),
            )
            for token, release, value in read
            if release and value and not self.cipher.is_current(release.record.key)
        }
        if keys:
            with suppress(LunaSecError):  # it is read all the same, and moves the next time
                relock = Relock(application=caller.application, keys=tuple(keys.values()), now=now)
                await self.gate.admit(relock)

    def _open(self, token: Token, release: Release, now: int) -> OpenedValue | None:
        record = release.record
        try:
            dek = self.cipher.unwrap(token, _envelope(release), record.key)
        except (RecordDamaged, CiphertextMalformed) as error:
            log.error("damaged record", record=record.record_id.hex(), code=error.code)  # noqa: TRY400 - its traceback tells no more
            return None
        return OpenedValue(
            dek=dek,
            ciphertext=release.ciphertext,
            kind=record.kind,
            metadata=record.metadata,
            expires_in=release.expires_at - now,
        )


def _envelope(release: Release) -> Envelope:
    record = release.record
    return Envelope.parse(release.ciphertext, application=record.application, kind=record.kind)
