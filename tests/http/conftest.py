"""What the tests of the HTTP layer share."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest_asyncio

from lunasec.tokenizer.stores.memory import MemoryStore
from tests.http.local import Local, local


@pytest_asyncio.fixture
async def parties(tmp_path: Path) -> AsyncGenerator[Local]:
    """Give a new tokenizer in memory with its applications."""
    async with local(tmp_path, MemoryStore()) as made:
        yield made
