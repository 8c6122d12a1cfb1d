"""`lunasec backup` and `lunasec restore`: database and files, as of one instant and back again."""

from pathlib import Path
from typing import Final

from lunasec.cli import first_start, ownership, times
from lunasec.errors import ConfigurationInvalid
from lunasec.tokenizer import copies
from lunasec.tokenizer.embedded import DataDirectory
from lunasec.tokenizer.stores import blob_copies
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
        done = copies.backup(directory, target)
    files = times.counted(done.files, "file", "files")
    beside = f"{done.beside} has its {files}.\n" if done.files else ""
    return (
        f"{target} has the database as of now. Its values open with the keys alone, and those are\n"
        f"not in it: {first_start.back_up(data)}\n"
        f"{beside}{_lacking(done.incomplete, _LOOK)}"
    )


def restore(data: Path, source: Path) -> str:
    """Take a backup into use; all grants and sessions are void, and what was there is kept aside.

    Raises: `KeyFileDamaged`, `StoreDamaged`, `AuditDamaged`, `Unavailable`.
    """
    with ownership.kept(data):
        done = copies.restore(DataDirectory(path=data), source, now=system_clock())
    aside = f"What was there is now {done.replaced}.\n" if done.replaced else ""
    cure = _CARRY.format(blob_copies.beside(source))
    return (
        f"{source} is in use. All grants and sessions are void: people log in once more, and see\n"
        "their values again. What was stored, erased or revoked after the backup was made is not\n"
        f"in it.\n{aside}{_lacking(done.incomplete, cure)}"
    )


def _lacking(files: int, cure: str) -> str:
    return (
        f"! Of {times.counted(files, 'file', 'files')}, a part is missing; {cure}\n"
        if files
        else ""
    )


_LOOK: Final = "stop the server, and `lunasec check` says of which."
_CARRY: Final = "put the directory {} beside the backup, and restore it once more."
