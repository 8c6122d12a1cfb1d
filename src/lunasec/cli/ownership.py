"""What root makes in a data directory becomes its owner's, or the server could not read it."""

import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def kept(directory: Path) -> Generator[None]:
    """Afterwards, give what is in the directory to the directory's owner, where we are root."""
    try:
        yield
    finally:
        if os.geteuid() == 0 and directory.is_dir():
            for path in strangers(directory):
                owner = directory.stat()
                os.chown(path, owner.st_uid, owner.st_gid, follow_symlinks=False)


def strangers(directory: Path) -> list[Path]:
    """List what is in a directory, at any depth, and not its owner's."""
    owner = directory.stat().st_uid
    return sorted(path for path in directory.rglob("*") if path.lstat().st_uid != owner)
