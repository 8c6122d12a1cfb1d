"""What a provider may answer beside a code: an error, nothing, or one thing twice."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.http.parties import ORIGINS, PAYROLL, code
from tests.http.relying import CALLBACK, Relying, relying

LANDING = f"{ORIGINS[PAYROLL]}/"


@pytest_asyncio.fixture
async def party(tmp_path: Path) -> AsyncGenerator[Relying]:
    """Give a tokenizer and its provider."""
    async with relying(tmp_path) as made:
        yield made


@pytest.mark.parametrize("name", ["state", "code", "iss"])
async def test_two_of_a_parameter(party: Relying, name: str) -> None:
    """Which one counts is not for the reader to choose."""
    browser = party.browser()
    said = party.provider.log_in(await browser.begin())
    twice = "&".join(f"{key}={value}" for key, value in [*said.items(), (name, said[name])])
    assert code(await browser.go(f"{CALLBACK}?{twice}")) == "log_in_invalid"
    assert code(await browser.go(f"{CALLBACK}?{'&'.join('abcdefghijklmnopqrst')}"))


async def test_a_person_who_declines(party: Relying) -> None:
    """An error comes back to the application without a session, and is in the audit log."""
    browser = party.browser()
    said = party.provider.log_in(await browser.begin())
    del said["code"]
    response = await browser.come_back({**said, "error": "access_denied"})
    assert (response.status_code, response.headers["location"]) == (303, LANDING)
    assert "set-cookie" not in response.headers
    assert await party.reasons() == ["the provider refused"]
    assert code(await browser.come_back(said)) == "log_in_invalid"


async def test_an_answer_without_anything(party: Relying) -> None:
    """No code and no error is no answer."""
    browser = party.browser()
    said = party.provider.log_in(await browser.begin())
    del said["code"]
    assert code(await browser.come_back(said)) == "log_in_invalid"
    assert await party.reasons() == ["no code"]
