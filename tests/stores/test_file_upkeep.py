"""What upkeep does with files that nobody wants any more."""

import secrets

import pytest

from lunasec.errors import NotGranted, Unavailable
from lunasec.tokenizer.core.files import UPLOAD_SECONDS
from lunasec.tokenizer.core.secret import Secret
from lunasec.tokenizer.core.stream import SEGMENT_BYTES
from lunasec.tokenizer.file_upkeep import GRACE
from lunasec.tokenizer.stores.memory_blobs import MemoryBlobs
from tests.stores.conftest import AnyStore
from tests.stores.filed import SIZE, entries, left, put, reads, sent, stored
from tests.stores.made_up import ALICE
from tests.stores.whole import ERASE_DELAY, Whole, fresh_keys


async def test_unfinished_upload_is_swept_after_a_day(whole: Whole) -> None:
    """Until then it can be finished; afterwards it is refused, and its bytes go."""
    frame = await whole.log_in()
    upload = await sent(whole, frame)
    whole.now += UPLOAD_SECONDS - 1
    frame = await whole.log_in()
    await whole.upkeep.run(whole.now)
    assert await put(whole, frame, upload, 0) == SEGMENT_BYTES
    whole.now += 1
    with pytest.raises(NotGranted):
        await put(whole, frame, upload, 0)
    await whole.upkeep.run(whole.now)
    assert await left(whole) == 1  # whoever began before may still take it
    await whole.upkeep.run(whole.now + GRACE)
    assert await left(whole) == 0
    [dropped] = entries(whole, "file.drop")
    assert (dropped["actor"], len(dropped["files"])) == ("upkeep", 1)


async def test_destroyed_record_takes_its_file_along(whole: Whole) -> None:
    """Erased, the bytes stay as long as it can be undone; destroyed, they go, and no others."""
    frame = await whole.log_in()
    kept, erased = await stored(whole, frame), await stored(whole, frame)
    await whole.erasures.erase(whole.back_end, [erased])
    await whole.upkeep.run(whole.now + ERASE_DELAY)
    assert await left(whole) == 2
    await whole.upkeep.run(whole.now + ERASE_DELAY + 1)
    assert await left(whole) == 1
    await whole.grant(frame, [kept])
    assert await reads(whole, frame, kept)
    await whole.keeper.remove_all_orphans()
    assert await reads(whole, frame, kept)


async def test_never_verified_files_are_erased(whole: Whole) -> None:
    """A file that no application ever took goes with its value."""
    frame = await whole.log_in()
    token = await stored(whole, frame)
    assert await whole.erasures.erase_unverified(whole.now + 1) == 1
    assert not await reads(whole, frame, token)
    await whole.upkeep.run(whole.now + ERASE_DELAY + 1)
    assert await left(whole) == 0


async def test_orphans_are_found(whole: Whole) -> None:
    """What no record and no upload names goes, within as many runs as there are first bytes."""
    frame = await whole.log_in()
    token, upload = await stored(whole, frame), await whole.files.plan(frame, SIZE)
    await put(whole, frame, upload, 0)
    for _ in range(150):
        await whole.blobs.put(secrets.token_bytes(32), 0, b"x")
    for _ in range(256):
        await whole.keeper.run(whole.now)
    assert await left(whole) == 2
    assert await reads(whole, frame, token)
    assert await put(whole, frame, upload, 1)


class Down(MemoryBlobs):
    """Blobs that can't be reached."""

    is_down = False

    async def drop(self, blob: bytes) -> None:
        """Fail, if it has to."""
        if self.is_down:
            raise Unavailable
        await super().drop(blob)


async def test_upkeep_goes_on_where_files_can_not_be_reached(store: AnyStore) -> None:
    """Keys are destroyed, the log is anchored; the bytes go when they can be reached again."""
    heads: list[object] = []
    blobs = Down()
    whole = Whole(store, fresh_keys(), blobs=blobs, anchor=heads.append)
    frame = await whole.log_in()
    token = await stored(whole, frame)
    cancelled = await sent(whole, frame)
    await whole.erasures.erase(whole.back_end, [token])
    blobs.is_down = True
    await whole.files.cancel(frame, cancelled)
    with pytest.raises(NotGranted):
        await put(whole, frame, cancelled, 0)
    with pytest.raises(Unavailable):
        await whole.upkeep.run(whole.now + ERASE_DELAY + 1)
    assert len(heads) == 1
    assert len(entries(whole, "token.destroy")) == 1
    assert await left(whole) == 2
    blobs.is_down = False
    await whole.upkeep.run(whole.now + ERASE_DELAY + 1)
    assert await left(whole) == 0


async def test_audit_log_tells_of_files(whole: Whole) -> None:
    """Planned, finished, given up, refused: who, when, of which record, under which name."""
    frame = await whole.log_in()
    token = await stored(whole, frame)
    await whole.files.cancel(frame, await whole.files.plan(frame, SIZE))
    with pytest.raises(NotGranted):
        await whole.files.missing(frame, Secret(bytes(32)))
    await whole.grants.revoke(whole.back_end, ALICE, [token])
    assert not await reads(whole, frame, token)
    planned, other = entries(whole, "file.plan")
    [finished], [cancelled] = entries(whole, "file.store"), entries(whole, "file.cancel")
    [unknown], [refused] = entries(whole, "file.find"), entries(whole, "file.read")
    assert planned["files"] == finished["files"] != cancelled["files"] == other["files"]
    assert finished["records"] == entries(whole, "token.store")[0]["records"] == refused["records"]
    assert (unknown["reason"], refused["reason"]) == ("not_granted", "not granted")
    assert {each["subject"] for each in (planned, finished, refused)} == {"alice"}
    assert {each["session"] for each in (planned, finished, cancelled, unknown)} == {ALICE}
