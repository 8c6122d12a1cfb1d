"""The embedded default: one SQLite file, and one key file with the mark beside it."""

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lunasec.errors import (
    AuditDamaged,
    ConfigurationInvalid,
    LunaSecError,
    StoreDamaged,
    StoreRolledBack,
)
from lunasec.tokenizer.audit_anchor import AuditAnchor
from lunasec.tokenizer.core.audit import Entry, Head, verify_chain
from lunasec.tokenizer.core.keyset import Keyset
from lunasec.tokenizer.core.rollback import SERVED, Mark, Standing, compare
from lunasec.tokenizer.core.upkeep import OPERATOR
from lunasec.tokenizer.highwater import HighWater
from lunasec.tokenizer.kms import LocalKeyFile
from lunasec.tokenizer.stores import sqlite_copy, sqlite_file, sqlite_inspection
from lunasec.tokenizer.stores.sqlite import SqliteStore
from lunasec.tokenizer.stores.sqlite_inspection import About


@dataclass(frozen=True, slots=True, kw_only=True)
class DataDirectory:
    """Where everything lies; of mode 0700, made at the first start."""

    path: Path

    @property
    def keys(self) -> LocalKeyFile:
        """The key file: without it, or any backup of it, every value is lost."""
        return LocalKeyFile(self.path / "keys.json")

    @property
    def high_water(self) -> HighWater:
        """The mark by which an older copy of the database is known."""
        return HighWater(self.path / "high-water.json")

    @property
    def audit_anchor(self) -> AuditAnchor:
        """How far the audit log had come, by which a cut-off end is known."""
        return AuditAnchor(self.path / "audit-head.json")

    @property
    def database(self) -> Path:
        """The SQLite file; `-wal` and `-shm` beside it belong to it."""
        return self.path / "lunasec.db"


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A data directory in use; `first_start` says that its keys were made just now."""

    store: SqliteStore
    keyset: Keyset
    first_start: bool


def open_directory(directory: DataDirectory, *, now: int) -> Opened:
    """Open a data directory, or make it; refuse one that is damaged, foreign or from the past.

    Raises: `KeyFileDamaged`, `StoreDamaged`, `StoreRolledBack`; then nothing was changed.
    """
    keys, high_water = directory.keys, directory.high_water
    beside, anchor = high_water.read(), directory.audit_anchor.read()
    first_start = not (keys.exists() or directory.database.exists() or beside or anchor)
    keyset = keys.generate(now) if first_start else keys.unseal()
    start = _Start(directory=directory, keyset=keyset, beside=beside, anchor=anchor)
    store = SqliteStore(directory.database, keyset=keyset.id, anchor=anchor, accept=start.accept)
    try:
        high_water.advance(store.mark)
        keyset = keys.catch_up(store.newest_keys, now)  # the key file may be from a backup
    except BaseException:
        store.abandon()
        raise
    store.keep_marks(high_water.advance)
    return Opened(store=store, keyset=keyset, first_start=first_start)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Start:
    """What is known before the database is opened."""

    directory: DataDirectory
    keyset: Keyset
    beside: Mark | None
    anchor: Head | None

    def accept(self, about: About | None) -> None:
        """Refuse a database that is not the one of these keys, or not as far as it was."""
        path = self.directory.database
        if about is None:
            if self.beside or self.anchor:
                raise StoreRolledBack(_MISSING.format(path))
            return
        if about.keyset != self.keyset.id:
            raise StoreDamaged(_OTHER_KEYS.format(path, self.directory.keys.path))
        standing = compare(about.mark, self.beside)
        if standing not in SERVED:
            raise StoreRolledBack(_REFUSALS[standing].format(path))
        if not about.anchored:
            raise StoreRolledBack(_UNANCHORED.format(path))


def verify_audit(directory: DataDirectory) -> Head:
    """Follow the audit log from its first entry through its anchor; a tokenizer may be running.

    Raises: `AuditDamaged`, which names the first entry that is wrong; `StoreDamaged`.
    """
    anchor = directory.audit_anchor.read()  # first: the log only ever grows past it
    return verify_chain(sqlite_copy.links(directory.database), anchor)


def backup(directory: DataDirectory, target: Path) -> None:
    """Copy the database into one new file, as of one instant; a tokenizer may be running.

    The keys are not in it: `lunasec keys export` backs them up.

    Raises: `ConfigurationInvalid` when there is a file already; `StoreDamaged`, `Unavailable`.
    """
    if os.path.lexists(target):
        raise ConfigurationInvalid(f"There is a file at {target} already; name a new one.")
    sqlite_copy.copy(directory.database, target)


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What a restore did: the new incarnation, and where the database that it replaced is now."""

    incarnation: int
    replaced: Path | None


def restore(directory: DataDirectory, backup: Path, *, now: int) -> Restored:
    """Take a backup into use. All grants, sessions and handles are void; records and audit stay.

    A crash at any instant leaves the old database, or one that is refused at start until this is
    done again, or the new one. What was erased or ended after the backup was made is so no longer.

    Raises: `KeyFileDamaged`, `StoreDamaged` when the backup is not whole, of other keys, or a
    tokenizer is running; `AuditDamaged`, `Unavailable`. Then nothing was changed.
    """
    path, keyset = directory.database, directory.keys.unseal()
    beside = directory.high_water.read()
    held = sqlite_file.hold(path)
    try:
        draft, about = sqlite_copy.draft_of(backup, path)
        try:
            if about.keyset != keyset.id:
                raise StoreDamaged(_OTHER_KEYS.format(backup, directory.keys.path))
            _verify(draft, backup)
            known = [about.mark, *([beside] if beside else []), *_present(path)]
            incarnation = 1 + max(each.incarnation for each in known)
            mark = Mark(store_id=about.mark.store_id, incarnation=incarnation, generation=0)
            head = sqlite_copy.void(draft, mark, _restored(about, now))
            # From here on the old database is refused, for it is behind.
            directory.high_water.start_over(mark)
            directory.audit_anchor.keep(head)
            replaced = _put_aside(path, incarnation)
            sqlite_file.put_in_place(draft, path)
        finally:
            with suppress(OSError):
                sqlite_file.remove(draft)
    finally:
        os.close(held)
    return Restored(incarnation=incarnation, replaced=replaced)


def _verify(draft: Path, backup: Path) -> None:
    try:
        verify_chain(sqlite_copy.links(draft), None)
    except AuditDamaged as error:
        raise AuditDamaged(f"{backup}: {error.detail} Nothing was changed.") from None


def _present(path: Path) -> list[Mark]:
    """Give the mark of the database that is to be replaced, if it can still be read."""
    try:
        about = sqlite_inspection.inspect(path)
    except LunaSecError:
        return []
    return [about.mark] if about else []


def _restored(about: About, now: int) -> Entry:
    return Entry(
        at=now,
        application="",
        action="store.restore",
        outcome="allowed",
        reason=f"from incarnation {about.mark.incarnation}, entry {about.head.sequence}",
        actor=OPERATOR,
    )


def _put_aside(path: Path, incarnation: int) -> Path | None:
    """Move the replaced database and its log away; a log would be taken for the new one's."""
    replaced = path.with_name(f"{path.name}.before-restore-{incarnation}")
    names = zip(sqlite_file.family(path), sqlite_file.family(replaced), strict=True)
    with sqlite_file.writing(path):
        for each, away in names:
            if each.exists():
                each.rename(away)
        sqlite_file.sync_directory(path.parent)
    return replaced if replaced.exists() else None


_RESTORE: Final = (
    " Nothing was changed. `lunasec restore` takes a backup into use, and voids all grants and"
    " sessions as it does."
)
_MISSING: Final = (
    "{} is missing, though the marks beside the keys say that it was there." + _RESTORE
)
_OTHER_KEYS: Final = (
    "{}: its values were sealed with the keys of another key file than {}. Nothing was changed. Put"
    " the right two together."
)
_UNANCHORED: Final = (
    "{}: its audit log does not go through the entry that audit-head.json says it had: it is an"
    " older copy, or its end was cut off." + _RESTORE
)
_REFUSALS: Final = {
    Standing.BEHIND: "{} is an older copy: grants that were revoked since would live again."
    + _RESTORE,
    Standing.FOREIGN: "{} is another database than the one beside these keys." + _RESTORE,
    Standing.UNMARKED: "{} was used before, but its mark (high-water.json) is missing." + _RESTORE,
}
