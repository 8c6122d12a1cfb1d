"""Writes a text file so that it is never found half written, and stays its owner's."""

import contextlib
import os
import stat
from pathlib import Path
from typing import Final

NEW_MODE: Final = 0o644
"""What is written here holds no secret, and the server may run as another user."""


def replace(path: Path, text: str) -> None:
    """Put `text` in the place of the file at once; mode and owner stay as they are.

    Raises: `OSError`, and then the file is as it was.
    """
    path = path.resolve()  # Through a symbolic link, as an editor would.
    draft = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        with draft.open("x", encoding="utf-8") as file:
            _keep_owner(path, file.fileno())
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        draft.rename(path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise
    _sync(path.parent)


def _keep_owner(path: Path, descriptor: int) -> None:
    try:
        status = path.stat()
    except FileNotFoundError:
        os.fchmod(descriptor, NEW_MODE)
        return
    os.fchmod(descriptor, stat.S_IMODE(status.st_mode))
    with contextlib.suppress(PermissionError):  # Only root gives files away.
        os.fchown(descriptor, status.st_uid, status.st_gid)


def _sync(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
