"""Stores that fail when a test says so."""

import asyncio
from typing import Any

from lunasec.errors import Unavailable
from lunasec.tokenizer.core.ledger import Facts, Want
from lunasec.tokenizer.core.operation import Operation
from lunasec.tokenizer.stores.memory import MemoryStore


class Hanging(MemoryStore):
    """A store that stops answering."""

    hangs: bool = False

    async def transact(self, operation: Operation[Any]) -> Any:  # noqa: ANN401 - the operation's
        """Hang, if it has to."""
        if self.hangs:
            await asyncio.sleep(3600)
        return await super().transact(operation)


class Broken(Hanging):
    """A store that is down."""

    async def transact(self, operation: Operation[Any]) -> Any:  # noqa: ANN401 - the operation's
        """Fail, if it has to."""
        if self.hangs:
            raise Unavailable
        return await super().transact(operation)

    async def look(self, want: Want) -> Facts:
        """Fail, if it has to."""
        if self.hangs:
            raise Unavailable
        return await super().look(want)
