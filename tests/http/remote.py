"""A tokenizer in a process of its own, as an operator starts it, and the parties around it."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.deployments import Tokenizer, running_tokenizer
from tests.http.local import configured, credentials
from tests.http.parties import ORIGINS, Clock, Parties, client


@dataclass(frozen=True, slots=True, kw_only=True)
class Remote(Parties):
    """The parties around a running `lunasec serve`."""

    server: Tokenizer

    async def metrics(self) -> str:
        """Read what the operator can count."""
        async with client(base_url=f"http://127.0.0.1:{self.server.operator_port}") as operator:
            answer: httpx.Response = await operator.get("/metrics")
        return answer.text


@asynccontextmanager
async def remote(folder: Path, **more: str) -> AsyncGenerator[Remote]:
    """Start `lunasec serve` with two applications; a folder that was used before is used again."""
    if not (folder / "lunasec.toml").exists():
        configured(folder, **more)
    with running_tokenizer(folder, applications=ORIGINS) as server:
        host = server.origin.removeprefix("http://")
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
        async with client(
            base_url=f"http://127.0.0.1:{server.port}", headers={"host": host}, limits=limits
        ) as asked:
            yield Remote(
                origin=server.origin,
                client=asked,
                clock=Clock(),
                credentials=credentials(folder, server.origin),
                server=server,
            )
