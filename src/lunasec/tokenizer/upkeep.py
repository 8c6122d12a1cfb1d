"""Upkeep, about once a minute: drop, destroy, renew locks, rotate keys, anchor the audit log."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final, Protocol

import structlog

from lunasec.errors import LunaSecError
from lunasec.tokenizer.core.audit import Head
from lunasec.tokenizer.core.envelope import Envelope
from lunasec.tokenizer.core.keyset import Keyset, rotation_due
from lunasec.tokenizer.core.ledger import Batch, EpochBefore, Found, UnverifiedBefore, Want
from lunasec.tokenizer.core.operation import Operation
from lunasec.tokenizer.core.upkeep import (
    DestroyKeys,
    DropDestroyed,
    DropEnded,
    EraseUnverified,
    Relock,
    UndoErase,
)
from lunasec.tokenizer.core.wrapped import Wrapped
from lunasec.tokenizer.gate import Gate
from lunasec.tokenizer.ports import Store

BATCH: Final = 100
"""Records in one step, so that requests pass between two of them."""

log: Any = structlog.get_logger("lunasec")


class Locks(Protocol):
    """What upkeep needs of the cipher."""

    def rewrap(self, envelope: Envelope, wrapped: Wrapped) -> Wrapped:
        """Renew the outer lock with the newest key, or raise `RecordDamaged`."""
        ...

    def adopt(self, keyset: Keyset) -> None:
        """Lock with the key set's newest epoch from now on."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Relocked:
    """How many records got a new lock, and how many are damaged and kept their old one."""

    records: int
    damaged: int


class Upkeep:
    """What the tokenizer does by itself, and what an operator asks for; all through the gate."""

    def __init__(
        self,
        *,
        gate: Gate,
        store: Store,
        locks: Locks,
        keyset: Keyset,
        erase_delay: int,
        rotate: Callable[[int], Keyset] | None = None,
        anchor: Callable[[Head], None] | None = None,
    ) -> None:
        """Name what it works with. `rotate` begins a wrap epoch; `anchor` keeps the log's head."""
        self._gate = gate
        self._store = store
        self._locks = locks
        self._keyset = keyset
        self._erase_delay = erase_delay
        self._rotate = rotate
        self._anchor = anchor

    async def run(self, now: int) -> None:
        """Do all that is due.

        Raises: `Unavailable`; what was not done is done the next time.
        """
        await self._gate.admit(DropEnded(now=now))
        await self.destroy(now)
        await self.rotate(now)
        await self.relock(now)
        await self.anchor()

    async def destroy(self, now: int) -> int:
        """Destroy what was erased long enough ago, keys first; return how many records that were.

        Raises: `Unavailable`.
        """
        delay = self._erase_delay
        destroyed = await self._all(DestroyKeys(now=now, erase_delay=delay, limit=BATCH))
        await self._all(DropDestroyed(limit=BATCH))
        return destroyed

    async def rotate(self, now: int) -> None:
        """Begin a new wrap epoch when the present one was used long or often enough.

        Nothing has to be backed up by that: its key derives from the root, as all others do.

        Raises: `KeyFileDamaged`, `Unavailable`.
        """
        epoch = self._keyset.wrap.number
        used = (await self._store.look(Want(application="", wraps_of=epoch))).wraps
        if self._rotate is None or not rotation_due(self._keyset, used, now):
            return
        keyset = self._rotate(now)
        self._locks.adopt(keyset)
        self._keyset = keyset
        log.info("keys rotated; older backups stay good", epoch=keyset.wrap.number)

    async def relock(self, now: int) -> Relocked:
        """Put every record under the newest wrap key, in small steps. Damaged ones are left alone.

        Raises: `Unavailable`.
        """
        done = damaged = 0
        while True:
            condition = EpochBefore(self._keyset.wrap.number)
            batch = Batch(condition=condition, limit=BATCH, skip=damaged, contents=True)
            found = (await self._store.look(Want(application="", batch=batch))).batch
            renewed = self._renewed(found)
            steps = [
                await self._gate.admit(Relock(application=name, keys=keys, now=now))
                for name, keys in renewed.items()
            ]
            lost = len(found) - sum(map(len, renewed.values()))
            done, damaged = done + sum(steps), damaged + lost
            if not sum(steps) and not lost:
                break
        if damaged:
            log.error("records do not open with their wrap key", records=damaged)
        return Relocked(records=done, damaged=damaged)

    async def anchor(self) -> Head:
        """Say in the log, and in the file beside the keys, how far the audit log has come.

        Raises: `Unavailable`.
        """
        head = await self._store.head()
        if self._anchor is not None:
            self._anchor(head)
        log.info("audit head", sequence=head.sequence, digest=head.digest.hex())
        return head

    async def count_unverified(self, before: int) -> int:
        """Count the tokens made before `before` that no application ever verified.

        Raises: `Unavailable`.
        """
        want = Want(application="", count=UnverifiedBefore(before))
        return (await self._store.look(want)).count

    async def erase_unverified(self, before: int, now: int) -> int:
        """Erase them; it can be undone until they are destroyed.

        Raises: `Unavailable`.
        """
        return await self._all(EraseUnverified(before=before, now=now, limit=BATCH))

    async def undo_erase(self, application: str, since: int, now: int) -> int:
        """Give back what an application erased at `since` or later, and say how much that was.

        Raises: `Unavailable`.
        """
        operation = UndoErase(application=application, since=since, now=now, limit=BATCH)
        return await self._all(operation)

    async def _all(self, operation: Operation[int]) -> int:
        """Repeat a batch until nothing is left."""
        total = 0
        while done := await self._gate.admit(operation):
            total += done
        return total

    def _renewed(self, found: tuple[Found, ...]) -> dict[str, tuple[tuple[Wrapped, Wrapped], ...]]:
        """Lock each record anew, by application; those that don't open are left out."""
        renewed: dict[str, tuple[tuple[Wrapped, Wrapped], ...]] = {}
        for application, pair in self._pairs(found):
            renewed[application] = (*renewed.get(application, ()), pair)
        return renewed

    def _pairs(self, found: tuple[Found, ...]) -> Iterator[tuple[str, tuple[Wrapped, Wrapped]]]:
        for each in found:
            record, ciphertext = each.record, each.ciphertext
            if record is None or ciphertext is None:
                continue
            try:
                envelope = Envelope.parse(
                    ciphertext, application=record.application, kind=record.kind
                )
                yield record.application, (record.key, self._locks.rewrap(envelope, record.key))
            except LunaSecError:
                continue
