"""The embedded default: one SQLite file, and one key file with the mark beside it."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lunasec.errors import (
    StoreDamaged,
    StoreRolledBack,
)
from lunasec.tokenizer.audit_anchor import AuditAnchor
from lunasec.tokenizer.core.audit import Head, Link, joined, verify_chain
from lunasec.tokenizer.core.keyset import Keyset
from lunasec.tokenizer.core.rollback import SERVED, Mark, Standing, compare
from lunasec.tokenizer.highwater import HighWater
from lunasec.tokenizer.kms import LocalKeyFile
from lunasec.tokenizer.stores import sqlite_copy
from lunasec.tokenizer.stores.blobs import DirectoryBlobs
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
    def blobs(self) -> Path:
        """The ciphertext of files."""
        return self.path / "blobs"

    @property
    def database(self) -> Path:
        """The SQLite file; `-wal` and `-shm` beside it belong to it."""
        return self.path / "lunasec.db"


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A data directory in use; `first_start` says that its keys were made just now."""

    store: SqliteStore
    blobs: DirectoryBlobs
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
        blobs = DirectoryBlobs(directory.blobs)
    except BaseException:
        store.abandon()
        raise
    store.keep_marks(high_water.advance)
    return Opened(store=store, blobs=blobs, keyset=keyset, first_start=first_start)


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
            raise StoreDamaged(OTHER_KEYS.format(path, self.directory.keys.path))
        standing = compare(about.mark, self.beside)
        if standing not in SERVED:
            raise StoreRolledBack(_REFUSALS[standing].format(path))
        if not about.anchored:
            raise StoreRolledBack(_UNANCHORED.format(path))


def verify_audit(directory: DataDirectory, earlier: Iterable[Link] = ()) -> Head:
    """Follow the audit log from its first entry through its anchor; a tokenizer may be running.

    `earlier` is what was exported of it: the oldest first, up to where the log begins or further.

    Raises: `AuditDamaged`, which names the first entry that is wrong; `StoreDamaged`.
    """
    anchor = directory.audit_anchor.read()  # first: the log only ever grows past it
    return verify_chain(joined(earlier, sqlite_copy.links(directory.database)), anchor)


_RESTORE: Final = (
    " Nothing was changed. `lunasec restore` takes a backup into use, and voids all grants and"
    " sessions as it does."
)
_MISSING: Final = (
    "{} is missing, though the marks beside the keys say that it was there." + _RESTORE
)
OTHER_KEYS: Final = (
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
