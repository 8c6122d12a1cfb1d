"""Upkeep of files: what nobody finished, what was destroyed, what a crash left without a name."""

from typing import Any, Final

import structlog

from lunasec.tokenizer.core.files import ForgetUploads
from lunasec.tokenizer.core.ledger import Batch, Destroyed, EndedBy, Want
from lunasec.tokenizer.core.upkeep import UPKEEP
from lunasec.tokenizer.gate import Gate
from lunasec.tokenizer.ports import Blobs, Store

BATCH: Final = 100
"""Uploads, or blobs, in one step, so that requests pass between two of them."""

GRACE: Final = 60
"""Seconds after its end in which an upload may still be taken by a request that began before."""

FOLDERS: Final = 256
"""First bytes that a name can have; each run looks for orphans of one, so of all in four hours."""

log: Any = structlog.get_logger("lunasec.files")


class FileKeeper:
    """Removes bytes that no record and no upload needs. The ledger is always changed first."""

    def __init__(self, *, gate: Gate, store: Store, blobs: Blobs) -> None:
        """Name what it works with."""
        self._gate = gate
        self._store = store
        self._blobs = blobs
        self._next = 0

    async def run(self, now: int) -> None:
        """Remove what ended, and look for orphans in one more folder.

        Raises: `Unavailable`; what was not done is done the next time.
        """
        await self.remove_ended(now)
        await self.remove_orphans(self._next)
        self._next = (self._next + 1) % FOLDERS

    async def remove_ended(self, now: int) -> int:
        """Remove uploads that were given up, or not finished in a day; return how many.

        The bytes go first and the upload after them: a crash in between is found the next time.

        Raises: `Unavailable`.
        """
        removed = 0
        want = Want(application="", ended_uploads=EndedBy(at=now - GRACE, limit=BATCH))
        while ended := (await self._store.look(want)).ended_uploads:
            for each in ended:
                await self._blobs.drop(each.file.blob)
            removed += await self._gate.admit(ForgetUploads(uploads=ended, now=now, actor=UPKEEP))
        return removed

    async def remove_destroyed(self) -> None:
        """Remove the bytes of records whose keys are gone, of the batch that goes next.

        Raises: `Unavailable`.
        """
        want = Want(application="", batch=Batch(condition=Destroyed(), limit=BATCH))
        for each in (await self._store.look(want)).batch:
            if each.record is not None and each.record.file is not None:
                await self._blobs.drop(each.record.file.blob)

    async def remove_orphans(self, first: int) -> int:
        """Remove blobs that nothing names, of those whose names begin with a byte; say how many.

        A blob has its upload, or its record, in the ledger before its first byte is written. So
        one that has none was left by a crash, or by a database that was replaced.

        Raises: `Unavailable`.
        """
        names, removed = await self._blobs.names(first), 0
        for start in range(0, len(names), BATCH):
            some = tuple(names[start : start + BATCH])
            known = (await self._store.look(Want(application="", blobs=some))).blobs
            for blob in some:
                if blob not in known:
                    await self._blobs.drop(blob)
                    removed += 1
        if removed:
            log.warning("removed files that nothing named", files=removed)
        return removed

    async def remove_all_orphans(self) -> int:
        """Look in every folder.

        Raises: `Unavailable`.
        """
        return sum([await self.remove_orphans(first) for first in range(FOLDERS)])
