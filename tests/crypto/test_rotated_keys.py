"""Keys that were rotated: old records open, new ones follow, and nobody else's keys are adopted."""

import tracemalloc
from dataclasses import replace

import pytest
from msgspec import structs

from lunasec.errors import KeyFileDamaged, RecordDamaged
from lunasec.tokenizer import cipher as cipher_module
from lunasec.tokenizer.cipher import Cipher
from lunasec.tokenizer.core.keyset import lookup_rotated, rotated
from tests.crypto.records import NOW, keyset, stored


def test_a_record_of_an_older_lookup_key_is_still_found_and_opened() -> None:
    """Record ids are given newest first, old records open, and new ones take the newest key."""
    keys = keyset()
    one = stored(Cipher(keys))
    newer = Cipher(lookup_rotated(keys, NOW))
    ids = newer.record_ids(one.token)
    assert len(ids) == len(set(ids)) == 2
    assert ids[1] == one.wrapped.record_id
    assert newer.derive(one.token).unwrap(one.envelope, one.wrapped) == one.dek
    moved = newer.wrap(one.token, one.dek, one.envelope)
    assert (moved.lookup_version, moved.record_id) == (2, ids[0])
    assert newer.derive(one.token).unwrap(one.envelope, moved) == one.dek


def test_a_rotated_key_set_is_adopted() -> None:
    """After `adopt` new records take the newest epoch, and older ones still open."""
    keys = keyset()
    cipher = Cipher(keys)
    one = stored(cipher)
    cipher.adopt(rotated(keys, NOW))
    assert cipher.derive(one.token).unwrap(one.envelope, one.wrapped) == one.dek
    newer = cipher.wrap(one.token, one.dek, one.envelope)
    assert newer.epoch == 2
    assert cipher.derive(one.token).unwrap(one.envelope, newer) == one.dek


def test_record_ids_stay_while_a_process_runs() -> None:
    """A new lookup version is not adopted: the ids of a token are the same ones to all requests."""
    keys = keyset()
    cipher = Cipher(keys)
    one = stored(cipher)
    ids = cipher.record_ids(one.token)
    cipher.adopt(lookup_rotated(rotated(keys, NOW), NOW))
    assert cipher.record_ids(one.token) == ids
    assert cipher.is_current(one.wrapped)
    assert cipher.wrap(one.token, one.dek, one.envelope).lookup_version == 1
    next_start = Cipher(lookup_rotated(keys, NOW))
    assert not next_start.is_current(one.wrapped)
    assert next_start.is_current(next_start.wrap(one.token, one.dek, one.envelope))


def test_other_keys_are_not_adopted() -> None:
    """A key file that was exchanged while the tokenizer runs is refused: other keys, or older."""
    keys = rotated(rotated(keyset(), NOW), NOW)
    cipher = Cipher(keys)
    for exchanged in (rotated(replace(keys, id="other"), NOW), keys, rotated(keyset(), NOW)):
        with pytest.raises(KeyFileDamaged, match="exchanged"):
            cipher.adopt(exchanged)
        assert stored(cipher).wrapped.epoch == 3


def test_made_up_numbers_fill_no_memory() -> None:
    """Of a store full of epochs that never were, few keys are kept, and real records still open."""
    cipher = Cipher(keyset())
    one = stored(cipher)
    tracemalloc.start()
    try:
        for epoch in range(2_000):
            with pytest.raises(RecordDamaged):
                cipher.rewrap(one.envelope, structs.replace(one.wrapped, epoch=epoch + 2))
        taken = tracemalloc.take_snapshot()
    finally:
        tracemalloc.stop()
    # Of the cipher's own lines alone: what a thread of another test keeps meanwhile is not its.
    kept = taken.filter_traces(
        [tracemalloc.Filter(inclusive=True, filename_pattern=cipher_module.__file__)]
    )
    assert sum(each.size for each in kept.traces) < 50_000
    assert cipher.derive(one.token).unwrap(one.envelope, one.wrapped) == one.dek
