"""Upkeep, about once a minute: drop, destroy, renew locks, rotate keys, anchor the audit log."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import structlog

from lunasec.errors import LunaSecError
from lunasec.tokenizer.aside import Aside
from lunasec.tokenizer.core.audit import Head
from lunasec.tokenizer.core.envelope import Envelope
from lunasec.tokenizer.core.keyset import Keyset, rotation_due
from lunasec.tokenizer.core.ledger import Batch, EpochBefore, Found, Want
from lunasec.tokenizer.core.pruning import PruneAudit
from lunasec.tokenizer.core.upkeep import (
    DestroyKeys,
    DropDestroyed,
    DropEnded,
    Relock,
)
from lunasec.tokenizer.core.wrapped import Wrapped
from lunasec.tokenizer.file_upkeep import FileKeeper
from lunasec.tokenizer.gate import BATCH, Gate, admit_all
from lunasec.tokenizer.ports import Store

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

    def __init__(  # noqa: PLR0913 - one for each thing that is kept up
        self,
        *,
        gate: Gate,
        store: Store,
        locks: Locks,
        files: FileKeeper,
        keyset: Keyset,
        erase_delay: int,
        rotate: Callable[[int], Keyset] | None = None,
        anchor: Callable[[Head], None] | None = None,
        audit_keep: int | None = None,
    ) -> None:
        """Name what it works with. `rotate` begins a wrap epoch; `anchor` keeps the log's head.

        `audit_keep` is for how many seconds the log is kept; without it, for ever.
        """
        self._gate = gate
        self._store = store
        self._locks = locks
        self._files = files
        self._keyset = keyset
        self._erase_delay = erase_delay
        self._rotate = rotate
        self._anchor = anchor
        self._audit_keep = audit_keep
        self._anchored = 0
        self._rotating, self._anchoring = Aside(), Aside()

    async def run(self, now: int) -> None:
        """Do all that is due.

        Raises the first error of a step, such as `Unavailable`, when all were tried; what was not
        done is done the next time.
        """
        # First, and each by itself: one damaged row, or files out of reach, would else keep the log
        # from being anchored, and what was erased from being destroyed.
        failed: list[Exception] = []
        for step in (
            self.anchor,
            lambda: self._gate.admit(DropEnded(now=now)),
            lambda: self._destroy_keys(now),
            lambda: self.rotate(now),
            lambda: self.relock(now),
            self._drop_destroyed,
            lambda: self.prune(now),
            lambda: self._files.run(now),
        ):
            try:
                await step()
            except Exception as error:  # noqa: BLE001 - raised below, when the others are through
                failed.append(error)
        if failed:
            raise failed[0]

    async def destroy(self, now: int) -> int:
        """Destroy what was erased long enough ago, keys first; return how many records that were.

        Raises: `Unavailable`.
        """
        destroyed = await self._destroy_keys(now)
        await self._drop_destroyed()
        return destroyed

    async def rotate(self, now: int) -> None:
        """Begin a new wrap epoch when the present one was used long or often enough.

        Nothing has to be backed up by that: its key derives from the root, as all others do.

        Raises: `KeyFileDamaged`, `Unavailable`.
        """
        epoch = self._keyset.wrap.number
        used = (await self._store.look(Want(application="", wraps_of=epoch))).wraps
        rotate = self._rotate
        if rotate is None or not rotation_due(self._keyset, used, now):
            return
        keyset = await self._rotating.run(lambda: rotate(now))
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
        anchor = self._anchor
        if anchor is not None:
            await self._anchoring.run(lambda: anchor(head))
        self._anchored = head.sequence
        log.info("audit head", sequence=head.sequence, digest=head.digest.hex())
        return head

    async def prune(self, now: int) -> int:
        """Take out of the audit log what is older than it is kept, up to the anchor at the most.

        Raises: `AuditDamaged`, and then leaves everything where it is; `Unavailable`.
        """
        if self._audit_keep is None:
            return 0
        before = now - self._audit_keep
        return await admit_all(
            self._gate, PruneAudit(before=before, anchored=self._anchored, now=now)
        )

    async def _destroy_keys(self, now: int) -> int:
        delay = self._erase_delay
        return await admit_all(self._gate, DestroyKeys(now=now, erase_delay=delay, limit=BATCH))

    async def _drop_destroyed(self) -> None:
        """Remove files before the records that name them: a crash in between leaves no orphan."""
        while True:
            await self._files.remove_destroyed()
            if not await self._gate.admit(DropDestroyed(limit=BATCH)):
                return

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
