"""Backup and restore: values and the audit log come back, grants, sessions and handles do not."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

import pytest

from lunasec.errors import (
    AuditDamaged,
    ConfigurationInvalid,
    KeyFileDamaged,
    NoSession,
    StoreDamaged,
    StoreRolledBack,
)
from lunasec.tokenizer import copies, embedded
from lunasec.tokenizer.core.pruning import SEGMENT, PruneAudit
from lunasec.tokenizer.core.rollback import Mark
from lunasec.tokenizer.embedded import DataDirectory, open_directory
from lunasec.tokenizer.gate import BATCH, admit_all
from lunasec.tokenizer.stores import sqlite_copy
from tests.durability.damages import OF_BACKUPS, Damage
from tests.durability.filled import Filled, contents, fill, opened, put_back
from tests.stores.lines import execute
from tests.stores.made_up import NOW, Apply, put_record
from tests.stores.whole import Whole

LATER = NOW + 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class BackedUp:
    """A data directory, a backup of it, and the mark that it has by now."""

    filled: Filled
    backup: Path
    mark: Mark

    @property
    def directory(self) -> DataDirectory:
        """The data directory."""
        return self.filled.directory


@pytest.fixture
def backed_up(tmp_path: Path) -> BackedUp:
    """Fill a directory, back it up, and go on for a while."""
    filled = asyncio.run(fill(tmp_path / "data"))
    backup = tmp_path / "lunasec.backup"
    copies.backup(filled.directory, backup)

    async def go_on(whole: Whole) -> None:
        await whole.grants.revoke(whole.back_end, None, filled.readable[:1])
        filled.directory.audit_anchor.keep(await whole.store.head())

    asyncio.run(opened(filled.directory, go_on))
    mark = filled.directory.high_water.read()
    assert mark is not None
    return BackedUp(filled=filled, backup=backup, mark=mark)


def test_a_backup_is_one_private_file(backed_up: BackedUp) -> None:
    """One file of mode 0600 without a log beside it; it holds no keys; none is replaced."""
    assert backed_up.backup.stat().st_mode & 0o777 == 0o600
    assert sorted(each.name for each in backed_up.backup.parent.iterdir()) == [
        "data",
        "lunasec.backup",
    ]
    data = backed_up.backup.read_bytes()
    assert backed_up.directory.keys.unseal().root.reveal() not in data
    with pytest.raises(ConfigurationInvalid, match="There is a file at"):
        copies.backup(backed_up.directory, backed_up.backup)
    assert backed_up.backup.read_bytes() == data


def test_t26_nothing_is_granted_after_a_restore(backed_up: BackedUp) -> None:
    """T26: grants, sessions and handles are void; values can be granted anew and are readable."""
    restored = copies.restore(backed_up.directory, backed_up.backup, now=LATER)
    filled = backed_up.filled

    async def use(whole: Whole) -> None:
        with pytest.raises(NoSession):
            await whole.vault.detokenize(filled.frame, filled.readable)
        frame = await whole.log_in()
        tokens = filled.readable + filled.revoked
        assert await whole.readable(frame, tokens) == [False] * 4
        await whole.grant(frame, tokens)
        assert await whole.readable(frame, tokens) == [True] * 4

    asyncio.run(opened(backed_up.directory, use))
    counts = [
        execute(backed_up.backup, f"SELECT count(*) FROM {name}")[0][0]  # noqa: S608
        for name in ("grants", "sessions")
    ]
    assert 0 not in counts
    assert restored.incarnation == 1


def test_a_restore_is_in_the_audit_log(backed_up: BackedUp) -> None:
    """The log goes on from the backup's end, with an entry that says so, and stays one chain."""
    before = [each.line for each in sqlite_copy.links(backed_up.backup)]
    copies.restore(backed_up.directory, backed_up.backup, now=LATER)
    after = [each.line for each in sqlite_copy.links(backed_up.directory.database)]
    assert after[:-1] == before
    assert '"action":"store.restore"' in after[-1]
    assert f'"at":{LATER}' in after[-1]
    assert f"entry {len(before)}" in after[-1]
    assert embedded.verify_audit(backed_up.directory).sequence == len(after)


def test_t26_every_copy_from_before_is_refused_afterwards(backed_up: BackedUp) -> None:
    """T26: the database that was replaced and the backup itself are both behind the new mark."""
    restored = copies.restore(backed_up.directory, backed_up.backup, now=LATER)
    assert restored.replaced is not None
    for copy in (restored.replaced, backed_up.backup):
        database = backed_up.directory.database
        database.unlink()
        database.write_bytes(copy.read_bytes())
        with pytest.raises(StoreRolledBack, match="older copy"):
            open_directory(backed_up.directory, now=LATER)


def test_t26_each_restore_is_an_incarnation(backed_up: BackedUp) -> None:
    """T26: restored twice, the first restore's grants are void as well."""
    numbers = [
        copies.restore(backed_up.directory, backed_up.backup, now=LATER).incarnation
        for _ in range(3)
    ]
    assert numbers == [1, 2, 3]
    mark = backed_up.directory.high_water.read()
    assert mark == Mark(store_id=backed_up.mark.store_id, incarnation=3, generation=0)


@pytest.mark.parametrize(
    "lost",
    [
        ["high-water.json"],
        ["high-water.json", "audit-head.json"],
        ["lunasec.db"],
        ["lunasec.db", "high-water.json"],
    ],
    ids="+".join,
)
def test_a_restore_mends_what_was_lost(backed_up: BackedUp, lost: list[str]) -> None:
    """With the keys and a backup, everything else can be made again."""
    for name in lost:
        (backed_up.directory.path / name).unlink()
    with pytest.raises(StoreRolledBack):
        open_directory(backed_up.directory, now=LATER)
    copies.restore(backed_up.directory, backed_up.backup, now=LATER)
    open_directory(backed_up.directory, now=LATER).store.abandon()


def test_t26_a_lost_mark_does_not_give_an_old_incarnation_back(backed_up: BackedUp) -> None:
    """T26: without the mark, the present database still says how many restores there were."""
    for _ in range(2):
        copies.restore(backed_up.directory, backed_up.backup, now=LATER)
    backed_up.directory.high_water.path.unlink()
    assert copies.restore(backed_up.directory, backed_up.backup, now=LATER).incarnation == 3


def test_a_raw_copy_with_its_log_is_a_backup(backed_up: BackedUp, tmp_path: Path) -> None:
    """Files that were copied from a running tokenizer are restored with what is in their log."""
    copy = tmp_path / "copy" / "lunasec.db"
    copy.parent.mkdir()

    async def use(whole: Whole) -> None:
        await whole.gate.admit(Apply(put_record(77)))
        put_back(backed_up.directory.path, copy.parent, "lunasec.db", "lunasec.db-wal")

    asyncio.run(opened(backed_up.directory, use))
    before = contents(copy.parent)
    copies.restore(backed_up.directory, copy, now=LATER)
    assert contents(copy.parent) == before
    rows = execute(backed_up.directory.database, "SELECT count(*) FROM records")
    assert rows == [(5,)]


@pytest.mark.parametrize("damage", OF_BACKUPS.values(), ids=OF_BACKUPS)
def test_a_backup_that_is_not_whole_changes_nothing(backed_up: BackedUp, damage: Damage) -> None:
    """It is refused before anything is touched, and the present database goes on."""
    damage(backed_up.backup)
    before = contents(backed_up.directory.path)
    with pytest.raises(StoreDamaged) as refused:
        copies.restore(backed_up.directory, backed_up.backup, now=LATER)
    assert str(backed_up.backup) in refused.value.detail
    assert contents(backed_up.directory.path) == before
    open_directory(backed_up.directory, now=LATER).store.abandon()


def test_the_log_of_a_crashed_database_is_not_taken_for_the_new_ones(
    backed_up: BackedUp, tmp_path: Path
) -> None:
    """What a killed process left in its log goes away with the database that it was of."""
    copy = tmp_path / "copy"
    copy.mkdir()
    names = ("lunasec.db", "lunasec.db-wal", "high-water.json")

    async def use(whole: Whole) -> None:
        await whole.gate.admit(Apply(*map(put_record, range(70, 90))))
        put_back(backed_up.directory.path, copy, *names)

    asyncio.run(opened(backed_up.directory, use))
    put_back(copy, backed_up.directory.path, *names)
    restored = copies.restore(backed_up.directory, backed_up.backup, now=LATER)
    assert not backed_up.directory.database.with_name("lunasec.db-wal").exists()
    rows = execute(backed_up.directory.database, "SELECT count(*) FROM records")
    assert rows == [(4,)]
    assert restored.replaced is not None
    assert execute(restored.replaced, "SELECT count(*) FROM records") == [(24,)]


def test_a_pruned_log_comes_back(backed_up: BackedUp, tmp_path: Path) -> None:
    """A backup whose audit log has lost its beginning is taken, and its log can be followed on."""
    directory, backup = backed_up.directory, tmp_path / "pruned.backup"

    async def prune(whole: Whole) -> None:
        await whole.gate.admit(Apply(*map(put_record, range(SEGMENT))))
        anchored = (await whole.store.head()).sequence
        prune = PruneAudit(before=LATER, anchored=anchored, now=LATER, segment=BATCH)
        assert await admit_all(whole.gate, prune) == SEGMENT

    asyncio.run(opened(directory, prune))
    copies.backup(directory, backup)
    copies.restore(directory, backup, now=LATER)
    [begin, *_] = sqlite_copy.links(directory.database)
    assert begin.sequence == SEGMENT
    assert asyncio.run(
        opened(directory, lambda whole: whole.store.head())
    ) == embedded.verify_audit(directory)


def test_a_backup_with_a_forged_log_is_refused(backed_up: BackedUp) -> None:
    """What the audit log of a backup says is checked before it is taken into use."""
    execute(backed_up.backup, "UPDATE audit SET line = line || ' ' WHERE sequence = 2")
    before = contents(backed_up.directory.path)
    with pytest.raises(AuditDamaged, match="Entry 2 was changed") as refused:
        copies.restore(backed_up.directory, backed_up.backup, now=LATER)
    assert str(backed_up.backup) in refused.value.detail
    assert contents(backed_up.directory.path) == before


def test_without_keys_nothing_is_restored(backed_up: BackedUp) -> None:
    """A database that nobody can read is not taken into use."""
    backed_up.directory.keys.path.unlink()
    before = contents(backed_up.directory.path)
    with pytest.raises(KeyFileDamaged):
        copies.restore(backed_up.directory, backed_up.backup, now=LATER)
    assert contents(backed_up.directory.path) == before
