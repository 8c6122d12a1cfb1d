"""What several durability tests begin with."""

import asyncio
from pathlib import Path

import pytest

from lunasec.tokenizer import copies
from tests.durability.filled import Filled, fill, opened
from tests.durability.interrupted import BACKUP
from tests.stores.whole import Whole


@pytest.fixture
def filled(tmp_path: Path) -> Filled:
    """Fill a directory and back it up; the last thing done is a revocation after the backup."""
    made = asyncio.run(fill(tmp_path / "in-use" / "data"))
    copies.backup(made.directory, tmp_path / "in-use" / BACKUP)

    async def revoke(whole: Whole) -> None:
        await whole.grants.revoke(whole.back_end, None, made.readable[:1])

    asyncio.run(opened(made.directory, revoke))
    return made
