"""The demo's own fixtures: the application in process, its visitors, and a back channel."""

import json
from collections.abc import AsyncGenerator, Callable
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI
from joserfc.jwk import OKPKey

from lunasec.demo import DemoSettings, create_app, passwords
from tests.demo.back_channel import BackChannel

ORIGIN = "http://app.lunasec.localhost:8000"
FROM_ITS_OWN_PAGES = {
    "Sec-Fetch-Site": "same-origin",
    "Sec-Fetch-Dest": "empty",
    "Sec-Fetch-Mode": "cors",
}

NewClient = Callable[[], httpx.AsyncClient]


@pytest.fixture
def settings(tmp_path: Path) -> DemoSettings:
    """Give settings with a new key and a new database."""
    key_file = tmp_path / "demo.key"
    key_file.touch(mode=0o600)
    key_file.write_text(json.dumps(OKPKey.generate_key("Ed25519").as_dict(private=True)))
    return DemoSettings(
        origin=ORIGIN,
        tokenizer_url="http://secure.lunasec.localhost:8001",
        tokenizer_internal_url="http://127.0.0.1:8001",
        application="demo",
        key_file=key_file,
        database=tmp_path / "demo.db",
        session_secret="a secret of this test",
    )


@pytest.fixture
def tokenizer() -> BackChannel:
    """Give the tokenizer's end of the back channel."""
    return BackChannel()


@pytest.fixture
def app(settings: DemoSettings, tokenizer: BackChannel, monkeypatch: pytest.MonkeyPatch) -> FastAPI:
    """Give the demo, with passwords that are hashed at a thousandth of their cost."""
    monkeypatch.setattr(passwords, "COST", 2**4)
    return create_app(settings, transport=tokenizer)


@pytest_asyncio.fixture
async def new_client(app: FastAPI) -> AsyncGenerator[NewClient]:
    """Give a function that lets one more person open the demo, with cookies of their own."""
    clients: list[httpx.AsyncClient] = []

    def enter() -> httpx.AsyncClient:
        transport = httpx.ASGITransport(app)
        client = httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers=FROM_ITS_OWN_PAGES)
        clients.append(client)
        return client

    yield enter
    for client in clients:
        await client.aclose()


@pytest.fixture
def client(new_client: NewClient) -> httpx.AsyncClient:
    """Give one person's browser, as far as HTTP goes."""
    return new_client()
