"""Files: planned, sent and read in segments of ciphertext. Nothing here ever opens one."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final, TypeVar

import structlog

from lunasec.errors import BlobDamaged, FileIncomplete, LunaSecError, NotGranted, Unavailable
from lunasec.tokenizer.core.files import (
    UPLOAD_SECONDS,
    CancelUpload,
    FindFile,
    FindUpload,
    PlanUpload,
)
from lunasec.tokenizer.core.identity import FrameCaller
from lunasec.tokenizer.core.ledger import File, Upload, Want
from lunasec.tokenizer.core.operation import Operation
from lunasec.tokenizer.core.policy import GRANTS_ALONE, Policy
from lunasec.tokenizer.core.secret import Secret
from lunasec.tokenizer.core.stream import (
    BLOB_BYTES,
    check_size,
    missing_ranges,
    segment_size,
    segments,
)
from lunasec.tokenizer.core.tokens import Token
from lunasec.tokenizer.gate import Gate
from lunasec.tokenizer.ports import Blobs, Cipher, Clock, Store

T = TypeVar("T")

UPLOAD_BYTES: Final = 32

Body = Callable[[int], Awaitable[bytearray]]
"""Receives a segment of exactly so many bytes, or raises."""

log = structlog.get_logger("lunasec.files")


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A segment that a session may read now: of which file, its number, its size in bytes."""

    file: File
    index: int
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """What frames can do with files; each call finds its upload, or its grant, anew."""

    gate: Gate
    store: Store
    blobs: Blobs
    cipher: Cipher
    clock: Clock
    random: Callable[[int], bytes]
    policies: Mapping[str, Policy] = field(default_factory=dict[str, Policy])

    async def plan(self, caller: FrameCaller, size: int) -> Secret:
        """Begin an upload of a stream of `size` bytes; gives the id by which it is named for a day.

        Raises: `MalformedRequest`, `NoSession`, `SessionChanged`, `Unavailable`.
        """
        check_size(size)
        now, upload = self.clock(), Secret(self.random(UPLOAD_BYTES))
        planned = Upload(
            upload_hash=upload.digest(),
            application=caller.application,
            reference=caller.reference,
            file=File(blob=self.random(BLOB_BYTES), size=size),
            created_at=now,
            expires_at=now + UPLOAD_SECONDS,
        )
        await self.gate.admit(PlanUpload(caller=caller, upload=planned))
        return upload

    async def put(self, caller: FrameCaller, upload: Secret, index: int, body: Body) -> int:
        """Receive a segment and keep it; gives its size. It is durable before this returns.

        Raises: `NotGranted`, `MalformedRequest`, `NoSession`, `SessionChanged`, `Unavailable`, and
        what `body` raises.
        """
        file = (await self._found(caller, upload)).file
        size = segment_size(file.size, index)
        await self.blobs.put(file.blob, index, await body(size))
        try:
            await self._found(caller, upload)
        except LunaSecError:
            await self._withdraw(file.blob)
            raise
        return size

    async def missing(self, caller: FrameCaller, upload: Secret) -> list[tuple[int, int]]:
        """List the segments that are not there yet, as ranges of their first and last.

        Raises: `NotGranted`, `NoSession`, `SessionChanged`, `Unavailable`.
        """
        file = (await self._found(caller, upload)).file
        return missing_ranges(await self.blobs.there(file.blob), segments(file.size))

    async def whole(self, caller: FrameCaller, uploads: Sequence[Secret]) -> tuple[Upload, ...]:
        """Give uploads of which every segment is there, durably; values can then take them.

        Raises: `FileIncomplete`, `NotGranted`, `NoSession`, `SessionChanged`, `Unavailable`.
        """
        found = [await self._found(caller, each) for each in uploads]
        for each in found:
            if missing_ranges(await self.blobs.there(each.file.blob), segments(each.file.size)):
                raise FileIncomplete
        return tuple(found)

    async def cancel(self, caller: FrameCaller, upload: Secret) -> None:
        """End an upload, and remove what arrived of it, now or when upkeep comes by.

        Raises: `NotGranted`, `NoSession`, `SessionChanged`, `Unavailable`.
        """
        blob = await self.gate.admit(CancelUpload(find=self._find(caller, upload)))
        with suppress(Unavailable):
            await self.blobs.drop(blob)

    async def find(self, caller: FrameCaller, token: Token, index: int) -> Segment:
        """Give a segment of a token's file, as far as this session may read it at this moment.

        Raises: `NotGranted`, `StepUpRequired`, `MalformedRequest`, `NoSession`, `SessionChanged`,
        `Unavailable`.
        """
        policy = self.policies.get(caller.application, GRANTS_ALONE)
        ids = self.cipher.record_ids(token)
        find = FindFile(caller=caller, record=ids, now=self.clock(), policy=policy)
        file = await self._looked(find)
        return Segment(file=file, index=index, size=segment_size(file.size, index))

    async def read(self, segment: Segment, start: int, length: int) -> bytes:
        """Give a part of a segment. One that is damaged is refused, and told to the operator.

        Raises: `NotGranted`, `Unavailable`.
        """
        blob, index = segment.file.blob, segment.index
        try:
            return await self.blobs.read(blob, index, size=segment.size, start=start, length=length)
        except BlobDamaged as error:
            log.error("damaged file", file=blob.hex(), segment=index, detail=error.detail)  # noqa: TRY400 - its traceback tells no more
            raise NotGranted from None

    def _find(self, caller: FrameCaller, upload: Secret) -> FindUpload:
        return FindUpload(caller=caller, upload_hash=upload.digest(), now=self.clock())

    async def _found(self, caller: FrameCaller, upload: Secret) -> Upload:
        return await self._looked(self._find(caller, upload))

    async def _looked(self, operation: Operation[T]) -> T:
        """Decide from a look; only what is refused goes through the gate, to be written down."""
        answer = operation.decide(await self.store.look(operation.want())).answer
        if isinstance(answer, LunaSecError):
            return await self.gate.admit(operation)
        return answer

    async def _withdraw(self, blob: bytes) -> None:
        """Remove what came too late, unless it is a record's by now."""
        known = await self.store.look(Want(application="", blobs=(blob,)))
        if blob not in known.blobs:
            with suppress(Unavailable):
                await self.blobs.drop(blob)
