"""Every store, for the one contract suite."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
import pytest_asyncio

from lunasec.tokenizer.stores.blobs import DirectoryBlobs
from lunasec.tokenizer.stores.memory import MemoryStore
from lunasec.tokenizer.stores.memory_blobs import MemoryBlobs
from lunasec.tokenizer.stores.sqlite import SqliteStore
from tests.stores.whole import Whole, fresh_keys

AnyStore = MemoryStore | SqliteStore


@pytest_asyncio.fixture(params=["memory", "sqlite"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[AnyStore]:
    """Give each store in turn, empty."""
    in_memory = request.param == "memory"
    made: AnyStore = MemoryStore() if in_memory else SqliteStore(tmp_path / "lunasec.db")
    yield made
    await made.close()


@pytest_asyncio.fixture
async def sqlite(tmp_path: Path) -> AsyncGenerator[SqliteStore]:
    """Give an empty SQLite store."""
    made = SqliteStore(tmp_path / "lunasec.db")
    yield made
    await made.close()


@pytest_asyncio.fixture(params=["memory", "directory"])
async def whole(
    request: pytest.FixtureRequest, store: AnyStore, tmp_path: Path
) -> AsyncGenerator[Whole]:
    """Give a tokenizer on each store, with blobs of each kind."""
    in_memory = request.param == "memory"
    blobs = MemoryBlobs() if in_memory else DirectoryBlobs(tmp_path / "blobs")
    yield Whole(store, fresh_keys(), blobs=blobs)
    await blobs.close()
