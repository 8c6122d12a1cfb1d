"""A tokenizer behind a proxy, whose tokens have owners."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.http.proxies import PROVIDER, Behind, behind

OWNED = 'ownership = "required"'


@asynccontextmanager
async def owned(folder: Path, policy: str = "") -> AsyncGenerator[Behind]:
    """Build it, with a policy file where there is a text for one."""
    lines = [OWNED]
    if policy:
        (folder / "payroll.cedar").write_text(policy)
        lines += ['policies = ["payroll.cedar"]']
    async with behind(folder, "\n".join((*lines, PROVIDER))) as made:
        yield made
