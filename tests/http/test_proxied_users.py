"""Proxies whose tokens name no session: a user's browsers share one, and log out together."""

from collections.abc import AsyncGenerator
from pathlib import Path
from typing import get_args, get_type_hints

import pytest
import pytest_asyncio
from msgspec import Meta

from lunasec.jose.overrides import LONGEST_LEEWAY, LONGEST_LIFE
from lunasec.tokenizer.core.log_out import PROXIED_SECONDS
from lunasec.tokenizer.core.stream import sealed_size
from lunasec.tokenizer.providers import ProviderTable
from tests.http.local import START
from tests.http.parties import code, sealed
from tests.http.proxies import USERS, Behind, ProxiedBrowser, behind

SSN = "219-09-9999"
LEEWAY = 30
DAY = 24 * 3600


@pytest_asyncio.fixture
async def proxied(tmp_path: Path) -> AsyncGenerator[Behind]:
    """Give a tokenizer behind such a proxy."""
    async with behind(tmp_path, USERS) as made:
        yield made


async def logged_in(proxied: Behind, login: int, subject: str = "ada") -> ProxiedBrowser:
    """Open a browser of somebody who logged in then."""
    return await proxied.visitor(subject, sid="", login=login)


async def ended(proxied: Behind, browser: ProxiedBrowser) -> int:
    """Log out at the application, and give the time."""
    await proxied.parties.told("/session/end", session=browser.session)
    return proxied.parties.clock.now


async def test_the_browsers_of_a_user_share_a_session(proxied: Behind) -> None:
    """What one of them was granted, another reads; another user reads nothing."""
    desk, phone = [await logged_in(proxied, START - each) for each in (9, 5)]
    assert desk.session == phone.session
    [token] = await desk.store(SSN)
    await proxied.parties.grant(desk.session, [token])
    bob = await logged_in(proxied, START, "bob")
    assert [await each.read(token) for each in (desk, phone, bob)] == [[SSN], [SSN], [None]]


async def test_t25_a_log_out_ends_all_of_them(proxied: Behind) -> None:
    """At once, and what was signed before it enters nothing for as long as it is valid."""
    desk, phone = [await logged_in(proxied, START - each) for each in (9, 5)]
    [token] = await desk.store(SSN)
    await proxied.parties.grant(desk.session, [token])
    await ended(proxied, desk)
    proxied.parties.clock.now += LEEWAY + 1
    for browser in (desk, phone):
        assert not await browser.lives()
        assert code(await browser.asks("/session/ensure")) == "session_ended"
        assert not await browser.lives()


async def test_a_log_in_after_a_log_out_is_welcome(proxied: Behind) -> None:
    """The user is not kept out; what was granted before is gone."""
    before = await logged_in(proxied, START - 9)
    [token] = await before.store(SSN)
    await proxied.parties.grant(before.session, [token])
    at = await ended(proxied, before)
    proxied.parties.clock.now += LEEWAY + 1
    after = await logged_in(proxied, at + LEEWAY + 1)
    assert after.session == before.session
    assert await after.read(token) == [None]
    await proxied.parties.grant(after.session, [token])
    assert await after.read(token) == [SSN]


@pytest.mark.parametrize(("late", "enters"), [(-1, False), (0, False), (1, True), (2, True)])
async def test_t25_the_clocks_may_differ(proxied: Behind, late: int, *, enters: bool) -> None:
    """A token that may have been made before the log-out, by the proxy's clock, is refused."""
    at = await ended(proxied, await logged_in(proxied, START - 9))
    proxied.parties.clock.now += 2 * LEEWAY
    again = proxied.browser(sid="", login=at + LEEWAY + late)
    assert (await again.asks("/session/ensure")).is_success is enters


async def test_t25_an_older_token_opens_nothing_of_the_next_session(proxied: Behind) -> None:
    """What was signed before the log-out is refused at the values too, though a session lives."""
    before = await logged_in(proxied, START - 9)
    [token] = await before.store(SSN)
    at = await ended(proxied, before)
    proxied.parties.clock.now += 2 * LEEWAY
    after = await logged_in(proxied, at + LEEWAY + 1)
    await proxied.parties.grant(after.session, [token])
    for path, body in (
        ("/detokenize", {"tokens": [token]}),
        ("/tokens/describe", {"tokens": [token]}),
        ("/tokenize", {"values": [sealed("x")]}),
        ("/files", {"size": sealed_size(1)}),
    ):
        assert code(await before.asks(path, **body)) == "no_session", path
    assert await after.read(token) == [SSN]


async def test_tokens_that_the_proxy_renews(proxied: Behind) -> None:
    """A newer token goes on in the same session; one from before another log-in has to enter it."""
    desk = await logged_in(proxied, START)
    desk.login = START + 5
    assert await desk.lives()
    phone = proxied.browser(sid="", login=START - 9)
    assert not await phone.lives()
    assert (await phone.asks("/session/ensure")).json()["active"] is True
    assert await phone.lives()
    assert await desk.lives()


async def test_the_oldest_log_in_counts_through_renewals(proxied: Behind) -> None:
    """A renewal by the newer of two browsers takes nothing from the older one."""
    desk, phone = await logged_in(proxied, START - 9), await logged_in(proxied, START)
    proxied.parties.clock.now += 11 * 60
    assert (await phone.asks("/session/ensure")).json()["expires_in"] == 15 * 60
    assert await desk.lives()
    assert await phone.lives()


async def test_t25_a_log_out_is_remembered_while_older_tokens_live(proxied: Behind) -> None:
    """Until the last token that may be older than it has ended, upkeep or not; then it is gone."""
    at = await ended(proxied, await logged_in(proxied, START - 9))
    clock = proxied.parties.clock
    clock.now = at + DAY + 2 * LEEWAY - 1
    await proxied.parties.tokenizer.upkeep()
    old = proxied.browser(sid="", login=at + LEEWAY)
    assert code(await old.asks("/session/ensure")) == "session_ended"
    clock.now += 1
    assert code(await old.asks("/session/ensure")) == "not_proxied"
    clock.now = at + PROXIED_SECONDS
    await proxied.parties.tokenizer.upkeep()
    assert vars(proxied.parties.tokenizer.store)["log_outs"] == {}


def test_nothing_may_be_configured_to_live_longer() -> None:
    """What log-outs are remembered for is the longest life of a token, and twice the leeway."""
    hints = get_type_hints(ProviderTable, include_extras=True)
    for name, longest in (("leeway", LONGEST_LEEWAY), ("longest_life", LONGEST_LIFE)):
        bounds = [each.le for each in get_args(hints[name]) if isinstance(each, Meta)]
        assert [each for each in bounds if each is not None] == [longest], name
    assert LONGEST_LIFE + 2 * LONGEST_LEEWAY == PROXIED_SECONDS


async def test_t25_a_token_has_to_say_when_it_was_made(proxied: Behind) -> None:
    """Without `iat`, nobody could tell it from one of before a log-out."""
    ada = await logged_in(proxied, START)
    undated = ada.bearer(iat=None)
    response = await ada.post("/session/ensure", {"session": ada.session}, authorization=undated)
    assert code(response) == "not_proxied"


async def test_a_log_out_of_one_user_is_not_another_ones(proxied: Behind) -> None:
    """Whoever else is logged in goes on."""
    ada, bob = await logged_in(proxied, START), await logged_in(proxied, START, "bob")
    await ended(proxied, ada)
    assert await bob.lives()
    assert (await bob.asks("/session/ensure")).json()["active"] is True
