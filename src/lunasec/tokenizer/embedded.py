"""The embedded default: one SQLite file, and one key file with the mark beside it."""

from dataclasses import dataclass
from pathlib import Path

from lunasec.errors import StoreRolledBack
from lunasec.tokenizer.core.keyset import Keyset
from lunasec.tokenizer.core.rollback import SERVED, Standing, compare
from lunasec.tokenizer.highwater import HighWater
from lunasec.tokenizer.kms import LocalKeyFile
from lunasec.tokenizer.stores.sqlite import SqliteStore


@dataclass(frozen=True, slots=True, kw_only=True)
class DataDirectory:
    """Where everything lies; of mode 0700, made at the first start."""

    path: Path

    @property
    def keys(self) -> LocalKeyFile:
        """The key file: without it every value is lost."""
        return LocalKeyFile(self.path / "keys.json")

    @property
    def high_water(self) -> HighWater:
        """The mark by which an older copy of the database is known."""
        return HighWater(self.path / "high-water.json")

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
    first_start = not keys.exists() and not directory.database.exists()
    beside = high_water.read()
    keyset = keys.generate(now) if first_start else keys.unseal()
    if beside is not None and not directory.database.exists():
        raise StoreRolledBack(_MISSING.format(directory.database))
    store = SqliteStore(directory.database)
    try:
        store.belong_to(keyset.id)
        standing = compare(store.mark, beside)
        if standing not in SERVED:
            raise StoreRolledBack(_REFUSALS[standing].format(directory.database))
        high_water.advance(store.mark)
    except BaseException:
        store.abandon()
        raise
    store.keep_marks(high_water.advance)
    return Opened(store=store, keyset=keyset, first_start=first_start)


_RESTORE = (
    " Nothing was changed. `lunasec restore` takes a backup into use, and voids all grants and"
    " sessions as it does."
)
_MISSING = "{} is missing, though the mark beside the keys says that it was there." + _RESTORE
_REFUSALS = {
    Standing.BEHIND: "{} is an older copy: grants that were revoked since would live again."
    + _RESTORE,
    Standing.FOREIGN: "{} is another database than the one beside these keys." + _RESTORE,
    Standing.UNMARKED: "{} was used before, but its mark (high-water.json) is missing." + _RESTORE,
}
