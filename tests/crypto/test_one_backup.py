"""One backup of the keys is enough for ever, whatever was rotated since."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from lunasec.errors import KeyFileDamaged
from lunasec.tokenizer import kms
from lunasec.tokenizer.cipher import Cipher
from lunasec.tokenizer.core.changes import PutRecord, ReplaceKey
from lunasec.tokenizer.core.keyset import (
    LAST_LOOKUP,
    MAX_AGE,
    Epoch,
    Keyset,
    lookup_rotated,
    rotated,
)
from lunasec.tokenizer.core.ledger import Record, Want
from lunasec.tokenizer.embedded import DataDirectory, open_directory
from lunasec.tokenizer.file_upkeep import FileKeeper
from lunasec.tokenizer.gate import Gate
from lunasec.tokenizer.ports import Store
from lunasec.tokenizer.stores.memory import MemoryStore
from lunasec.tokenizer.stores.memory_blobs import MemoryBlobs
from lunasec.tokenizer.upkeep import Upkeep
from tests.crypto.records import NOW, Stored, keyset, stored
from tests.stores.made_up import Apply

STEPS = st.sampled_from(("store", "relock", "rotate", "rotate lookup", "age"))


@settings(max_examples=60, deadline=None)
@given(st.lists(STEPS, max_size=25), st.integers(0, 2**32 - 30))
def test_a_backup_opens_all_that_comes_after_it(steps: list[str], epoch: int) -> None:
    """A backup from before any rotations opens what was stored, relocked and moved after them."""
    keys = keyset()
    backup = kms.written(keys)
    keys = replace(keys, wrap=Epoch(number=epoch + 1, created_at=NOW))
    records = [stored(Cipher(keys), "first")]
    for number, step in enumerate(steps):
        if step == "store":
            records.append(stored(Cipher(keys), f"record {number}"))
        elif step == "relock":
            records = [_relocked(Cipher(keys), each) for each in records]
        elif step == "rotate lookup" and keys.lookup.number < LAST_LOOKUP:
            keys = lookup_rotated(keys, NOW)
            records = [_moved(Cipher(keys), each) for each in records]
        else:
            keys = rotated(keys, NOW + number * MAX_AGE)
    restored = Cipher(kms.read_back(backup))
    for one in records:
        assert restored.derive(one.token).unwrap(one.envelope, one.wrapped) == one.dek
        renewed = restored.rewrap(one.envelope, one.wrapped)
        assert Cipher(keys).derive(one.token).unwrap(one.envelope, renewed) == one.dek


def _relocked(cipher: Cipher, one: Stored) -> Stored:
    return replace(one, wrapped=cipher.rewrap(one.envelope, one.wrapped))


def _moved(cipher: Cipher, one: Stored) -> Stored:
    return replace(one, wrapped=cipher.wrap(one.token, one.dek, one.envelope))


def _put(one: Stored) -> PutRecord:
    record = Record(
        application="payroll",
        key=one.wrapped,
        kind="ssn",
        size=len(one.envelope.ciphertext),
        metadata=(),
        subject=None,
        created_at=NOW,
    )
    return PutRecord(record, one.envelope.ciphertext)


async def _found(store: Store, cipher: Cipher, one: Stored) -> Record | None:
    want = Want(application="payroll", records=(cipher.record_ids(one.token),))
    return (await store.look(want)).found[0].record


def kept(store: Store, cipher: Cipher, keys: Keyset, file: kms.LocalKeyFile) -> Upkeep:
    """Make the upkeep of a tokenizer without files."""
    gate = Gate(store)
    return Upkeep(
        gate=gate,
        store=store,
        locks=cipher,
        files=FileKeeper(gate=gate, store=store, blobs=MemoryBlobs()),
        keyset=keys,
        erase_delay=1,
        rotate=file.rotate,
    )


async def test_upkeep_rotates_without_a_new_backup(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """After upkeep rotated by itself, and relocked all, the first copy of the file opens it all."""
    file = kms.LocalKeyFile(tmp_path / "data" / "keys.json")
    keys = file.generate(NOW)
    backup, store, cipher = file.path.read_bytes(), MemoryStore(), Cipher(keys)
    one = stored(cipher)
    await store.transact(Apply(_put(one)))
    upkeep = kept(store, cipher, keys, file)
    for turn in range(1, 6):
        await upkeep.run(NOW + turn * MAX_AGE)
    restored = Cipher(kms.read_back(backup))
    [record] = store.records.values()
    assert record.key.epoch == 6
    assert restored.derive(one.token).unwrap(one.envelope, record.key) == one.dek
    assert "back up" not in caplog.text


async def test_upkeep_takes_no_exchanged_file(tmp_path: Path) -> None:
    """An older copy put in place while the tokenizer runs brings no used epoch back."""
    file = kms.LocalKeyFile(tmp_path / "data" / "keys.json")
    file.generate(NOW)
    backup = file.path.read_bytes()
    keys = [file.rotate(NOW) for _ in range(3)][-1]
    file.path.write_bytes(backup)
    store, cipher = MemoryStore(), Cipher(keys)
    upkeep = kept(store, cipher, keys, file)
    for _ in range(3):  # its file counts on, up to where the tokenizer is
        with pytest.raises(KeyFileDamaged, match="Restart"):
            await upkeep.rotate(NOW + MAX_AGE)
        assert stored(cipher).wrapped.epoch == 4
    await upkeep.rotate(NOW + MAX_AGE)
    assert stored(cipher).wrapped.epoch == 5


def test_a_start_with_an_older_backup_goes_on_from_the_database(tmp_path: Path) -> None:
    """It finds and opens what later keys named, takes an unused epoch, and writes that down."""
    directory = DataDirectory(path=tmp_path / "data")
    directory.keys.generate(NOW)
    backup = directory.keys.path.read_bytes()
    for _ in range(3):
        directory.keys.rotate(NOW)
    directory.keys.rotate_lookup(NOW)
    one = asyncio.run(_fill(directory))
    directory.keys.path.write_bytes(backup)

    async def look() -> None:
        opened = open_directory(directory, now=NOW + 5)
        try:
            assert (opened.keyset.lookup.number, opened.keyset.wrap.number) == (2, 5)
            assert opened.keyset == directory.keys.unseal()
            cipher = Cipher(opened.keyset)
            record = await _found(opened.store, cipher, one)
            assert record is not None
            assert cipher.derive(one.token).unwrap(one.envelope, record.key) == one.dek
        finally:
            await opened.store.close()

    asyncio.run(look())


async def _fill(directory: DataDirectory) -> Stored:
    opened = open_directory(directory, now=NOW)
    one = stored(Cipher(opened.keyset))
    assert (one.wrapped.lookup_version, one.wrapped.epoch) == (2, 4)
    await opened.store.transact(Apply(_put(one)))
    await opened.store.close()
    return one


@pytest.mark.parametrize("numbers", [(17, 2**31), (2**40, 2**62)])
def test_a_tampered_database_does_not_use_up_the_numbers(
    tmp_path: Path, numbers: tuple[int, int]
) -> None:
    """Numbers that can't be ours change no key file, and hide none that is ours."""
    directory = DataDirectory(path=tmp_path / "data")
    directory.keys.generate(NOW)
    backup = directory.keys.path.read_bytes()
    directory.keys.rotate_lookup(NOW)
    asyncio.run(_tampered(directory, *numbers))
    directory.keys.path.write_bytes(backup)
    opened = open_directory(directory, now=NOW)
    opened.store.abandon()
    assert (opened.keyset.lookup.number, opened.keyset.wrap.number) == (2, 1)


async def _tampered(directory: DataDirectory, lookup: int, epoch: int) -> None:
    opened = open_directory(directory, now=NOW)
    one, other = (stored(Cipher(opened.keyset), name) for name in ("one", "other"))
    forged = structs.replace(other.wrapped, lookup_version=lookup, epoch=epoch)
    await opened.store.transact(
        Apply(_put(one), _put(other), ReplaceKey(other.wrapped.record_id, forged))
    )
    await opened.store.close()
