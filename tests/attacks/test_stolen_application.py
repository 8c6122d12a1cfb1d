"""T2b: a stolen application server reads no other user's value; under scheme 1, all of them."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
import pytest_asyncio

from lunasec.tokenizer.stores.memory import MemoryStore
from tests.attacks.stolen_application import Loot, Thief
from tests.http.local import local
from tests.http.owned import owned
from tests.http.parties import UNKNOWN, code
from tests.http.proxies import Behind, ProxiedBrowser
from tests.http.sending import loaded, read, stored

SSN, NAME = "219-09-9999", "Ada Lovelace"
NOT_PROMISED = (
    "ho takes the application's server over vouches for whatever session it likes, and reads all"
    " that it has tokens for, as fast as its budgets let it"
)
AUDIENCE = "https://app.example.com"
"""Of the tokens that the proxy sends to the application."""


@pytest_asyncio.fixture
async def proxied(tmp_path: Path) -> AsyncGenerator[Behind]:
    """Give a tokenizer behind a proxy, whose tokens have owners."""
    async with owned(tmp_path) as made:
        yield made


def _passing(victim: ProxiedBrowser) -> list[dict[str, str]]:
    """List what a visitor's request brings to the application, through the proxy."""
    sent = victim.bearer(aud=AUDIENCE)
    return [
        {"authorization": sent},
        {"authorization": sent, "x-authorization": sent, "x-assertion": sent},
        {"authorization": victim.bearer(aud=[AUDIENCE])},
        {"cookie": f"session={victim.sid}; __Host-lunasec-payroll={victim.sid}"},
        {"x-user": victim.subject, "x-forwarded-user": victim.subject},
    ]


async def test_t2b_a_stolen_server_reads_nothing_of_others(proxied: Behind) -> None:
    """With grants, forged sessions, replayed tokens and calls around the proxy: not one value.

    Its visitors still read their own.
    """
    ada, eve = await proxied.visitor(), await proxied.visitor("eve")
    tokens = await ada.store(SSN, NAME)
    await proxied.parties.grant(ada.session, tokens)
    loot = Loot(tokens=tokens, sessions=[ada.session], passing=_passing(ada))
    thief = Thief(parties=proxied.parties, own=eve, loot=loot)
    await thief.try_everything()
    assert thief.read == set()
    assert thief.erased == 0
    assert {each.get("code") for each in thief.described} == {"not_granted"}
    assert await ada.read(*tokens) == [SSN, NAME]


async def test_t2b_the_same_server_under_scheme_1_reads_all(tmp_path: Path) -> None:
    """What scheme 1 does not promise: it vouches for a session, and reads; and erases by itself."""
    async with local(tmp_path, MemoryStore()) as parties:
        ada, eve = await parties.visitor(), await parties.visitor()
        tokens = await ada.store(SSN, NAME)
        loot = Loot(tokens=tokens, sessions=[ada.session], passing=[{"cookie": "session=ada"}])
        thief = Thief(parties=parties, own=eve, loot=loot)
        await thief.try_everything()
        reading = {way for way, read in thief.ways.items() if read == {SSN, NAME}}
        assert reading == {"grant_to_itself", "forge_sessions"}
        assert thief.read == {SSN, NAME}
        assert {each.get("kind") for each in thief.described} == {"text"}
        assert thief.erased == len(tokens)


@pytest.mark.parametrize("page", ["README.md", "docs/threat-model.md", "docs/recipes/proxies.md"])
def test_scheme_1_is_said_not_to_promise_it(page: str) -> None:
    """In the same words, wherever somebody chooses between the two."""
    text = " ".join((Path(__file__).parents[2] / page).read_text().split())
    assert NOT_PROMISED in text


async def test_t2b_what_a_visitors_own_session_allows(proxied: Behind) -> None:
    """The server may name its visitors' live sessions: it learns kinds and sizes, and no value."""
    ada = await proxied.visitor()
    [token] = await ada.store(SSN)
    await proxied.parties.grant(ada.session, [token])
    told = await proxied.parties.told("/tokens/describe", session=ada.session, tokens=[token])
    assert set(told["tokens"][0]) == {"kind", "size", "created_at", "metadata"}
    await proxied.parties.told("/session/end", session=ada.session)
    refused = await proxied.parties.told("/tokens/describe", session=ada.session, tokens=[token])
    assert refused == {"tokens": [{"code": "not_granted"}]}
    erased = await proxied.parties.told("/tokens/erase", session=ada.session, tokens=[token])
    assert erased == {"erased": 0}


async def test_t2b_files_have_owners(proxied: Behind) -> None:
    """A file is its owner's: granted to somebody else, neither its manifest nor a segment opens."""
    ada, eve = await proxied.visitor(), await proxied.visitor("eve")
    token = await stored(ada, b"a file")
    await proxied.parties.grant(eve.session, [token])
    assert await loaded(ada, token) == b"a file"
    assert await eve.read(token) == [None]
    refused = [await read(eve, each, 0) for each in (token, UNKNOWN)]
    assert len({(each.status_code, each.content) for each in refused}) == 1
    assert code(refused[0]) == "not_granted"
