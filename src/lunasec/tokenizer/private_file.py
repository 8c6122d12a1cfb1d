"""Small files that nobody else may read and that are never found half written.

POSIX only: the guarantees are those of owner, mode, `rename` and `fsync`.
"""

import errno
import fcntl
import os
import stat
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from lunasec.errors import Unavailable

MAX_BYTES: Final = 1024 * 1024  # Far above any key file; a wrong path may lead to anything.
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


class UnsafeFile(Exception):
    """The file exists and can't be trusted; the message completes "The file … "."""


def read(path: Path) -> bytes:
    """Read a file that is ours alone; raise `FileNotFoundError` or `UnsafeFile`.

    Every question is asked of the opened file, so that what was judged is what is read.
    """
    try:
        # Not through a symbolic link, and without waiting for the other end of a pipe.
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise
    except OSError as error:
        link = error.errno == errno.ELOOP
        reason = "is a symbolic link; name the file itself" if link else _unreadable(error)
        raise UnsafeFile(reason) from None
    try:
        _check(os.fstat(descriptor), path)
        with os.fdopen(descriptor, "rb", closefd=False) as opened:
            return opened.read(MAX_BYTES)
    except OSError as error:
        raise UnsafeFile(_unreadable(error)) from None
    finally:
        os.close(descriptor)


def create(path: Path, data: bytes) -> None:
    """Make a new file, durably; raise `FileExistsError` and change nothing where there is one.

    A directory that does not exist is made for its owner alone. Raises `Unavailable` when it can't
    be written.
    """
    with locked(path):
        if os.path.lexists(path):
            raise FileExistsError(path)
        write(path, data)


@contextmanager
def locked(path: Path) -> Generator[None]:
    """Keep other processes from changing the file meanwhile; its directory is made if need be."""
    directory = _opened_directory(path.parent)
    try:
        fcntl.flock(directory, fcntl.LOCK_EX)
        yield
    finally:
        os.close(directory)


def write(path: Path, data: bytes) -> None:
    """Put `data` in the place of the file, durably and at once; call it while `locked`.

    After a crash at any instant the file is the old one or the new one, and whole.
    """
    draft = path.with_name(f".{path.name}.new")
    try:
        # Whoever left a draft behind died holding the lock that we hold now.
        draft.unlink(missing_ok=True)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as opened:
            opened.write(data)
            opened.flush()
            os.fsync(descriptor)
        draft.rename(path)
        _sync_directory(path.parent)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise _unwritable(path, error) from None


def _opened_directory(directory: Path) -> int:
    try:
        if not directory.exists():
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            _sync_directory(directory.parent)
        return os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise _unwritable(directory, error) from None


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _check(status: os.stat_result, path: Path) -> None:
    mode = stat.S_IMODE(status.st_mode)
    if not stat.S_ISREG(status.st_mode):
        raise UnsafeFile("is not a regular file")
    if mode & _OTHERS:
        raise UnsafeFile(f"has mode {mode:04o}, open to other users; chmod 600 sets it right")
    # Root reads what is another's on purpose, say to make a backup.
    if os.geteuid() not in (0, status.st_uid):
        raise UnsafeFile("belongs to another user")
    if status.st_size > MAX_BYTES:
        raise UnsafeFile("is too large to be one of ours")
    parent = path.parent.stat().st_mode
    if parent & (stat.S_IWGRP | stat.S_IWOTH) and not parent & stat.S_ISVTX:
        raise UnsafeFile("lies in a directory that other users can write; chmod 700 sets it right")


def _unreadable(error: OSError) -> str:
    return f"can't be read: {error.strerror}"


def _unwritable(path: Path, error: OSError) -> Unavailable:
    return Unavailable(f"{path} can't be written: {error.strerror}.")
