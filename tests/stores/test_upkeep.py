"""Upkeep on every store: destruction in its order, renewed locks, rotation, the anchor."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from msgspec.structs import replace

from lunasec.errors import LunaSecError
from lunasec.tokenizer.core.changes import DropRecord, PutRecord
from lunasec.tokenizer.core.keyset import MAX_AGE, lookup_rotated
from lunasec.tokenizer.core.ledger import Action, Batch, Destroyed, EpochBefore, Found, Want
from lunasec.tokenizer.core.tokens import Token
from lunasec.tokenizer.core.upkeep import DropDestroyed
from lunasec.tokenizer.gate import BATCH
from lunasec.tokenizer.stores.sqlite import SqliteStore
from lunasec.tokenizer.upkeep import Relocked, Upkeep
from tests.stores.conftest import AnyStore
from tests.stores.lines import lines
from tests.stores.made_up import ALICE, APPLICATION, NOW, Apply
from tests.stores.whole import ERASE_DELAY, Whole, fresh_keys, sealed


@pytest.fixture
def whole(store: AnyStore) -> Whole:
    """Build a tokenizer on each store."""
    return Whole(store, fresh_keys())


async def record_of(whole: Whole, token: Token) -> Found:
    """Look at a token's record."""
    ids = whole.cipher.record_ids(token)
    want = Want(application=APPLICATION, records=(ids,), grants_of=ALICE)
    return (await whole.store.look(want)).found[0]


async def test_what_is_erased_is_destroyed_after_its_delay(whole: Whole) -> None:
    """Unreadable at once, still there for the delay, then the key goes, and then the data."""
    frame = await whole.log_in()
    kept, erased = await whole.tokens(frame, 2)
    assert await whole.erasures.erase(whole.back_end, [erased]) == 1
    assert await whole.readable(frame, [kept, erased]) == [True, False]
    whole.now += ERASE_DELAY
    assert await whole.upkeep.destroy(whole.now) == 0
    assert (await record_of(whole, erased)).record is not None
    whole.now += 1
    assert await whole.upkeep.destroy(whole.now) == 1
    assert (await record_of(whole, erased)).record is None
    assert (await record_of(whole, kept)).record is not None
    assert [line for line in lines_of(whole) if '"token.destroy"' in line]


def lines_of(whole: Whole) -> list[str]:
    """Return the audit log."""
    return lines(whole.store)  # type: ignore[arg-type]


async def test_the_key_goes_before_the_data(whole: Whole) -> None:
    """Where destruction stops half-way, the key is gone, and the rest goes the next time."""
    frame = await whole.log_in()
    [token] = await whole.tokens(frame)
    await whole.erasures.erase(whole.back_end, [token])
    transact, stopped = whole.store.transact, LunaSecError("stopped")

    async def stop(operation: object) -> object:
        if isinstance(operation, DropDestroyed):
            raise stopped
        return await transact(operation)  # type: ignore[arg-type]

    whole.store.transact = stop  # type: ignore[method-assign, assignment]
    with pytest.raises(LunaSecError, match="stopped"):
        await whole.upkeep.destroy(whole.now + ERASE_DELAY + 1)
    left = await record_of(whole, token)
    assert left.record is not None
    assert left.record.destroyed
    batch = Batch(condition=Destroyed(), limit=2, contents=True)
    [gone] = (await whole.store.look(Want(application="", batch=batch))).batch
    assert gone.ciphertext is not None
    whole.store.transact = transact  # type: ignore[method-assign]
    await whole.upkeep.destroy(whole.now + ERASE_DELAY + 1)
    assert (await record_of(whole, token)).record is None


async def test_more_than_a_batch_is_destroyed(whole: Whole) -> None:
    """All that is due goes at once, a batch at a time."""
    frame = await whole.log_in()
    tokens = await whole.tokens(frame, 2 * BATCH + 1)
    await whole.erasures.erase(whole.back_end, tokens)
    assert await whole.upkeep.destroy(whole.now + ERASE_DELAY + 1) == 2 * BATCH + 1
    assert (await whole.store.look(Want(application="", count=Destroyed()))).count == 0


async def test_an_erase_is_undone(whole: Whole) -> None:
    """The operator gives back what was erased since an hour ago, and nothing erased before."""
    frame = await whole.log_in()
    before, after, never = await whole.tokens(frame, 3)
    await whole.erasures.erase(whole.back_end, [before])
    whole.now += 60
    await whole.erasures.erase(whole.back_end, [after])
    assert await whole.erasures.undo(APPLICATION, whole.now) == 1
    assert await whole.erasures.undo("clinic", 0) == 0
    assert await whole.readable(frame, [before, after, never]) == [False, True, True]


async def test_what_was_never_verified_is_counted_and_erased(whole: Whole) -> None:
    """Only tokens of long ago that no application took; taken ones and new ones stay."""
    frame = await whole.log_in()
    taken, left = await whole.tokens(frame, 2)
    assert await whole.grants.verify(whole.back_end, frame.reference, [taken], Action.STORE) == (
        True,
    )
    whole.now += 60
    [new] = await whole.tokens(frame)
    assert await whole.erasures.count_unverified(whole.now) == 1
    assert await whole.erasures.erase_unverified(whole.now) == 1
    assert await whole.erasures.count_unverified(whole.now) == 0
    assert await whole.readable(frame, [taken, left, new]) == [True, False, True]


async def test_a_rotation_renews_every_lock(whole: Whole) -> None:
    """After 90 days a new wrap key is made, every record moves to it, and all stay readable."""
    frame = await whole.log_in()
    tokens = await whole.tokens(frame, BATCH + 5)
    await whole.upkeep.rotate(whole.now + MAX_AGE - 1)
    assert whole.keyset.wrap.number == 1
    await whole.upkeep.rotate(whole.now + MAX_AGE)
    assert whole.keyset.wrap.number == 2
    assert await whole.upkeep.relock(whole.now) == Relocked(records=BATCH + 5, damaged=0)
    want = Want(application="", count=EpochBefore(2), wraps_of=2)
    facts = await whole.store.look(want)
    assert (facts.count, facts.wraps) == (0, BATCH + 5)
    assert all(await whole.readable(frame, tokens))
    assert await whole.upkeep.relock(whole.now) == Relocked(records=0, damaged=0)


async def test_wraps_are_counted_and_rotate(whole: Whole, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key that locked often enough is replaced, erased and destroyed records counted."""
    monkeypatch.setattr("lunasec.tokenizer.core.keyset.MAX_WRAPS", 3)
    frame = await whole.log_in()
    tokens = await whole.tokens(frame, 2)
    await whole.upkeep.rotate(whole.now)
    assert whole.keyset.wrap.number == 1
    await whole.erasures.erase(whole.back_end, tokens)
    await whole.upkeep.destroy(whole.now + ERASE_DELAY + 1)
    await whole.tokens(frame)
    await whole.upkeep.rotate(whole.now)
    assert whole.keyset.wrap.number == 2
    assert (await whole.store.look(Want(application="", wraps_of=1))).wraps == 3


async def test_new_values_use_the_new_key(whole: Whole) -> None:
    """From the rotation on nothing is locked with the old key."""
    frame = await whole.log_in()
    await whole.upkeep.rotate(whole.now + MAX_AGE)
    [token] = await whole.tokens(frame)
    found = await record_of(whole, token)
    assert found.record is not None
    assert found.record.key.epoch == 2


async def test_a_damaged_record_stops_nothing(whole: Whole) -> None:
    """One that does not open keeps its old lock, is counted, and the others move."""
    frame = await whole.log_in()
    tokens = await whole.tokens(frame, BATCH + 2)
    broken = await record_of(whole, tokens[0])
    assert broken.record is not None
    await whole.store.transact(Apply(DropRecord(broken.record.record_id)))
    damaged = replace(broken.record, kind="other")
    await whole.store.transact(Apply(PutRecord(damaged, broken.ciphertext or b"")))
    await whole.upkeep.rotate(whole.now + MAX_AGE)
    assert await whole.upkeep.relock(whole.now) == Relocked(records=BATCH + 1, damaged=1)


async def test_reading_moves_a_record_to_the_newest_lookup_key(whole: Whole) -> None:
    """Its token is at hand only then; grants and everything else follow it."""
    frame = await whole.log_in()
    read, unread = await whole.tokens(frame, 2)
    newer = Whole(whole.store, lookup_rotated(whole.keyset, whole.now), now=whole.now)
    assert await newer.readable(frame, [read]) == [True]
    first, second = newer.cipher.record_ids(read)
    want = Want(application=APPLICATION, records=((first,), (second,)))
    moved, left = (await newer.store.look(want)).found
    assert (moved.record is not None, left.record) == (True, None)
    assert await newer.readable(frame, [read, unread]) == [True, True]
    await newer.grants.revoke(newer.back_end, None, [read])
    assert await newer.readable(frame, [read, unread]) == [False, True]
    assert await newer.erasures.erase(newer.back_end, [read, unread]) == 2


async def test_the_head_is_anchored(whole: Whole) -> None:
    """Each run says how far the log had come by its end."""
    heads = [await whole.store.head()]
    upkeep = Upkeep(
        gate=whole.gate,
        store=whole.store,
        locks=whole.cipher,
        files=whole.keeper,
        keyset=whole.keyset,
        erase_delay=ERASE_DELAY,
        anchor=heads.append,
    )
    await whole.log_in()
    await upkeep.run(NOW)
    assert heads[1:] == [await whole.store.head()]
    assert heads[1].sequence == 2


def _holds(folder: Path, needle: bytes) -> bool:
    return any(needle in each.read_bytes() for each in folder.iterdir() if each.is_file())


@pytest.mark.parametrize("buckets", [1, 40])
async def test_what_is_destroyed_is_in_no_file(
    sqlite: SqliteStore, tmp_path: Path, buckets: int
) -> None:
    """First the locked key, then the ciphertext: neither is left in the database nor its log."""
    whole = Whole(sqlite, fresh_keys())
    frame = await whole.log_in()
    canary = b"the ciphertext's canary"
    [token] = await whole.vault.tokenize(frame, [sealed(canary, buckets=buckets)])
    record = (await record_of(whole, token)).record
    assert record is not None
    wrapped = record.key.wrapped
    assert _holds(tmp_path, wrapped)
    assert _holds(tmp_path, canary)
    await whole.erasures.erase(whole.back_end, [token])
    with closing(sqlite3.connect(tmp_path / "lunasec.db")) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM records").fetchall()
        await whole.upkeep.destroy(whole.now + ERASE_DELAY + 1)
        assert _holds(tmp_path, wrapped)  # the reader's view is still there
    await whole.upkeep.destroy(whole.now + ERASE_DELAY + 1)
    assert not _holds(tmp_path, wrapped)
    assert not _holds(tmp_path, canary)
