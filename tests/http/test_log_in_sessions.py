"""Sessions of an identity provider: how long they live, and who ends which."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
import pytest_asyncio
from starlette.requests import Request

from lunasec import proxy
from lunasec.encoding import from_base64url
from lunasec.references import session_reference
from lunasec.tokenizer.core.identity import owner_tag
from lunasec.tokenizer.core.secret import Secret
from tests.http.parties import PAYROLL, code
from tests.http.relying import HIDDEN, Relying, RelyingBrowser, relying

SSN = "219-09-9999"


@pytest_asyncio.fixture
async def party(tmp_path: Path) -> AsyncGenerator[Relying]:
    """Give a tokenizer and its provider."""
    async with relying(tmp_path) as made:
        yield made


@pytest_asyncio.fixture
async def users(tmp_path: Path) -> AsyncGenerator[Relying]:
    """Give one whose provider names no sessions."""
    async with relying(tmp_path, 'session_claim = ""') as made:
        yield made


async def renew(browser: RelyingBrowser, user: str = "ada", sid: str = "s-1") -> None:
    """Renew as the page's hidden frame does."""
    location = await browser.begin(**HIDDEN)
    response = await browser.come_back(browser.provider.log_in(location, user, sid), **HIDDEN)
    assert response.status_code == 200, response.text


async def test_a_session_ends_unless_it_is_renewed(party: Relying) -> None:
    """After fifteen minutes; use prolongs nothing, the provider's word does."""
    ada, clock = await party.visitor(), party.parties.clock
    clock.now += 14 * 60
    assert await ada.lives()
    await renew(ada)
    clock.now += 14 * 60 + 59
    assert await ada.lives()
    clock.now += 1
    assert not await ada.lives()


async def test_t10_the_cookie_before_a_renewal(party: Relying) -> None:
    """It serves what is under way for half a minute, and whoever stole it no longer."""
    ada, clock = await party.visitor(), party.parties.clock
    thief = ada.stolen()
    clock.now += 10 * 60
    await renew(ada)
    clock.now += 29
    assert await thief.lives()
    clock.now += 1
    assert not await thief.lives()
    assert await ada.lives()


async def test_a_session_has_an_end_for_good(party: Relying) -> None:
    """Twelve hours after the log-in, however often it was renewed; then a new log-in is welcome."""
    ada, clock = await party.visitor(), party.parties.clock
    for _ in range(6 * 12 - 1):
        clock.now += 10 * 60
        await renew(ada)
    clock.now += 10 * 60 - 1
    assert await ada.lives()
    clock.now += 1
    assert not await ada.lives()
    await ada.logs_in()
    assert await ada.lives()


async def test_t12_another_user_in_the_same_browser(party: Relying) -> None:
    """The session of the one before ends at once, with whatever was copied of it."""
    ada = await party.visitor()
    before = ada.stolen()
    await ada.logs_in("bob", "s-2")
    assert await ada.lives()
    assert not await before.lives()


async def test_a_log_out_at_the_application(party: Relying) -> None:
    """It ends the session; a log-in that was begun before it is refused, one after it welcome."""
    ada = await party.visitor()
    [token] = await ada.store(SSN)
    await party.parties.grant(ada.session, [token])
    under_way = party.provider.log_in(await ada.begin())
    await party.parties.told("/session/end", session=ada.session)
    assert not await ada.lives()
    assert code(await ada.come_back(under_way)) == "session_ended"
    party.parties.clock.now += 1
    assert (await ada.logs_in()).status_code == 303
    assert await ada.read(token) == [None]


async def test_a_log_out_by_the_provider_ends_one_of_two(party: Relying) -> None:
    """Two log-ins of one user are two sessions; which one is over, `sid` says."""
    here, there = await party.visitor("ada", "s-1"), await party.visitor("ada", "s-2")
    assert here.session != there.session
    under_way = party.provider.log_in(await here.begin(), "ada", "s-1")
    assert (await party.log_out(sid="s-1", sub="ada")).status_code == 200
    assert (await here.lives(), await there.lives()) == (False, True)
    party.provider.header = {}
    assert code(await here.come_back(under_way)) == "session_ended"
    party.parties.clock.now += 1
    assert code(await here.logs_in("ada", "s-1")) == "session_ended"
    assert (await here.logs_in("ada", "s-3")).status_code == 303


async def test_a_log_out_of_a_session_alone(party: Relying) -> None:
    """Without the user's name, it is over as well."""
    here, there = await party.visitor("ada", "s-1"), await party.visitor("bob", "s-2")
    assert (await party.log_out(sid="s-1")).status_code == 200
    assert (await here.lives(), await there.lives()) == (False, True)


async def test_a_log_out_of_a_user(party: Relying) -> None:
    """All of a user's sessions are over, and nobody else's; a later log-in is welcome."""
    ada = [await party.visitor("ada", sid) for sid in ("s-1", "s-2")]
    bob = await party.visitor("bob", "s-3")
    under_way = party.provider.log_in(await ada[0].begin(), "ada", "s-4")
    assert (await party.log_out(sub="ada")).status_code == 200
    assert [await each.lives() for each in (*ada, bob)] == [False, False, True]
    party.provider.header = {}
    assert code(await ada[0].come_back(under_way)) == "session_ended"
    party.parties.clock.now += 1
    assert (await ada[0].logs_in("ada", "s-5")).status_code == 303


async def test_a_log_out_for_another_client(party: Relying) -> None:
    """Or of another issuer, ends nothing."""
    ada = await party.visitor()
    for claims in ({"aud": "another-client"}, {"iss": "https://other.example.com"}):
        assert code(await party.log_out(sid="s-1", sub="ada", **claims)) == "log_out_invalid"
    assert await ada.lives()


async def test_a_provider_that_names_no_session(users: Relying) -> None:
    """All browsers of a user share one session, and are logged out together."""
    here, there = await users.visitor("ada", ""), await users.visitor("ada", "")
    bob = await users.visitor("bob", "")
    assert here.session == there.session != bob.session
    assert (await users.log_out(sub="ada")).status_code == 200
    assert [await each.lives() for each in (here, there, bob)] == [False, False, True]
    users.provider.header = {}
    users.parties.clock.now += 1
    assert (await here.logs_in("ada", "")).status_code == 303
    assert await here.lives()


@pytest.mark.parametrize("session_claim", ["sid", ""])
async def test_both_sides_name_the_same_session(tmp_path: Path, session_claim: str) -> None:
    """The application computes it of its own ID token, and the tokenizer of its own."""
    async with relying(tmp_path, f'session_claim = "{session_claim}"') as party:
        issuer = party.provider.issuer
        own = {"iss": issuer, "sub": "ada", "sid": "s-1", "aud": "the application"}
        provide = proxy.oidc_session(issuer=issuer, session_claim=session_claim)
        said = provide(Request({"type": "http", "session": {"user": own}}))
        assert said is not None
        browser = await party.visitor("ada", "s-1" if session_claim else "")
        assert session_reference(PAYROLL, *said) == browser.session
        assert await browser.lives()


async def test_whose_a_session_is(party: Relying) -> None:
    """The provider named the user, so that tokens can have an owner, the same at each log-in."""
    for sid in ("s-1", "s-2"):
        ada = await party.visitor("ada", sid)
        found = await party.parties.tokenizer.services.sessions.find(PAYROLL, _hash(ada))
        assert found is not None
        assert (found.subject, found.owner) == (
            "ada",
            owner_tag(PAYROLL, party.provider.issuer, "ada"),
        )


def _hash(browser: RelyingBrowser) -> bytes:
    return Secret(from_base64url(browser.cookie)).digest()
