"""Copies of blobs: what a database's records name, linked or copied into another directory.

A segment never changes once it has its name, so a second name for it is as good as a copy, takes no
room and no time, and stays when the first one goes.
"""

import os
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from lunasec.tokenizer.core.ledger import File
from lunasec.tokenizer.core.stream import segment_size, segments
from lunasec.tokenizer.stores.blobs import FOLDERS, folder, names, segment_path
from lunasec.tokenizer.stores.sqlite_file import sync_directory, writing

_ENDING: Final = ".files"


def beside(database: Path) -> Path:
    """Name the directory in which the files of a copy of a database are."""
    return database.with_name(database.name + _ENDING)


def bring(source: Path, target: Path, files: Sequence[File]) -> None:
    """Bring blobs into `target`, durably; what is there already, and what `source` lacks, is left.

    Raises: `Unavailable`.
    """
    if not files:
        return
    with writing(target):
        made = [each for each in (target, *target.parents) if not each.exists()]
        target.mkdir(mode=0o700, parents=True, exist_ok=True)
        for file in files:
            _bring(source, target, file)
        for each in (target, *(path.parent for path in made)):
            sync_directory(each)


def prune(target: Path, files: Sequence[File]) -> None:
    """Remove every blob below `target` that is none of these: what was erased is to be gone.

    Raises: `Unavailable`.
    """
    kept = {each.blob for each in files}
    with writing(target):
        for first in range(FOLDERS):
            for blob in names(target, first):
                if blob not in kept:
                    shutil.rmtree(folder(target, blob))


def incomplete(path: Path, files: Iterable[File]) -> list[File]:
    """List the files of which a segment is missing below `path`, or has another size."""
    return [each for each in files if not all(_is_there(path, each, at) for at in _indexes(each))]


def _bring(source: Path, target: Path, file: File) -> None:
    into = folder(target, file.blob)
    for index in _indexes(file):
        if _is_there(target, file, index) or not _is_there(source, file, index):
            continue
        if not into.is_dir():
            into.parent.mkdir(mode=0o700, exist_ok=True)
            into.mkdir(mode=0o700)
            sync_directory(into.parent)
        _take(segment_path(source, file.blob, index), segment_path(target, file.blob, index))
    if into.is_dir():
        sync_directory(into)


def _take(source: Path, target: Path) -> None:
    """Give a segment a second name, or where that can't be, copy it."""
    target.unlink(missing_ok=True)  # of another size, or it would not be asked for
    try:
        os.link(source, target)
    except OSError:  # another file system, or one without links
        draft = target.with_name(f".{target.name}.new")
        draft.unlink(missing_ok=True)
        draft.touch(mode=0o600)
        shutil.copyfile(source, draft)
        with draft.open("rb") as copied:
            os.fsync(copied.fileno())
        draft.rename(target)


def _indexes(file: File) -> range:
    return range(segments(file.size))


def _is_there(path: Path, file: File, index: int) -> bool:
    try:
        size = segment_path(path, file.blob, index).stat().st_size
    except OSError:
        return False
    return size == segment_size(file.size, index)
