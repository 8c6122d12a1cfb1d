"""`lunasec backup` and `lunasec restore`: the database, as of one instant and back again."""

from pathlib import Path

from lunasec.cli import first_start, ownership
from lunasec.errors import ConfigurationInvalid
from lunasec.tokenizer import embedded
from lunasec.tokenizer.embedded import DataDirectory
from lunasec.tokenizer.wiring import system_clock


def backup(data: Path, target: Path) -> str:
    """Copy the database into a new file; a tokenizer may be running.

    Raises: `ConfigurationInvalid`, `StoreDamaged`, `Unavailable`.
    """
    directory = DataDirectory(path=data)
    if not directory.database.exists():
        raise ConfigurationInvalid(f"there is no database at {directory.database} to back up.")
    if target.is_dir():
        raise ConfigurationInvalid(f"{target} is a directory; name a new file in it.")
    with ownership.kept(data):
        embedded.backup(directory, target)
    return (
        f"{target} has the database as of now. Its values open with the keys alone, and those are\n"
        f"not in it: {first_start.back_up(data)}\n"
    )


def restore(data: Path, source: Path) -> str:
    """Take a backup into use; all grants and sessions are void, and what was there is kept aside.

    Raises: `KeyFileDamaged`, `StoreDamaged`, `AuditDamaged`, `Unavailable`.
    """
    with ownership.kept(data):
        done = embedded.restore(DataDirectory(path=data), source, now=system_clock())
    aside = f"What was there is now {done.replaced}.\n" if done.replaced else ""
    return (
        f"{source} is in use. All grants and sessions are void: people log in once more, and see\n"
        "their values again. What was stored, erased or revoked after the backup was made is not\n"
        f"in it.\n{aside}"
    )
