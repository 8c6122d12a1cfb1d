"""Anybody can begin log-ins, and make up what comes back: no disk is filled, nobody locked out."""

import asyncio
import json
import secrets
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Final

import pytest
import pytest_asyncio

from lunasec.encoding import to_base64url
from lunasec.tokenizer.core import log_in
from lunasec.tokenizer.core.secret import Secret
from lunasec.tokenizer.http import cookies
from tests.http.parties import PAYROLL, code
from tests.http.relying import Relying, relying

CROWD: Final = 150


@pytest_asyncio.fixture
async def party(tmp_path: Path) -> AsyncGenerator[Relying]:
    """Give a tokenizer and its provider."""
    async with relying(tmp_path) as made:
        yield made


class Forger:
    """Makes states of a secret of his own, as his browser's would be; he asks nobody for one."""

    def __init__(self, party: Relying) -> None:
        """Take a browser, and put a secret into it."""
        self._party, self._secret = party, Secret(secrets.token_bytes(32))
        self.browser = party.browser()
        self.browser.cookies[cookies.log_in_name(PAYROLL)] = to_base64url(self._secret.reveal())

    def said(self, **more: str) -> dict[str, str]:
        """Make an answer up that looks like the provider's."""
        issuer, now = self._party.provider.issuer, self._party.parties.clock()
        made = log_in.begin(self._secret, PAYROLL, issuer, secrets.token_bytes(16), now)
        return {"state": made.state, "iss": issuer, **more}


async def test_a_flood_of_made_up_answers(party: Relying) -> None:
    """It costs no more entries than others do, and who logs in meanwhile notices nothing."""
    browser = party.browser()
    said = [await browser.come_back({"state": "x", "code": "y"}) for _ in range(250)]
    assert code(said[0]) == "log_in_invalid"
    assert len({each.content for each in said}) == 1  # written down or not
    assert len(await party.reasons()) == 200
    assert await (await party.visitor()).lives()
    assert json.dumps(await party.parties.audit()).count("another browser's state") == 200


@pytest.mark.parametrize("more", [{"error": "x"}, {"code": "x"}, {}], ids=["error", "code", "none"])
async def test_t24_what_logs_nobody_in_is_not_kept(party: Relying, more: dict[str, str]) -> None:
    """Neither its state, nor more than a budget of entries, however well it is made."""
    forger = Forger(party)
    for _ in range(250):
        await forger.browser.come_back(forger.said(**more))
    assert len(await party.reasons()) == 200
    assert party.handles() == 0
    assert await (await party.visitor()).lives()
    assert party.handles() == 1


async def test_t24_who_floods_a_provider_locks_nobody_out(party: Relying) -> None:
    """Its requests wait with the others, in the order they came."""
    party.provider.delay = 0.02
    forgers = [Forger(party) for _ in range(CROWD)]
    over = asyncio.Event()

    async def again(forger: Forger) -> None:
        while not over.is_set():
            await forger.browser.come_back(forger.said(code="x"))

    crowd = [asyncio.create_task(again(each)) for each in forgers]
    while party.provider.asked.count("/token") < CROWD:  # noqa: ASYNC110 - all of them are there
        await asyncio.sleep(0.01)
    try:
        for number in range(5):
            assert (await party.browser().logs_in(f"u-{number}", f"s-{number}")).status_code == 303
    finally:
        over.set()
        await asyncio.gather(*crowd)


async def test_who_waits_too_long_is_told_so(
    party: Relying, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is no fault of the provider's, which answers the next one."""
    monkeypatch.setattr("lunasec.tokenizer.oidc.conversation.WAIT_SECONDS", 0)
    response = await party.browser().logs_in()
    assert (response.status_code, code(response)) == (429, "too_many_requests")
    monkeypatch.undo()
    assert (await party.browser().logs_in()).status_code == 303


async def test_too_many_who_wait_are_sent_away(
    party: Relying, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So many may wait for the provider, and no more."""
    for name in ("AT_ONCE", "WAITING"):
        monkeypatch.setattr(f"lunasec.tokenizer.oidc.conversation.{name}", 0)
    response = await party.browser().logs_in()
    assert (response.status_code, code(response)) == (429, "too_many_requests")
    monkeypatch.undo()
    assert (await party.browser().logs_in()).status_code == 303
