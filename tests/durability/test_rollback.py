"""T26: an older copy of the database is known, and what was taken away since stays taken away."""

import shutil
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from lunasec.errors import KeyFileDamaged, LunaSecError, StoreDamaged, StoreRolledBack
from lunasec.tokenizer.core.identity import FrameCaller
from lunasec.tokenizer.core.rollback import Mark
from lunasec.tokenizer.core.tokens import Token
from lunasec.tokenizer.embedded import DataDirectory, open_directory
from lunasec.tokenizer.sessions import Offering
from lunasec.tokenizer.stores.sqlite import SqliteStore
from tests.durability.filled import before_and_after, contents, fill, opened, put_back
from tests.stores.made_up import ALICE, APPLICATION, BOB, NOW, ORIGIN
from tests.stores.whole import Whole

FILES = ("lunasec.db", "lunasec.db-wal", "lunasec.db-shm")


def refused(directory: DataDirectory) -> LunaSecError:
    """Open a directory that is to be refused; say why, and that not a byte was changed."""
    before = contents(directory.path)
    with pytest.raises(LunaSecError) as refusal:
        open_directory(directory, now=NOW)
    assert contents(directory.path) == before
    return refusal.value


async def test_t26_a_revoked_grant_stays_dead(tmp_path: Path) -> None:
    """T26: a plain copy of the old files is refused, and the new files put back are not."""
    copy, filled = await before_and_after(tmp_path / "data")
    newer = tmp_path / "newer"
    shutil.copytree(filled.directory.path, newer)
    put_back(copy, filled.directory.path, *FILES)
    refusal = refused(filled.directory)
    assert isinstance(refusal, StoreRolledBack)
    assert "is an older copy" in refusal.detail
    assert str(filled.database) in refusal.detail
    assert "lunasec restore" in refusal.detail
    put_back(newer, filled.directory.path, *FILES)
    tokens = filled.readable + filled.revoked

    async def use(whole: Whole) -> list[bool]:
        return await whole.readable(filled.frame, tokens)

    assert await opened(filled.directory, use) == [True, True, False, False]


async def test_t26_the_old_log_alone_is_known(tmp_path: Path) -> None:
    """T26: an old log beside the present database, or none, does not bring an old state back."""
    copy, filled = await before_and_after(tmp_path / "data")
    put_back(copy, filled.directory.path, "lunasec.db-wal", "lunasec.db-shm")

    async def use(whole: Whole) -> list[bool]:
        return await whole.readable(filled.frame, filled.revoked)

    with suppress(StoreDamaged, StoreRolledBack):
        assert await opened(filled.directory, use) == [False, False]


async def _revoke(whole: Whole, _: FrameCaller, tokens: list[Token]) -> None:
    await whole.grants.revoke(whole.back_end, ALICE, tokens[:1])


async def _end(whole: Whole, _: FrameCaller, __: list[Token]) -> None:
    await whole.sessions.end(whole.back_end, ALICE)


async def _erase(whole: Whole, _: FrameCaller, tokens: list[Token]) -> None:
    await whole.erasures.erase(whole.back_end, tokens[:1])


async def _upgrade(whole: Whole, _: FrameCaller, __: list[Token]) -> None:
    await whole.sessions.upgrade(whole.back_end, BOB, ALICE)


async def _narrow(whole: Whole, _: FrameCaller, tokens: list[Token]) -> None:
    await whole.grants.create(whole.back_end, ALICE, tokens, expires_in=1, max_reads=None)


async def _read(whole: Whole, frame: FrameCaller, tokens: list[Token]) -> None:
    await whole.vault.detokenize(frame, tokens[-1:])


async def _redeem(whole: Whole, _: FrameCaller, __: list[Token]) -> None:
    handle = await whole.sessions.offer(whole.back_end, OFFERING)
    with pytest.raises(LunaSecError):
        await whole.sessions.redeem(
            APPLICATION, handle, binding=None, cookie_hash=None, fetched=True
        )


OFFERING = Offering(
    state="s" * 43, reference=BOB, origin=ORIGIN, expires_in=60, subject=None, temporary=False
)
TakesAway = Callable[[Whole, FrameCaller, list[Token]], Awaitable[None]]


@pytest.mark.parametrize(
    "take_away",
    [_revoke, _end, _erase, _upgrade, _narrow, _read, _redeem],
    ids=lambda f: f.__name__,
)
async def test_t26_whatever_was_taken_away_is_not_given_back(
    tmp_path: Path, take_away: TakesAway
) -> None:
    """T26: a copy from before a revocation, log-out, erase, upgrade or read is refused."""
    directory = DataDirectory(path=tmp_path / "data")
    copy = tmp_path / "copy"

    async def use(whole: Whole) -> None:
        frame = await whole.log_in()
        tokens = await whole.tokens(frame, 2)
        await whole.grants.create(whole.back_end, ALICE, tokens[-1:], expires_in=3600, max_reads=2)
        shutil.copytree(directory.path, copy)
        await take_away(whole, frame, tokens)

    await opened(directory, use)
    put_back(copy, directory.path, *FILES)
    assert isinstance(refused(directory), StoreRolledBack)


async def test_t26_values_that_are_missing_are_noticed(tmp_path: Path) -> None:
    """T26: a copy from before the last anchor is refused, though nothing was taken away since."""
    filled = await fill(tmp_path / "data")
    copy = tmp_path / "copy"
    shutil.copytree(filled.directory.path, copy)

    async def use(whole: Whole) -> None:
        await whole.tokens(await whole.log_in(), 1)
        filled.directory.high_water.start_over(open_mark(whole))
        filled.directory.audit_anchor.keep(await whole.store.head())

    await opened(filled.directory, use)
    put_back(copy, filled.directory.path, *FILES, "high-water.json")
    refusal = refused(filled.directory)
    assert isinstance(refusal, StoreRolledBack)
    assert "audit-head.json" in refusal.detail


def open_mark(whole: Whole) -> Mark:
    """Return how far the store of a tokenizer has come."""
    assert isinstance(whole.store, SqliteStore)
    return whole.store.mark


@pytest.mark.parametrize("gone", [["lunasec.db"], [*FILES], [*FILES, "keys.json"]])
async def test_t26_a_database_that_is_gone_is_not_made_anew(
    tmp_path: Path, gone: list[str]
) -> None:
    """T26: where the marks say that there was one, an empty one would be a rollback."""
    filled = await fill(tmp_path / "data")
    for name in gone:
        (filled.directory.path / name).unlink(missing_ok=True)
    refusal = refused(filled.directory)
    assert isinstance(refusal, KeyFileDamaged if "keys.json" in gone else StoreRolledBack)


async def test_t26_a_database_without_its_mark_is_refused(tmp_path: Path) -> None:
    """T26: whoever removes the mark does not get an older copy accepted."""
    filled = await fill(tmp_path / "data")
    filled.directory.high_water.path.unlink()
    assert "high-water.json" in refused(filled.directory).detail


async def test_another_tokenizers_database_is_refused(tmp_path: Path) -> None:
    """Neither with its own keys beside it, nor with ours."""
    ours, theirs = await fill(tmp_path / "ours"), await fill(tmp_path / "theirs")
    put_back(theirs.directory.path, ours.directory.path, *FILES)
    refusal = refused(ours.directory)
    assert isinstance(refusal, StoreDamaged)
    assert "another key file" in refusal.detail
    put_back(theirs.directory.path, ours.directory.path, "keys.json", "audit-head.json")
    assert "another database" in refused(ours.directory).detail


async def test_a_crash_before_the_mark_is_no_rollback(tmp_path: Path) -> None:
    """A database that is further than its mark is served: nobody was told more than it says."""
    filled = await fill(tmp_path / "data")
    mark = filled.directory.high_water.read()
    assert mark is not None
    filled.directory.high_water.start_over(replace(mark, generation=mark.generation - 1))

    async def use(whole: Whole) -> list[bool]:
        return await whole.readable(filled.frame, filled.readable + filled.revoked)

    assert await opened(filled.directory, use) == [True, True, False, False]
    assert filled.directory.high_water.read() == mark
