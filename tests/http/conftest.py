"""What the tests of the HTTP layer share."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
import pytest_asyncio

from lunasec.tokenizer.http import limits, protocol
from lunasec.tokenizer.stores.memory import MemoryStore
from tests.http.local import Local, local
from tests.http.sockets import served


@pytest_asyncio.fixture
async def parties(tmp_path: Path) -> AsyncGenerator[Local]:
    """Give a new tokenizer in memory with its applications."""
    async with local(tmp_path, MemoryStore()) as made:
        yield made


@pytest_asyncio.fixture
async def port(parties: Local) -> AsyncGenerator[int]:
    """Serve a tokenizer."""
    async with served(parties.tokenizer.app) as made:
        yield made


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorten every time-out, so that a test need not wait."""
    monkeypatch.setattr(protocol, "HEADER_SECONDS", 0.3)
    monkeypatch.setattr(protocol, "BODY_SECONDS", 0.6)
    monkeypatch.setattr(protocol, "WRITE_SECONDS", 0.3)
    monkeypatch.setattr(limits, "BODY_SECONDS", 0.3)
