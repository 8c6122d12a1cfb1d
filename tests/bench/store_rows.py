"""Rows without HTTP: group commit against single commits, and a large store against a small one."""

import asyncio
import os
import time
from collections.abc import AsyncGenerator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lunasec.encoding import from_base64url
from lunasec.tokenizer.core.identity import FrameCaller
from lunasec.tokenizer.core.sealed import SealedValue
from lunasec.tokenizer.core.secret import Secret
from lunasec.tokenizer.core.tokens import Token
from lunasec.tokenizer.stores import sqlite_file
from lunasec.tokenizer.stores.changes import PUT_RECORD
from lunasec.tokenizer.stores.rows import RECORD_COLUMNS
from lunasec.tokenizer.stores.sqlite import SqliteStore
from tests.bench.machine import SERVER_CORE, pinned
from tests.bench.measured import GENEROUS
from tests.bench.plan import Plan
from tests.bench.rows import Row, at_least, at_most, middle, ratio
from tests.http.local import KEYSET, START, Local, local
from tests.http.parties import PAYROLL, Browser, sealed

WRAPPED_BYTES, VALUE_BYTES = 88, 302
"""A locked key, and a short value in its envelope."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vault:
    """A tokenizer in this process on a real file, with one browser and its granted tokens."""

    path: Path
    parties: Local
    caller: FrameCaller
    tokens: list[Token]

    async def read(self, token: Token) -> float:
        """Read one token and give the seconds that it took, from the call to the opened key."""
        began = time.perf_counter()
        [value] = await self.parties.tokenizer.services.vault.detokenize(self.caller, [token])
        assert value is not None
        return time.perf_counter() - began


def measured(plan: Plan, folder: Path) -> list[Row]:
    """Measure both on one core."""
    with pinned(SERVER_CORE):
        return asyncio.run(_measured(plan, folder))


async def _measured(plan: Plan, folder: Path) -> list[Row]:
    return [await _group_commit(plan, folder), *await _large_store(plan, folder)]


@asynccontextmanager
async def _opened(folder: Path, store: Path, kept: Browser | None = None) -> AsyncGenerator[Local]:
    opened = SqliteStore(store, keyset=KEYSET.id)
    async with local(folder, opened, payroll=GENEROUS) as parties:
        if kept:
            kept.parties = parties
        yield parties


async def _group_commit(plan: Plan, folder: Path) -> Row:
    pairs: list[tuple[float, float]] = []
    async with _opened(folder, folder / "grouped.db") as parties:
        browser = await parties.visitor()
        caller, value = _caller(browser), _value()
        for _ in range(plan.rounds):
            grouped = await _stored(parties, caller, value, plan)
            pairs.append((grouped, _bare(folder / "bare.db", plan.rows // 5)))
    rates = [middle(each[side] for each in pairs) for side in (0, 1)]
    return at_least(
        "tokenize without HTTP, against one row one commit",
        ratio(pairs),
        8,
        f"{rates[0]:,.0f} to {rates[1]:,.0f} rows/s",
        rate=rates[0],
        bare_rate=rates[1],
    )


async def _stored(parties: Local, caller: FrameCaller, value: SealedValue, plan: Plan) -> float:
    """Store values from so many clients at once; give the rows in a second."""
    vault = parties.tokenizer.services.vault

    async def client() -> None:
        for _ in range(max(1, plan.rows // plan.clients)):
            await vault.tokenize(caller, [value])

    began = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(plan.clients)))
    rows = max(1, plan.rows // plan.clients) * plan.clients
    return rows / (time.perf_counter() - began)


def _bare(path: Path, rows: int) -> float:
    """Write rows of the same kind with the same durability, a commit each; rows in a second."""
    if not path.exists():
        sqlite_file.create(path, keyset=KEYSET.id)
    with closing(sqlite_file.connect_to_write(path)) as connection:
        began = time.perf_counter()
        for row in _rows(rows, sorted_ids=False):
            connection.execute(PUT_RECORD, row)  # without BEGIN: each is a transaction
        return rows / (time.perf_counter() - began)


def _rows(count: int, *, sorted_ids: bool) -> Iterator[tuple[Any, ...]]:
    """Make rows that look like records; their names are random, or rise over the whole range."""
    step = 2**64 // max(1, count)
    for number in range(count):
        noise = os.urandom(64 + WRAPPED_BYTES + VALUE_BYTES)
        start = (number * step).to_bytes(8, "big") if sorted_ids else noise[:8]
        record_id, commitment = start + noise[8:32], noise[32:64]
        wrapped, ciphertext = noise[64 : 64 + WRAPPED_BYTES], noise[64 + WRAPPED_BYTES :]
        made = (record_id, PAYROLL, 1, 1, commitment, wrapped, "text", VALUE_BYTES, "[]", None)
        rest = (None,) * (RECORD_COLUMNS - len(made) - 2)
        yield (*made, START, START, *rest, ciphertext)


async def _large_store(plan: Plan, folder: Path) -> list[Row]:
    """Read single tokens from both stores in turns: from memory, then from the disk."""
    small, small_browser, few = await _filled(folder, "few", plan.few, plan)
    large, large_browser, many = await _filled(folder, "many", plan.many, plan)
    warm: list[tuple[float, float]] = []
    cold: list[tuple[float, float]] = []
    for _ in range(plan.rounds):
        async with AsyncExitStack() as stack:
            stores = [
                Vault(
                    path=path,
                    parties=await stack.enter_async_context(_opened(path.parent, path, browser)),
                    caller=_caller(browser),
                    tokens=tokens,
                )
                for path, browser, tokens in (
                    (large, large_browser, many),
                    (small, small_browser, few),
                )
            ]
            cold += [await _cold(stores, at) for at in range(max(1, plan.reads // 5))]
            for at in range(plan.reads):
                await _each(stores, at)
            warm += [await _each(stores, at) for at in range(plan.reads)]
    name = f"single detokenize, {plan.many:,} records against {plan.few:,}"
    return [
        _compared(f"{name}, warm", warm, 1.3),
        _compared(f"{name}, cold", cold, 3),
    ]


def _compared(name: str, pairs: list[tuple[float, float]], target: float) -> Row:
    times = [middle(each[side] for each in pairs) * 1e6 for side in (0, 1)]
    said = f"{times[0]:,.0f} to {times[1]:,.0f} µs, commit included"
    return at_most(name, times[0] / times[1], target, said, many_us=times[0], few_us=times[1])


async def _each(stores: list[Vault], at: int) -> tuple[float, float]:
    large, small = stores
    return await large.read(large.tokens[at]), await small.read(small.tokens[at])


async def _cold(stores: list[Vault], at: int) -> tuple[float, float]:
    """Read after the system has forgotten what it read of the files before."""
    for each in stores:
        forget(each.path)
    return await _each(stores, at)


def forget(path: Path) -> None:
    """Have the system drop what it keeps of a file in memory (posix_fadvise(2))."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    finally:
        os.close(descriptor)


async def _filled(
    folder: Path, name: str, records: int, plan: Plan
) -> tuple[Path, Browser, list[Token]]:
    """Make a store with so many records, some of which a browser may read."""
    own = folder / name
    own.mkdir()
    path = own / "lunasec.db"
    async with _opened(own, path) as parties:
        browser = await parties.visitor()
        texts = await browser.store(*["123-45-6789"] * plan.reads)
        await parties.grant(browser.session, texts, expires_in=3600)
    _fill(path, records - plan.reads)
    return path, browser, [Token.parse(each) for each in texts]


def _fill(path: Path, rows: int) -> None:
    """Add rows past the tokenizer, without waiting for the disk; their order saves it the time."""
    with closing(sqlite_file.connect_to_write(path)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA cache_size = -200000")
        connection.execute("BEGIN")
        connection.executemany(PUT_RECORD, _rows(rows, sorted_ids=True))
        connection.execute("COMMIT")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _caller(browser: Browser) -> FrameCaller:
    secret = Secret(from_base64url(browser.cookie))
    return FrameCaller(application=PAYROLL, session_hash=secret.digest(), reference=browser.session)


def _value() -> SealedValue:
    text = sealed("123-45-6789")
    return SealedValue(
        dek=Secret(from_base64url(text["key"])),
        ciphertext=from_base64url(text["ciphertext"]),
        kind="text",
        metadata=(),
    )
