"""A tokenizer behind a proxy, whose tokens have owners."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.http.proxies import PROVIDER, Behind, behind

OWNED = 'ownership = "required"'


@asynccontextmanager
async def owned(folder: Path, *lines: str) -> AsyncGenerator[Behind]:
    """Build it; `lines` are more of the application's own."""
    async with behind(folder, "\n".join((OWNED, *lines, PROVIDER))) as made:
        yield made
