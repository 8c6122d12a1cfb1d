"""A data directory that has been in use: values, grants, a session, something revoked."""

import asyncio
import hashlib
import shutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from lunasec.errors import StoreRolledBack
from lunasec.tokenizer.core.identity import FrameCaller
from lunasec.tokenizer.core.tokens import Token
from lunasec.tokenizer.embedded import DataDirectory, open_directory
from tests.stores.made_up import NOW
from tests.stores.whole import Whole

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """A closed data directory; `readable` is granted to `frame`, `revoked` was until the end."""

    directory: DataDirectory
    frame: FrameCaller
    readable: list[Token]
    revoked: list[Token]

    @property
    def database(self) -> Path:
        """The SQLite file."""
        return self.directory.database


async def opened(directory: DataDirectory, use: Callable[[Whole], Awaitable[T]]) -> T:
    """Open a data directory, use it, and close it as a server does that ends."""
    opening = open_directory(directory, now=NOW)
    whole = Whole(opening.store, opening.keyset)
    try:
        return await use(whole)
    finally:
        await opening.store.close()


async def fill(path: Path, count: int = 4) -> Filled:
    """Make a data directory and use it; the last thing that was done is a revocation."""
    directory = DataDirectory(path=path)

    async def use(whole: Whole) -> Filled:
        frame = await whole.log_in()
        tokens = await whole.tokens(frame, count)
        half = count // 2
        await whole.grants.revoke(whole.back_end, None, tokens[half:])
        directory.audit_anchor.keep(await whole.store.head())
        return Filled(
            directory=directory, frame=frame, readable=tokens[:half], revoked=tokens[half:]
        )

    return await opened(directory, use)


async def before_and_after(path: Path) -> tuple[Path, Filled]:
    """Copy a data directory before its last revocation; return that copy and the directory."""
    directory, copy = DataDirectory(path=path), path.with_name("copy")

    async def use(whole: Whole) -> Filled:
        frame = await whole.log_in()
        tokens = await whole.tokens(frame, 4)
        await asyncio.to_thread(shutil.copytree, path, copy)
        await whole.grants.revoke(whole.back_end, None, tokens[2:])
        return Filled(directory=directory, frame=frame, readable=tokens[:2], revoked=tokens[2:])

    return copy, await opened(directory, use)


def contents(folder: Path) -> dict[str, str]:
    """Hash every file of a folder, but for the lock, which holds nothing."""
    return {
        str(each.relative_to(folder)): hashlib.sha256(each.read_bytes()).hexdigest()
        for each in sorted(folder.rglob("*"))
        if each.is_file() and each.suffix != ".lock"
    }


def put_back(copy: Path, folder: Path, *names: str) -> None:
    """Put old files in the place of new ones, as `cp` does; what is not in the copy goes."""
    for name in names:
        (folder / name).unlink(missing_ok=True)
        if (copy / name).exists():
            shutil.copy2(copy / name, folder / name)


def state(directory: DataDirectory, filled: Filled) -> str:
    """Say whether a directory is as before, refused, or restored."""

    async def use(whole: Whole) -> str:
        want = [each is not None for each in await _granted(whole, filled)]
        return {(False, True): "old", (False, False): "new"}[want[0], want[1]]

    try:
        return asyncio.run(opened(directory, use))
    except StoreRolledBack:
        return "refused"


async def _granted(whole: Whole, filled: Filled) -> list[object]:
    records = await whole.vault.describe(whole.back_end, filled.frame.reference, filled.readable)
    return list(records)
