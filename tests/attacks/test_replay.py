"""T14: the address of the bootstrap works once, soon, and where it was asked for."""

import asyncio
from pathlib import Path

import pytest

from lunasec.tokenizer.core.sessions import HANDLE_SECONDS
from lunasec.tokenizer.stores.memory import MemoryStore
from lunasec.tokenizer.stores.sqlite import SqliteStore
from tests.http.local import Local, local
from tests.http.parties import Browser, code


@pytest.mark.parametrize("kind", ["memory", "sqlite"])
async def test_t14_a_hundred_at_once_get_one_session(tmp_path: Path, kind: str) -> None:
    """Of a hundred presentations of one handle in parallel, exactly one sets a cookie."""
    store = MemoryStore() if kind == "memory" else SqliteStore(tmp_path / "lunasec.db")
    async with local(tmp_path, store) as parties:
        browser = parties.browser()
        handle = await parties.handle(await browser.state(), browser.session)
        tabs = [browser.stolen() for _ in range(100)]
        responses = await asyncio.gather(*(each.follow(handle) for each in tabs))
        opened = [each for each in responses if each.status_code == 204]
        assert len(opened) == 1
        cookies = [each for each in responses if "set-cookie" in each.headers]
        assert cookies == opened
        refused = {code(each) for each in responses if each.status_code != 204}
        assert refused == {"handle_invalid"}
        assert sum([await each.lives() for each in tabs]) == 1


async def test_t14_handle_dies_within_a_minute(parties: Local) -> None:
    """It works in its last second and not in the next."""
    for age, opens in ((HANDLE_SECONDS - 1, True), (HANDLE_SECONDS, False)):
        browser = parties.browser()
        handle = await parties.handle(await browser.state(), browser.session)
        parties.clock.now += age
        assert ((await browser.follow(handle)).status_code == 204) == opens


async def test_t14_handle_dies_with_the_session_that_it_is_for(parties: Local) -> None:
    """Log-out between the redirect and its arrival leaves nothing to redeem, then or later."""
    browser = parties.browser()
    state = await browser.state()
    handle = await parties.handle(state, browser.session)
    await parties.told("/session/end", session=browser.session)
    assert code(await browser.follow(handle)) == "handle_invalid"
    again = await parties.ask(
        "/session/handles",
        state=state,
        session=browser.session,
        origin="http://app.lunasec.localhost:1",
        expires_in=900,
    )
    assert code(again) == "session_ended"


async def test_t14_a_refused_presentation_uses_it_up(parties: Local) -> None:
    """Brought by another browser, or by a navigation, it is gone for the one that asked as well."""
    for destination, own in (("document", True), ("empty", False)):
        browser = parties.browser()
        handle = await parties.handle(await browser.state(), browser.session)
        first = browser if own else parties.browser()
        refused = await first.follow(handle, **{"sec-fetch-dest": destination})
        assert refused.status_code == (await browser.follow(handle)).status_code == 403


async def test_t14_second_presentation_is_on_record(parties: Local) -> None:
    """A replay is told from a guess in the audit log, and both cost an entry."""
    browser = parties.browser()
    handle = await parties.handle(await browser.state(), browser.session)
    await browser.follow(handle)
    await browser.follow(handle)
    await browser.follow("B" * 42 + "A")
    redeemed = [
        (each["outcome"], each.get("reason", ""))
        for each in await parties.audit()
        if each["action"] == "session.redeem"
    ]
    assert redeemed == [("allowed", ""), ("refused", "used handle"), ("refused", "unknown handle")]


async def test_t14_looking_at_an_address_is_no_presentation(parties: Local) -> None:
    """`HEAD`, which previews and scanners send, gets a 405 and uses nothing up."""
    browser = parties.browser()
    handle = await parties.handle(await browser.state(), browser.session)
    for method in ("HEAD", "OPTIONS", "PUT", "DELETE"):
        looked = await parties.client.request(
            method, "/session/create/payroll", params={"handle": handle}
        )
        assert looked.status_code == 405
        assert looked.headers["allow"] == "GET, POST"
    assert (await browser.follow(handle)).status_code == 204


async def test_t14_two_handles_in_one_address_are_none(parties: Local) -> None:
    """Where an address names two handles, neither is presented."""
    browser = parties.browser()
    state = await browser.state()
    handles = [await parties.handle(state, browser.session) for _ in range(2)]
    both = await parties.client.get(
        "/session/create/payroll",
        params={"handle": handles},
        headers={
            "sec-fetch-dest": "empty",
            "sec-fetch-mode": "no-cors",
            "cookie": _cookie(browser),
        },
    )
    assert code(both) == "handle_invalid"
    assert (await browser.follow(handles[0])).status_code == 204


def _cookie(browser: Browser) -> str:
    return "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
