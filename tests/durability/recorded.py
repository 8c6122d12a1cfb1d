"""A short life of a tokenizer, to be recorded: first start, some work, upkeep, an orderly end.

`python -m tests.durability.recorded FOLDER [SYNCHRONOUS]`; SYNCHRONOUS is SQLite's setting, where
another than the right one is to be shown as wrong. It prints how often something was refused.
"""
# pyright: reportPrivateUsage=false

import asyncio
import random
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, Final

import structlog

from lunasec.errors import Unavailable
from lunasec.tokenizer.embedded import DataDirectory, open_directory
from tests.durability.worker import Client, Notes
from tests.stores.made_up import NOW
from tests.stores.whole import ERASE_DELAY, Whole

CLIENTS: Final = 3
ROUNDS: Final = 3
CHECKPOINT_PAGES: Final = 40
"""Far fewer than in earnest, so that a short life has several checkpoints."""


async def live(folder: Path, synchronous: str) -> int:
    """Live it, and say how often something was refused; clients come until nothing is."""
    directory = DataDirectory(path=folder / "data")
    opening = open_directory(directory, now=NOW)
    opening.store._connection.execute(f"PRAGMA synchronous = {synchronous}")
    opening.store._connection.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")
    anchor = directory.audit_anchor.keep
    whole = Whole(opening.store, opening.keyset, anchor=anchor)
    notes = Notes(folder / "notes")
    clients = [Client(whole, notes, random.Random(seed)) for seed in range(CLIENTS)]  # noqa: S311
    refused = 0
    for _ in range(ROUNDS):
        refused += await _together([each.visit() for each in clients])
        refused += await _together([whole.upkeep.run(NOW)])
    refused += await _together([whole.upkeep.destroy(NOW + ERASE_DELAY + 1)])
    while now_refused := await _together([each.visit() for each in clients]):
        refused += now_refused
    await opening.store.close()
    return refused


async def _together(work: list[Coroutine[Any, Any, object]]) -> int:
    outcomes = await asyncio.gather(*work, return_exceptions=True)
    for each in outcomes:
        if isinstance(each, BaseException) and not isinstance(each, Unavailable):
            raise each
    return sum(isinstance(each, Unavailable) for each in outcomes)


if __name__ == "__main__":
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    setting = sys.argv[2] if sys.argv[2:] else "FULL"
    sys.stdout.write(str(asyncio.run(live(Path(sys.argv[1]), setting))))
