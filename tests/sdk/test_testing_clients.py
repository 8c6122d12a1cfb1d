"""`lunasec.testing` with header sessions, and with other clients."""

import asyncio
import warnings
from pathlib import Path
from typing import Any

import pytest

import lunasec.testing
from lunasec import Client
from lunasec.errors import NoSession, Unavailable
from lunasec.starlette import header_session_id
from tests.sdk.applications import browser
from tests.sdk.test_testing import VALUE, WITH_USER, made


async def test_header_sessions(tmp_path: Path) -> None:
    """With `header_sessions`, a page that sends its own header gets a session; without it, none."""
    uses, app = made(tmp_path, header_session_id("x-api-key"), header_sessions=True)
    headers = {"x-api-key": "k" * 32}
    with lunasec.testing.tokenizer(uses) as tokenizer:
        async with browser(app) as client:
            page = await tokenizer.page_async(client, headers=headers)
            token = page.tokenize(VALUE)
            await client.post("/grant", params={"token": token}, headers=headers)
            assert page.reveal(token) == VALUE
            with pytest.raises(NoSession):
                await tokenizer.page_async(client)


def test_with_the_test_client(tmp_path: Path) -> None:
    """Starlette's `TestClient` and the sync `page` do the same, each request on its own loop."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Starlette would rather have another client than httpx
        from starlette.testclient import TestClient  # noqa: PLC0415 - the import is what warns

        uses, app = made(tmp_path, WITH_USER)
        with lunasec.testing.tokenizer(uses) as tokenizer, TestClient(app) as opened:
            client: Any = opened  # its types are of a package that need not be there
            client.post("/log-in", params={"user": "ada"})
            page = tokenizer.page(client)
            token = page.tokenize(VALUE, kind="ssn", metadata={"label": "mine"})
            client.post("/grant", params={"token": token})
            assert page.reveal(token) == VALUE
            (told,) = asyncio.run(
                uses.client.describe_tokens(session=page.session, tokens=[token])
            ).tokens
    assert (told.kind, told.metadata) == ("ssn", {"label": "mine"})


def test_with_a_client_alone(tmp_path: Path) -> None:
    """A program without a web framework can be tested too; afterwards its calls go out again."""
    settings = lunasec.testing.settings(tmp_path)
    settings["tokenizer_internal_url"] = "http://127.0.0.1:9"
    with Client(**settings) as client:
        with lunasec.testing.tokenizer(client):
            client.end_session(session="r" * 43)
        with pytest.raises(Unavailable):
            client.end_session(session="r" * 43)
