"""What the attacks share: a tokenizer in memory, its applications, and their victim."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest_asyncio

from lunasec.tokenizer.stores.memory import MemoryStore
from tests.http.local import Local, local
from tests.http.parties import Browser


@pytest_asyncio.fixture
async def parties(tmp_path: Path) -> AsyncGenerator[Local]:
    """Give a new tokenizer in memory with its applications."""
    async with local(tmp_path, MemoryStore()) as made:
        yield made


@pytest_asyncio.fixture
async def victim(parties: Local) -> Browser:
    """Give a browser with a session."""
    return await parties.visitor()
