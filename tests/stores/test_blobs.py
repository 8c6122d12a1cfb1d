"""One suite for all that keeps blobs: each promise of the port, kept by memory and a directory."""

import asyncio
import os
import secrets
import stat
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
import pytest_asyncio

from lunasec.errors import BlobDamaged, StorageFull, Unavailable
from lunasec.tokenizer.stores import blobs as stored
from lunasec.tokenizer.stores.blobs import DirectoryBlobs, segment_path
from lunasec.tokenizer.stores.memory_blobs import MemoryBlobs

AnyBlobs = MemoryBlobs | DirectoryBlobs

NAME, OTHER = b"\x07" + secrets.token_bytes(31), b"\x08" + secrets.token_bytes(31)


@pytest_asyncio.fixture(params=["memory", "directory"])
async def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[AnyBlobs]:
    """Give each in turn, empty."""
    in_memory = request.param == "memory"
    made: AnyBlobs = MemoryBlobs() if in_memory else DirectoryBlobs(tmp_path / "blobs")
    yield made
    await made.close()


@pytest_asyncio.fixture
async def directory(tmp_path: Path) -> AsyncGenerator[DirectoryBlobs]:
    """Give an empty directory."""
    made = DirectoryBlobs(tmp_path / "blobs")
    yield made
    await made.close()


async def whole(blobs: AnyBlobs, name: bytes, index: int, size: int) -> bytes:
    """Read a whole segment."""
    return await blobs.read(name, index, size=size, start=0, length=size)


async def test_segments_come_back(blobs: AnyBlobs) -> None:
    """What was put is read, in parts and whole; each segment under its own number."""
    for index in (0, 1, 2**32 - 1):
        await blobs.put(NAME, index, b"segment %d" % index)
    assert await blobs.there(NAME) == {0, 1, 2**32 - 1}
    assert await whole(blobs, NAME, 1, 9) == b"segment 1"
    assert await blobs.read(NAME, 1, size=9, start=2, length=5) == b"gment"
    assert await blobs.read(NAME, 1, size=9, start=7, length=400) == b" 1"


async def test_what_is_there_stays(blobs: AnyBlobs) -> None:
    """Putting a segment again is no error, and changes nothing."""
    await blobs.put(NAME, 0, b"first")
    await blobs.put(NAME, 0, bytearray(b"other"))
    assert await whole(blobs, NAME, 0, 5) == b"first"


async def test_caller_may_use_his_memory_again(blobs: AnyBlobs) -> None:
    """What was put is what it was then, whatever the caller does with his bytes."""
    data = bytearray(b"before")
    await blobs.put(NAME, 0, data)
    data[:] = b"after!"
    assert await whole(blobs, NAME, 0, 6) == b"before"


async def test_what_is_not_there_is_damage(blobs: AnyBlobs) -> None:
    """A missing segment, or one of another size, is refused and not half given."""
    await blobs.put(NAME, 0, b"12345")
    for name, index, size in ((NAME, 1, 5), (OTHER, 0, 5), (NAME, 0, 4), (NAME, 0, 6)):
        with pytest.raises(BlobDamaged):
            await whole(blobs, name, index, size)
    assert await blobs.there(OTHER) == set()


async def test_dropped_blob_is_gone(blobs: AnyBlobs) -> None:
    """All of it goes, the others stay, and dropping it again is no error."""
    for name in (NAME, OTHER):
        await blobs.put(name, 0, b"x")
    for _ in range(2):
        await blobs.drop(NAME)
    assert await blobs.there(NAME) == set()
    assert await blobs.there(OTHER) == {0}
    await blobs.put(NAME, 0, b"y")
    assert await whole(blobs, NAME, 0, 1) == b"y"


async def test_names_are_listed_by_their_first_byte(blobs: AnyBlobs) -> None:
    """Every blob is in exactly one list."""
    made = {secrets.token_bytes(32) for _ in range(40)}
    for name in made:
        await blobs.put(name, 0, b"x")
    listed = {first: await blobs.names(first) for first in range(256)}
    assert sorted(name for names in listed.values() for name in names) == sorted(made)
    assert all(name[0] == first for first, names in listed.items() for name in names)


async def test_closed_is_unavailable(blobs: AnyBlobs) -> None:
    """Whatever was closed keeps nothing and gives nothing."""
    await blobs.put(NAME, 0, b"x")
    await blobs.close()
    for ask in (blobs.put(NAME, 1, b"x"), blobs.there(NAME), blobs.drop(NAME), blobs.names(7)):
        with pytest.raises(Unavailable):
            await ask


async def test_many_at_once(blobs: AnyBlobs) -> None:
    """Segments that are put at the same moment, some of them twice, are all there and whole."""
    data = {index: secrets.token_bytes(5000) for index in range(40)}
    await asyncio.gather(*(blobs.put(NAME, index % 40, data[index % 40]) for index in range(80)))
    assert await blobs.there(NAME) == set(data)
    for index, segment in data.items():
        assert await whole(blobs, NAME, index, 5000) == segment


async def test_files_are_their_owners_alone(directory: DirectoryBlobs, tmp_path: Path) -> None:
    """Directories have mode 0700 and files 0600, whatever the process's mask."""
    mask = os.umask(0)
    try:
        await directory.put(NAME, 0, b"x")
    finally:
        os.umask(mask)
    for path in [tmp_path / "blobs", *(tmp_path / "blobs").rglob("*")]:
        mode = stat.S_IMODE(path.stat().st_mode)
        assert mode == (0o700 if path.is_dir() else 0o600), path


async def test_start_removes_what_was_half_written(tmp_path: Path) -> None:
    """A draft that a crash left behind is no segment, and goes with the next start."""
    path = tmp_path / "blobs"
    await DirectoryBlobs(path).close()
    (path / ".new" / "draft").write_bytes(b"half")
    opened = DirectoryBlobs(path)
    assert list((path / ".new").iterdir()) == []
    await opened.close()


async def test_link_in_the_way_is_not_followed(directory: DirectoryBlobs, tmp_path: Path) -> None:
    """A segment that is a symbolic link is not read: it may lead to any file of ours."""
    (tmp_path / "secret").write_bytes(b"12345")
    await directory.put(NAME, 0, b"12345")
    path = segment_path(tmp_path / "blobs", NAME, 1)
    path.symlink_to(tmp_path / "secret")
    with pytest.raises(Unavailable):
        await whole(directory, NAME, 1, 5)


async def test_nearly_full_disk_is_left_to_the_ledger(
    directory: DirectoryBlobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files do not take the last of the disk; what is there can still be read and dropped."""
    await directory.put(NAME, 0, b"x")
    monkeypatch.setattr(stored, "LEFT_FREE", 2**62)
    with pytest.raises(StorageFull):
        await directory.put(NAME, 1, b"x")
    await directory.put(NAME, 0, b"x")
    assert await directory.there(NAME) == {0}
    await directory.drop(NAME)


async def test_what_hangs_is_given_up(
    directory: DirectoryBlobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that does not answer is down; the loop is free all the while."""
    monkeypatch.setattr(stored, "SECONDS", 0.05)
    hanging, done = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    def write(_draft: Path, _data: bytes) -> None:
        loop.call_soon_threadsafe(hanging.set)
        asyncio.run_coroutine_threadsafe(done.wait(), loop).result()

    monkeypatch.setattr(stored, "_write", write)
    with pytest.raises(Unavailable):
        await directory.put(NAME, 0, b"x")
    assert hanging.is_set()
    done.set()
