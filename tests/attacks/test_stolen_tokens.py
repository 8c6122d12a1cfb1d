"""T3: whoever has all of an application's tokens, and none of its sessions, has nothing."""

from tests.http.local import Local
from tests.http.parties import CLINIC, Browser, code


async def test_t3_tokens_without_a_session(parties: Local, victim: Browser) -> None:
    """All tokens at once, from a browser that never logged in: one refusal, whatever they are."""
    tokens = await victim.store("1", "2", "3")
    await parties.grant(victim.session, tokens)
    thief = parties.browser()
    thief.session = victim.session
    refused = await thief.asks("/detokenize", tokens=tokens)
    assert (refused.status_code, code(refused)) == (401, "no_session")
    described = await thief.asks("/tokens/describe", tokens=tokens)
    assert (described.status_code, code(described)) == (401, "no_session")


async def test_t3_tokens_with_another_session(parties: Local, victim: Browser) -> None:
    """Another user's session, or another application's, gets a refusal for each, all the same."""
    tokens = await victim.store("1", "2", "3")
    await parties.grant(victim.session, tokens)
    for thief in (await parties.visitor(), await parties.visitor(CLINIC)):
        answer = await thief.asks("/detokenize", tokens=tokens)
        assert answer.json() == {"values": [{"code": "not_granted"}] * 3}
    # The victim reads them all the while: the tokens are good ones.
    assert await victim.read(*tokens) == ["1", "2", "3"]


async def test_t3_tokens_in_the_name_of_the_victims_session(
    parties: Local, victim: Browser
) -> None:
    """A thief who knows the victim's session reference too still has to bring its cookie."""
    tokens = await victim.store("1")
    await parties.grant(victim.session, tokens)
    thief = await parties.visitor()
    thief.session = victim.session
    refused = await thief.asks("/detokenize", tokens=tokens)
    assert (refused.status_code, code(refused)) == (409, "session_changed")
