"""Log-out by the identity provider: exactly the sessions that it names are over, at once."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
import pytest_asyncio
from joserfc.jwk import ECKey

from tests.http.local import START
from tests.http.parties import CLINIC, code
from tests.http.proxies import (
    BACK_CHANNEL,
    LOG_OUT,
    PROVIDER,
    USERS,
    AuthProxy,
    Behind,
    ProxiedBrowser,
    behind,
)

SSN = "219-09-9999"
TOLD = {"sid": "s-1", "sub": "ada"}
HOUR = 3600


@pytest_asyncio.fixture
async def proxied(tmp_path: Path) -> AsyncGenerator[Behind]:
    """Give a tokenizer behind a proxy whose identity provider logs users out."""
    async with behind(tmp_path, PROVIDER + LOG_OUT) as made:
        yield made


async def people(proxied: Behind) -> list[ProxiedBrowser]:
    """Log four in: Ada twice, Bob beside her under the same session's id, and Eve."""
    ada = await proxied.visitor(sid="s-1")
    other = await proxied.visitor(sid="s-2")
    return [ada, other, await proxied.visitor("bob", sid="s-1"), await proxied.visitor("eve")]


async def living(people: list[ProxiedBrowser]) -> list[bool]:
    """Say who can go on: with his session, or by entering it anew."""
    found: list[bool] = []
    for each in people:
        lives = await each.lives()
        assert lives is (await each.asks("/session/ensure")).is_success
        found.append(lives)
    return found


NAMED: dict[str, tuple[dict[str, str], list[bool]]] = {
    "a session": ({"sid": "s-1"}, [False, True, False, True]),
    "a user": ({"sub": "ada"}, [False, False, True, True]),
    "a user's session": ({"sid": "s-1", "sub": "ada"}, [False, True, True, True]),
    "another user's session": ({"sid": "s-2", "sub": "bob"}, [True, True, True, True]),
    "an unknown session": ({"sid": "s-3"}, [True, True, True, True]),
    "an unknown user": ({"sub": "zoe"}, [True, True, True, True]),
}


@pytest.mark.parametrize(("named", "left"), NAMED.values(), ids=NAMED)
async def test_t25_exactly_what_is_named_ends(
    proxied: Behind, named: dict[str, str], left: list[bool]
) -> None:
    """By session, by user, or by both, which both have to fit; and nothing else."""
    four = await people(proxied)
    response = await proxied.log_out(**named)
    assert (response.status_code, response.headers["cache-control"]) == (200, "no-store")
    assert await living(four) == left


async def test_a_frame_hears_of_it_when_it_asks_next(proxied: Behind) -> None:
    """The coordinator is told that its session was ended, at which it blanks its fields."""
    ada = await proxied.visitor(sid="s-1")
    [token] = await ada.store(SSN)
    await proxied.parties.grant(ada.session, [token])
    assert await ada.read(token) == [SSN]
    assert (await proxied.log_out(sid="s-1")).is_success
    assert code(await ada.asks("/detokenize", tokens=[token])) == "session_ended"
    assert code(await ada.asks("/session/ensure")) == "session_ended"
    refused = await proxied.parties.ask("/grants", session=ada.session, tokens=[token])
    assert code(refused) == "session_ended"


@pytest.mark.parametrize("named", [{"sid": "s-9"}, {"sub": "ada"}, {"sid": "s-9", "sub": "ada"}])
async def test_t25_a_token_that_was_not_used_yet(proxied: Behind, named: dict[str, str]) -> None:
    """What the proxy signed before the log-out enters nothing after it."""
    late = proxied.browser(sid="s-9")
    bearer = late.bearer()
    assert (await proxied.log_out(**named)).is_success
    response = await late.post("/session/ensure", {"session": late.session}, authorization=bearer)
    assert code(response) == "session_ended"


async def test_a_user_may_come_back(proxied: Behind) -> None:
    """With a session that the proxy made after the log-out; the old ones stay ended for a day."""
    old = await proxied.visitor(sid="s-1")
    assert (await proxied.log_out(sub="ada")).is_success
    proxied.parties.clock.now += 31
    assert await (await proxied.visitor(sid="s-2")).lives()
    for hours in (1, 11, 12):
        proxied.parties.clock.now += hours * HOUR
        await proxied.parties.tokenizer.upkeep()
        assert code(await old.asks("/session/ensure")) == "session_ended"


async def test_where_sessions_have_no_id(tmp_path: Path) -> None:
    """The user's one session ends, and whoever logs in afterwards is welcome."""
    async with behind(tmp_path, USERS + LOG_OUT) as proxied:
        ada, bob = await proxied.visitor(sid=""), await proxied.visitor("bob", sid="")
        ada.login = START
        assert code(await proxied.log_out(sid="s-1")) == "log_out_invalid"
        assert await living([ada, bob]) == [True, True]
        assert (await proxied.log_out(sub="ada", sid="s-1")).is_success
        assert await living([ada, bob]) == [False, True]
        proxied.parties.clock.now += 31
        assert code(await ada.asks("/session/ensure")) == "session_ended"
        assert await (await proxied.visitor(sid="")).lives()


async def test_off_where_it_is_not_configured(tmp_path: Path) -> None:
    """Without `logout_audience`, and for an application of another name, there is nothing."""
    async with behind(tmp_path) as proxied:
        assert code(await proxied.log_out(**TOLD)) == "not_found"
        for name, stated in ((CLINIC, "not_found"), ("nobody", "application_unknown")):
            address = BACK_CHANNEL.replace("payroll", name)
            assert code(await proxied.parties.client.post(address)) == stated


async def test_an_identity_provider_beside_the_proxy(tmp_path: Path) -> None:
    """Log-outs may be signed by another issuer, with other keys; the proxy's own are none then."""
    other = ECKey.generate_key("P-256", {"kid": "login-1"})
    login = "https://login.example.com"
    lines = [f'logout_issuer = "{login}"', 'logout_jwks = "login.jwks.json"']
    lines += ['logout_algorithms = ["ES256"]']
    AuthProxy(folder=tmp_path).publish(other)
    (tmp_path / "proxy.jwks.json").rename(tmp_path / "login.jwks.json")
    async with behind(tmp_path, PROVIDER + LOG_OUT + "\n".join(lines)) as proxied:
        ada = await proxied.visitor(sid="s-1")
        assert code(await proxied.log_out(**TOLD)) == "log_out_invalid"
        assert code(await proxied.log_out(**TOLD, iss=login)) == "log_out_invalid"
        assert code(await proxied.log_out(**TOLD, key=other)) == "log_out_invalid"
        assert await ada.lives()
        assert (await proxied.log_out(**TOLD, key=other, iss=login)).is_success
        assert not await ada.lives()


async def test_while_keys_can_not_be_had(tmp_path: Path) -> None:
    """The identity provider is told to try again."""
    async with behind(tmp_path, PROVIDER + LOG_OUT) as proxied:
        (tmp_path / "proxy.jwks.json").unlink()
        assert code(await proxied.log_out(**TOLD)) == "unavailable"


async def test_a_log_out_that_can_not_be_kept_is_not_acknowledged(proxied: Behind) -> None:
    """While the store is down, the identity provider is told to try again."""
    await proxied.parties.tokenizer.store.close()
    assert code(await proxied.log_out(**TOLD)) == "unavailable"


async def test_who_ended_what_is_written_down(proxied: Behind) -> None:
    """One entry for each session, with its user where he was named, and the key that signed."""
    ada, other = [await proxied.visitor(sid=each) for each in ("s-1", "s-2")]
    await proxied.log_out(sub="ada")
    await proxied.log_out(sid="s-3")
    entries = [each for each in await proxied.parties.audit() if "log_out" in each["action"]]
    assert {each["actor"] for each in entries} == {"proxy-1"}
    sessions = [each.get("session") for each in entries]
    assert sessions == [*sorted([ada.session, other.session]), None]
    assert [each.get("subject") for each in entries] == ["ada", "ada", None]
