"""A tokenizer in this process: the real one, with a clock that a test sets."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import msgspec

from lunasec.sdk.credential import Credential, read_credential
from lunasec.tokenizer import settings, wiring
from lunasec.tokenizer.core.keyset import FRESH_BYTES, Keyset
from lunasec.tokenizer.jose.key_pair import key_pair
from lunasec.tokenizer.ports import Blobs, Store
from lunasec.tokenizer.settings import Settings
from lunasec.tokenizer.stores.memory import MemoryStore
from lunasec.tokenizer.stores.memory_blobs import MemoryBlobs
from lunasec.tokenizer.wiring import Tokenizer
from tests.http.parties import ORIGINS, Clock, Parties, client

ORIGIN = "http://secure.lunasec.localhost:1"
KEYSET = Keyset.fresh(bytes(range(FRESH_BYTES)), 0)
START = 1_800_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Local(Parties):
    """The parties around a tokenizer in this process."""

    tokenizer: Tokenizer

    async def audit(self) -> Sequence[Mapping[str, str]]:
        """Read the audit log of the memory store."""
        store = self.tokenizer.store
        assert isinstance(store, MemoryStore)
        return [msgspec.json.decode(line) for line in store.audit]


def configured(folder: Path, origin: str = ORIGIN, **more: str) -> Mapping[str, Credential]:
    """Write a configuration of two applications; `more` are lines for the table of each by name."""
    lines = ["[tokenizer]", f'origin = "{origin}"', 'data = "data"']
    for name, application in ORIGINS.items():
        pair = key_pair()
        (folder / f"{name}.jwks.json").write_bytes(pair.public)
        (folder / f"{name}.key").touch(mode=0o600)
        (folder / f"{name}.key").write_bytes(pair.private)
        lines += [f"[applications.{name}]", f'origins = ["{application}"]']
        lines += [f'keys = "{name}.jwks.json"', more.get(name, "")]
    (folder / "lunasec.toml").write_text("\n".join(lines))
    return credentials(folder, origin)


def credentials(folder: Path, audience: str) -> Mapping[str, Credential]:
    """Read the keys of both applications."""
    return {
        name: read_credential(folder / f"{name}.key", application=name, audience=audience)
        for name in ORIGINS
    }


def read(folder: Path) -> Settings:
    """Read the configuration as the server would."""
    return settings.load(folder / "lunasec.toml", {})


@asynccontextmanager
async def local(
    folder: Path, store: Store, blobs: Blobs | None = None, **more: str
) -> AsyncGenerator[Local]:
    """Build a tokenizer on `store` and `blobs`, and close all at the end."""
    known, clock = configured(folder, **more), Clock(START)
    tokenizer = wiring.tokenizer(
        read(folder), store=store, blobs=blobs or MemoryBlobs(), keyset=KEYSET, clock=clock
    )
    transport = httpx.ASGITransport(tokenizer.app)
    async with client(transport=transport, base_url=ORIGIN) as asked:
        yield Local(
            origin=ORIGIN, client=asked, clock=clock, credentials=known, tokenizer=tokenizer
        )
    await tokenizer.close()
