"""The ciphertext of files in a directory: a folder for each blob, in it one file for each segment.

Written as drafts in a folder of their own, synced, and then given their names: whatever has a name
is whole. Threads do it, few at a time, so that a slow disk holds up neither the event loop nor, by
writing, those who read.
"""

import asyncio
import errno
import os
import re
import secrets
import shutil
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Final, TypeVar

from lunasec.errors import BlobDamaged, StorageFull, Unavailable
from lunasec.tokenizer.stores.sqlite_file import sync_directory

T = TypeVar("T")

NAME_BYTES: Final = 32
WRITERS: Final = 6
"""Threads that write: an `fsync` waits for the disk, and some of them can wait together."""

READERS: Final = 4
"""Threads that read; what is in the page cache takes a fraction of a millisecond."""

SECONDS: Final = 10
"""For one segment, on a disk that is busy; after this it is down."""

LEFT_FREE: Final = 64 * 2**20
"""Bytes of the disk that files leave to the ledger: it has to write down who was refused."""

FULL: Final = {errno.ENOSPC, errno.EDQUOT}
"""What a system says of a disk, or of an account on it, that takes no more."""

FOLDERS: Final = 256
"""One for each first byte that a name can have."""

_SEGMENT: Final = re.compile(r"[0-9a-f]{8}")
_BLOB: Final = re.compile(r"[0-9a-f]{64}")
_DRAFTS: Final = ".new"
_READ: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC
_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC


class DirectoryBlobs:
    """Keeps blobs below a directory of mode 0700, in 256 folders by the first byte of the name."""

    def __init__(self, path: Path) -> None:
        """Make the directory, if need be, and remove what a crash left half written.

        Raises: `Unavailable`.
        """
        self._path = path
        try:
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
            (path / _DRAFTS).mkdir(mode=0o700, exist_ok=True)
            sync_directory(path.parent)
            for draft in (path / _DRAFTS).iterdir():
                draft.unlink()
        except OSError as error:
            raise Unavailable(f"{path} can't be used: {error.strerror}.") from None
        self._making = threading.Lock()
        self._writers = ThreadPoolExecutor(WRITERS, "lunasec-file-writer")
        self._readers = ThreadPoolExecutor(READERS, "lunasec-file-reader")

    async def put(self, blob: bytes, index: int, data: bytes | bytearray) -> None:
        """Keep a segment durably, whole or not at all."""
        await _done(self._writers, lambda: self._put(segment_path(self._path, blob, index), data))

    async def there(self, blob: bytes) -> set[int]:
        """Say which segments are there, once their names are durable."""
        return await _done(self._readers, lambda: _there(self._folder(blob)))

    async def read(self, blob: bytes, index: int, *, size: int, start: int, length: int) -> bytes:
        """Give a part of a segment, or raise `BlobDamaged`."""
        path = segment_path(self._path, blob, index)
        return await _done(self._readers, lambda: _read(path, size, start, length))

    async def drop(self, blob: bytes) -> None:
        """Remove a blob."""
        await _done(self._writers, lambda: _drop(self._folder(blob)))

    async def names(self, first: int) -> list[bytes]:
        """List the blobs below one of the 256 folders."""
        return await _done(self._readers, lambda: names(self._path, first))

    async def close(self) -> None:
        """Finish what is under way."""
        self._writers.shutdown(cancel_futures=True)
        self._readers.shutdown(cancel_futures=True)

    def _folder(self, blob: bytes) -> Path:
        return folder(self._path, blob)

    def _put(self, path: Path, data: bytes | bytearray) -> None:
        if not path.exists():
            self._make_room(len(data))
            draft = self._path / _DRAFTS / secrets.token_hex(16)
            try:
                _write(draft, data)
                with self._making:  # nobody takes a folder for made that another is still making
                    _make_folder(path.parent)
                draft.rename(path)
            except BaseException:
                with suppress(OSError):
                    draft.unlink(missing_ok=True)
                raise
        sync_directory(
            path.parent
        )  # where it was there, too: whoever named it may not have come this far

    def _make_room(self, size: int) -> None:
        disk = os.statvfs(self._path)
        if disk.f_bavail * disk.f_frsize < size + LEFT_FREE:
            raise StorageFull


def folder(path: Path, blob: bytes) -> Path:
    """Name the folder of a blob below the directory of them all.

    Raises: `BlobDamaged` for a name that none of ours has; without one, it would be all of them.
    """
    if len(blob) != NAME_BYTES:
        raise BlobDamaged
    return path / blob[:1].hex() / blob.hex()


def segment_path(path: Path, blob: bytes, index: int) -> Path:
    """Name the file of a segment below the directory of all blobs."""
    return folder(path, blob) / f"{index:08x}"


def names(path: Path, first: int) -> list[bytes]:
    """List the blobs whose names begin with a byte, below the directory of them all."""
    try:
        listed = (path / f"{first:02x}").iterdir()
        return [bytes.fromhex(each.name) for each in listed if _BLOB.fullmatch(each.name)]
    except FileNotFoundError:
        return []


async def _done(pool: ThreadPoolExecutor, work: Callable[[], T]) -> T:
    """Have a thread do it. One that hangs is given up; what it still does, nobody was told of."""
    try:
        async with asyncio.timeout(SECONDS):
            return await asyncio.get_running_loop().run_in_executor(pool, work)
    except (OSError, RuntimeError) as error:  # the latter from a pool that was closed
        full = isinstance(error, OSError) and error.errno in FULL
        raise (StorageFull if full else Unavailable) from error


def _write(draft: Path, data: bytes | bytearray) -> None:
    descriptor = os.open(draft, _NEW, 0o600)
    try:
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(descriptor, rest) :]
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _make_folder(into: Path) -> None:
    """Make a blob's folder, and the one that it is in, so that a power cut takes neither away."""
    if into.is_dir():
        return
    for each in (into.parent, into):
        each.mkdir(mode=0o700, exist_ok=True)
    sync_directory(into.parent)
    sync_directory(into.parent.parent)


def _there(blob: Path) -> set[int]:
    try:
        for each in (blob, blob.parent, blob.parent.parent):
            sync_directory(each)
        return {int(each.name, 16) for each in blob.iterdir() if _SEGMENT.fullmatch(each.name)}
    except FileNotFoundError:
        return set()


def _read(path: Path, size: int, start: int, length: int) -> bytes:
    try:
        descriptor = os.open(path, _READ)
    except FileNotFoundError:
        raise BlobDamaged("A segment of a file is missing.") from None
    try:
        if os.fstat(descriptor).st_size != size:
            raise BlobDamaged("A segment of a file has another size than it was stored with.")
        return os.pread(descriptor, length, start)
    finally:
        os.close(descriptor)


def _drop(blob: Path) -> None:
    if blob.is_dir():
        shutil.rmtree(blob)
        sync_directory(blob.parent)
