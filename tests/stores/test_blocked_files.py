"""Files beside the keys that can't be written just now: nobody waits for them but upkeep."""

import asyncio
import fcntl
import os
import time
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path

import pytest

from lunasec.errors import Unavailable
from lunasec.tokenizer import aside
from lunasec.tokenizer.aside import Aside
from lunasec.tokenizer.audit_anchor import AuditAnchor
from lunasec.tokenizer.core.keyset import MAX_AGE
from lunasec.tokenizer.kms import LocalKeyFile
from lunasec.tokenizer.stores.memory import MemoryStore
from lunasec.tokenizer.upkeep import Upkeep
from tests.stores.made_up import NOW
from tests.stores.whole import ERASE_DELAY, Whole

SECONDS = 1.0
STALL = 5
"""Far more than a busy machine takes for a turn; who waited for the lock would wait for ever."""


@pytest.fixture(autouse=True)
def _hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aside, "ASIDE_SECONDS", SECONDS)


@contextmanager
def lock_held(folder: Path) -> Generator[None]:
    """Hold the lock of a directory, as another process would that hangs."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


@asynccontextmanager
async def nobody_waits() -> AsyncGenerator[None]:
    """See to it that others are served all the while."""
    longest = 0.0

    async def tick() -> None:
        nonlocal longest
        while True:
            before = time.monotonic()
            await asyncio.sleep(0.005)
            longest = max(longest, time.monotonic() - before)

    ticking = asyncio.create_task(tick())
    yield
    ticking.cancel()
    assert longest < STALL


def kept_by(folder: Path) -> tuple[Upkeep, Whole, LocalKeyFile, AuditAnchor]:
    """Give upkeep whose keys and anchor are files in a folder."""
    keys, anchor = LocalKeyFile(folder / "keys.json"), AuditAnchor(folder / "audit-head.json")
    whole = Whole(MemoryStore(), keys.generate(NOW))
    upkeep = Upkeep(
        gate=whole.gate,
        store=whole.store,
        locks=whole.cipher,
        files=whole.keeper,
        keyset=whole.keyset,
        erase_delay=ERASE_DELAY,
        rotate=keys.rotate,
        anchor=anchor.keep,
    )
    return upkeep, whole, keys, anchor


async def test_a_lock_that_is_held_stalls_nobody(tmp_path: Path) -> None:
    """The anchor and the key file wait by themselves, and not for long; the rest is done."""
    upkeep, whole, keys, anchor = kept_by(tmp_path)
    frame = await whole.log_in()
    [token] = await whole.tokens(frame)
    await whole.erasures.erase(whole.back_end, [token])
    later = NOW + MAX_AGE + 1
    with lock_held(tmp_path):
        async with nobody_waits():
            for _ in range(2):  # what hangs is not begun a second time
                with pytest.raises(Unavailable):
                    await upkeep.run(later)
        assert len([each for each in whole.store.audit if "token.destroy" in each]) == 1  # type: ignore[attr-defined]
        assert anchor.read() is None
        assert keys.unseal().wrap.number == 1
        whole.now = later
        frame = await whole.log_in()
        [other] = await whole.tokens(frame)
        assert await whole.readable(frame, [other]) == [True]
    while True:  # what hung comes back in its own time
        head = await whole.store.head()
        with suppress(Unavailable):
            await upkeep.run(later)
            break
    assert anchor.read() == head
    assert keys.unseal().wrap.number > 1
    assert await whole.readable(frame, [other]) == [True]


async def test_what_hangs_is_begun_once() -> None:
    """No threads pile up behind one that does not come back."""
    work, begun = Aside(), list[int]()

    def hang() -> None:
        begun.append(1)
        time.sleep(3 * SECONDS)

    for _ in range(5):
        with pytest.raises(Unavailable):
            await work.run(hang)
    assert begun == [1]
    await asyncio.sleep(3 * SECONDS)
    assert await work.run(lambda: 7) == 7


async def test_what_is_raised_aside_is_raised() -> None:
    """The one who waits gets the error itself, and the next piece of work is done."""
    work = Aside()
    with pytest.raises(ZeroDivisionError):
        await work.run(lambda: 1 // 0)
    assert await work.run(lambda: 7) == 7
