"""Files in backups: copied along, brought back, and missed aloud."""

import asyncio
import os
import secrets
import shutil
from pathlib import Path

import pytest
from msgspec.structs import replace

from lunasec.tokenizer import settings, wiring
from lunasec.tokenizer.core.changes import PutRecord
from lunasec.tokenizer.core.ledger import File
from lunasec.tokenizer.core.stream import SEGMENT_BYTES, sealed_size, segment_size, segments
from lunasec.tokenizer.stores.blobs import segment_path
from tests.cli.stored import Stored, put, record, store

SIZE = sealed_size(SEGMENT_BYTES + 1)
FILES = [File(blob=secrets.token_bytes(32), size=SIZE) for _ in range(2)]


async def _store(stored: Stored, files: list[File]) -> None:
    """Keep records with files, and their segments."""
    tokenizer, _ = wiring.embedded(settings.load(stored.folder / "lunasec.toml", {}))
    records: list[PutRecord] = []
    for file in files:
        made = record(secrets.token_bytes(32), 60, taken=True)
        records.append(PutRecord(replace(made.record, kind="file", file=file), made.ciphertext))
        for index in range(segments(SIZE)):
            data = secrets.token_bytes(segment_size(SIZE, index))
            await tokenizer.blobs.put(file.blob, index, data)
    await put(tokenizer, *records)
    await tokenizer.close()


@pytest.fixture
def stored(tmp_path: Path) -> Stored:
    """Make a data directory with three tokens and two files."""
    made = store(tmp_path)
    asyncio.run(_store(made, FILES))
    return made


def blobs(stored: Stored) -> Path:
    """Name the directory of the blobs."""
    return stored.folder / "lunasec-data/blobs"


def contents(path: Path) -> dict[str, bytes]:
    """Read every segment below a directory."""
    return {
        str(each.relative_to(path)): each.read_bytes()
        for each in path.glob("??/*/*")
        if each.is_file()
    }


def test_backup_has_the_files(stored: Stored) -> None:
    """They are beside the backup, private, and take no room where they can have two names."""
    done = stored.run("backup", "b.db")
    assert done.code == 0, done.err
    assert "b.db.files has its 2 files" in done.out
    beside = stored.folder / "b.db.files"
    assert contents(beside) == contents(blobs(stored))
    assert len(contents(beside)) == 4
    for path in [beside, *beside.rglob("*")]:
        assert path.stat().st_mode & 0o077 == 0
    assert segment_path(beside, FILES[0].blob, 0).samefile(
        segment_path(blobs(stored), FILES[0].blob, 0)
    )


def test_backup_without_links_is_a_copy(stored: Stored, monkeypatch: pytest.MonkeyPatch) -> None:
    """On another file system the bytes are copied; a second backup copies only what is new."""

    def refuse(*_arguments: object, **_named: object) -> None:
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr(os, "link", refuse)
    from lunasec.cli import backups  # noqa: PLC0415 - with the system's call replaced

    data, first = stored.folder / "lunasec-data", stored.folder / "b.db"
    backups.backup(data, first)
    beside = stored.folder / "b.db.files"
    assert contents(beside) == contents(blobs(stored))
    copied = {path: path.stat().st_mtime_ns for path in beside.glob("??/*/*")}
    first.unlink()
    asyncio.run(_store(stored, [File(blob=bytes(32), size=SIZE)]))
    backups.backup(data, first)
    assert contents(beside) == contents(blobs(stored))
    assert all(path.stat().st_mtime_ns == at for path, at in copied.items())


def test_backup_drops_what_is_no_longer_named(stored: Stored) -> None:
    """What was erased and destroyed is gone from the directory of the next backup too."""
    assert stored.run("backup", "b.db").code == 0
    (stored.folder / "b.db").unlink()
    gone = stored.folder / "b.db.files/aa" / ("aa" * 32)
    gone.mkdir(parents=True)
    (gone / "00000000").write_bytes(b"x")
    assert stored.run("backup", "b.db").code == 0
    assert not gone.exists()
    assert len(contents(stored.folder / "b.db.files")) == 4


def test_lost_files_are_restored(stored: Stored) -> None:
    """Database and files of a machine that is gone come back from the backup, byte by byte."""
    before = contents(blobs(stored))
    stored.run("backup", "b.db")
    stored.database.unlink()
    shutil.rmtree(blobs(stored))
    done = stored.run("restore", "b.db")
    assert done.code == 0, done.err
    assert "a part is missing" not in done.out
    assert contents(blobs(stored)) == before
    assert "has 2 files, with every segment there" in stored.run("check", "--offline").out


def test_missing_files_are_missed_aloud(stored: Stored) -> None:
    """A restore without all segments says so and what to do; doing it rights it."""
    stored.run("backup", "b.db")
    beside = stored.folder / "b.db.files"
    beside.rename(stored.folder / "elsewhere")
    shutil.rmtree(blobs(stored))
    done = stored.run("restore", "b.db")
    assert done.code == 0
    assert "! Of 2 files, a part is missing; put the directory b.db.files beside" in done.out
    (stored.folder / "elsewhere").rename(beside)
    assert "a part is missing" not in stored.run("restore", "b.db").out
    assert stored.run("check", "--offline").code == 0


@pytest.mark.parametrize("damage", ["missing", "short"])
def test_check_finds_damaged_files(stored: Stored, damage: str) -> None:
    """`lunasec check` names the file of which a segment is missing or short, and the backup too."""
    path = segment_path(blobs(stored), FILES[0].blob, 1)
    path.unlink() if damage == "missing" else path.write_bytes(path.read_bytes()[:-1])
    done = stored.run("check", "--offline")
    assert done.code == 1
    assert "1 stored file is not whole" in done.out
    assert FILES[0].blob.hex() in done.out
    assert FILES[1].blob.hex() not in done.out
    assert "! Of 1 file, a part is missing" in stored.run("backup", "b.db").out


def test_replaced_files_are_kept(stored: Stored) -> None:
    """Files that the restored database does not name are kept beside the replaced one."""
    stored.run("backup", "b.db")
    later = File(blob=b"\x00" * 32, size=SIZE)
    asyncio.run(_store(stored, [later]))
    assert stored.run("restore", "b.db").code == 0
    shutil.rmtree(blobs(stored) / "00")  # as upkeep does with what nothing names
    aside = stored.folder / "lunasec-data/lunasec.db.before-restore-1"
    assert "a part is missing" not in stored.run("restore", aside).out
    assert segment_path(blobs(stored), later.blob, 1).exists()
    assert stored.run("check", "--offline").code == 0
