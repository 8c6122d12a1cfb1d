"""The whole of scheme 1, step by step, as it goes over the wire."""

from typing import Any

from tests.http.local import Local
from tests.http.parties import code, opened


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


async def test_copying_is_granted_by_itself(parties: Local) -> None:
    """A value goes to a clipboard where its grant says so, and the log tells a copy from a look."""
    browser = await parties.visitor()
    [token] = await browser.store("123-45-6789")
    await parties.grant(browser.session, [token])
    [value] = (await browser.asks("/detokenize", tokens=[token])).json()["values"]
    assert "may_copy" not in value
    copy = {"tokens": [token], "action": "copy"}
    assert (await browser.asks("/detokenize", **copy)).json()["values"] == [{"code": "not_granted"}]
    body: dict[str, Any] = {"session": browser.session, "tokens": [token]}
    granted = await parties.told("/grants", actions=["read", "copy"], **body)
    assert granted["refused"] == []
    [value] = (await browser.asks("/detokenize", tokens=[token])).json()["values"]
    assert value["may_copy"] is True
    [copied] = (await browser.asks("/detokenize", **copy)).json()["values"]
    assert opened(copied, browser.application) == "123-45-6789"
    assert code(await parties.ask("/grants", actions=["copy"], **body)) == "malformed_request"


async def _some(parties: Local) -> list[str]:
    return await (await parties.visitor()).store("x")
