"""Copies of a data directory: a backup of one in use, and a backup taken into use."""

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from lunasec.errors import AuditDamaged, ConfigurationInvalid, LunaSecError, StoreDamaged
from lunasec.tokenizer.core.audit import Entry, verify_chain
from lunasec.tokenizer.core.ledger import File
from lunasec.tokenizer.core.rollback import Mark
from lunasec.tokenizer.core.upkeep import OPERATOR
from lunasec.tokenizer.embedded import OTHER_KEYS, DataDirectory
from lunasec.tokenizer.stores import blob_copies, sqlite_copy, sqlite_file, sqlite_inspection
from lunasec.tokenizer.stores.sqlite_inspection import About


@dataclass(frozen=True, slots=True, kw_only=True)
class BackedUp:
    """What a backup has: how many files, in which directory, and of how many something lacks."""

    files: int
    incomplete: int
    beside: Path


def backup(directory: DataDirectory, target: Path) -> BackedUp:
    """Copy the database into one new file, as of one instant; a tokenizer may be running.

    The files that its records name are in a directory beside it, before it has its name. A
    directory that is there is brought up to date. The keys are in neither: `lunasec keys export`
    backs them up.

    Raises: `ConfigurationInvalid` when there is a file already; `StoreDamaged`, `Unavailable`.
    """
    if os.path.lexists(target):
        raise ConfigurationInvalid(f"There is a file at {target} already; name a new one.")
    beside, files = blob_copies.beside(target), list[File]()

    def copy_files(draft: Path) -> None:
        files.extend(sqlite_inspection.files(draft))
        blob_copies.bring(directory.blobs, beside, files)
        blob_copies.prune(beside, files)

    sqlite_copy.copy(directory.database, target, before=copy_files)
    incomplete = blob_copies.incomplete(beside, files)
    return BackedUp(files=len(files), incomplete=len(incomplete), beside=beside)


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What a restore did: the new incarnation, and where the database that it replaced is now.

    `incomplete` counts the files of which nobody has every segment any more.
    """

    incarnation: int
    replaced: Path | None
    incomplete: int


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
                raise StoreDamaged(OTHER_KEYS.format(backup, directory.keys.path))
            _verify(draft, backup)
            # Ahead of the database: what nothing names is removed one day, and does no harm.
            files = sqlite_inspection.files(draft)
            blob_copies.bring(blob_copies.beside(backup), directory.blobs, files)
            known = [about.mark, *([beside] if beside else []), *_present(path)]
            incarnation = 1 + max(each.incarnation for each in known)
            mark = Mark(store_id=about.mark.store_id, incarnation=incarnation, generation=0)
            head = sqlite_copy.void(draft, mark, _restored(about, now))
            # From here on the old database is refused, for it is behind.
            directory.high_water.start_over(mark)
            directory.audit_anchor.keep(head)
            replaced = _put_aside(directory, incarnation)
            sqlite_file.put_in_place(draft, path)
        finally:
            with suppress(OSError):
                sqlite_file.remove(draft)
    finally:
        os.close(held)
    incomplete = blob_copies.incomplete(directory.blobs, files)
    return Restored(incarnation=incarnation, replaced=replaced, incomplete=len(incomplete))


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


def _put_aside(directory: DataDirectory, incarnation: int) -> Path | None:
    """Move the replaced database and its log away; a log would be taken for the new one's.

    Its files get second names beside it: those that the new database does not name are removed.
    """
    path = directory.database
    replaced = path.with_name(f"{path.name}.before-restore-{incarnation}")
    names = zip(sqlite_file.family(path), sqlite_file.family(replaced), strict=True)
    if path.exists():
        with suppress(StoreDamaged):  # of what can't be read, nobody knows the files
            files = sqlite_inspection.files(path)
            blob_copies.bring(directory.blobs, blob_copies.beside(replaced), files)
    with sqlite_file.writing(path):
        for each, away in names:
            if each.exists():
                each.rename(away)
        sqlite_file.sync_directory(path.parent)
    return replaced if replaced.exists() else None
