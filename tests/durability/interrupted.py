"""Does something in a data directory again and again, and dies at each step of it.

`python -m tests.durability.interrupted WORK FOLDER RESULTS` leaves in RESULTS one folder for each
step: FOLDER, in which WORK was done until just before that step. Without RESULTS it is done once.
"""

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from lunasec.tokenizer import copies
from lunasec.tokenizer.embedded import DataDirectory, open_directory
from tests.stores.made_up import NOW

STEPS: Final = ("rename", "replace", "link", "unlink", "mkdir", "rmdir", "fsync", "fdatasync")
"""What can be seen from outside; between two of these a crash makes no difference."""

BACKUP: Final = "lunasec.backup"


def start(folder: Path) -> None:
    """Start for the first time, or again."""
    open_directory(DataDirectory(path=folder / "data"), now=NOW).store.abandon()


def restore(folder: Path) -> None:
    """Take the backup beside the data directory into use."""
    copies.restore(DataDirectory(path=folder / "data"), folder / BACKUP, now=NOW)


def make_backup(folder: Path) -> None:
    """Make a second backup."""
    copies.backup(DataDirectory(path=folder / "data"), folder / "second.backup")


WORK: Final = {"start": start, "restore": restore, "backup": make_backup}


def die_before(step: int) -> None:
    """Let this process end before its `step`th visible step, without a chance to clean up."""
    left = [step]

    def counted(name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def wrapper(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - as `os` takes them
            left[0] -= 1
            if left[0] == 0:
                os._exit(9)
            return call(*arguments, **named)

        wrapper.__name__ = name
        return wrapper

    for name in STEPS:
        setattr(os, name, counted(name, getattr(os, name)))


def main(work: str, folder: Path, results: Path) -> None:
    """Do the work until it dies one step later each time, and finally not at all."""
    step, code = 0, 9
    while code == 9:
        step += 1
        copy = results / f"{step:03}"
        shutil.copytree(folder, copy)
        child = os.fork()
        if child == 0:
            die_before(step)
            WORK[work](copy)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        code = os.waitstatus_to_exitcode(status)
    if code != 0:
        sys.exit(code)


if __name__ == "__main__":
    if sys.argv[3:]:
        main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
    else:
        WORK[sys.argv[1]](Path(sys.argv[2]))
