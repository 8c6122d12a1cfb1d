"""The whole of scheme 1, step by step, as it goes over the wire."""

from tests.http.local import Local
from tests.http.parties import code


async def test_value_is_kept_granted_read_and_erased(parties: Local) -> None:
    """A value is read by the session that it was granted to, as often as it was granted."""
    browser = await parties.visitor()
    [token] = await browser.store("123-45-6789")
    assert await browser.read(token) == [None]
    await parties.grant(browser.session, [token], max_reads=1)
    assert await browser.read(token) == ["123-45-6789"]
    assert await browser.read(token) == [None]
    await parties.grant(browser.session, [token])
    assert await parties.told("/tokens/erase", tokens=[token]) == {"erased": 1}
    assert await browser.read(token) == [None]


async def test_session_is_told_and_ended(parties: Local) -> None:
    """A frame learns how long its session lives; after log-out nothing of it works."""
    browser = await parties.visitor()
    told = (await browser.asks("/session/ensure")).json()
    assert told == {
        "active": True,
        "session": browser.session,
        "expires_in": 900,
        "renew_in": 600,
    }
    assert await parties.told("/session/end", session=browser.session) == {}
    assert code(await browser.asks("/detokenize", tokens=await _some(parties))) == "no_session"
    assert (await browser.asks("/session/ensure")).json()["active"] is False


async def _some(parties: Local) -> list[str]:
    return await (await parties.visitor()).store("x")
