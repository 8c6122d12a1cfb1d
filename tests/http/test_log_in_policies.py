"""Policies where frames log in with an identity provider: they ask what it said at the log-in."""

from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

import pytest
from msgspec.structs import replace

from lunasec.tokenizer.core.sessions import RENEW_AFTER
from lunasec.tokenizer.oidc.requests import OLDEST_LOG_IN
from lunasec.tokenizer.stores.memory import MemoryStore
from tests.http.parties import PAYROLL, code
from tests.http.relying import HIDDEN, Relying, RelyingBrowser, relying
from tests.http.test_cedar import FRESH, SUPPORT, WRONG

SSN: Final = "219-09-9999"
CONFIRMING: Final = "?prompt=login"
SILVER: Final = 'acr_values = ["urn:gold", "urn:silver"]'
STRONG: Final = """
@id("strong") @step_up("log in with the key")
forbid (principal, action == Action::"read", resource)
unless { principal has acr && principal.acr == "urn:gold" };
"""
NO_CONTRACTORS: Final = """
@id("no contractors")
forbid (principal is User, action, resource)
when { principal.groups.contains("contractors") };
"""


async def visitor(
    party: Relying, user: str = "ada", sid: str = "s-1", **claims: object
) -> RelyingBrowser:
    """Open a browser in which somebody has logged in, of whom the ID token says `claims`."""
    party.provider.claims = claims
    return await party.visitor(user, sid)


async def answers_to(browser: RelyingBrowser, *tokens: str) -> list[str]:
    """Read; give what comes in each token's place."""
    response = await browser.asks("/detokenize", tokens=[*tokens])
    return [each.get("code", "read") for each in response.json()["values"]]


async def test_t2b_a_policy_asks_what_the_provider_said(tmp_path: Path) -> None:
    """Of this log-in alone: another's claims, and one's own of another time, are not there."""
    async with relying(tmp_path, policy=SUPPORT) as party:
        ada = await visitor(party)
        [token] = await ada.store(SSN)
        eve = await visitor(party, "eve", "s-2", groups=["support"])
        for each in (ada, eve):
            await party.parties.grant(each.session, [token])
        assert await answers_to(ada, token) == await answers_to(eve, token) == ["read"]
        party.provider.claims = {"groups": ["sales"]}
        await eve.logs_in("eve", "s-2")
        assert await answers_to(eve, token) == ["not_granted"]
        rules = [
            each["rule"] for each in await party.parties.audit() if each["action"] == "token.read"
        ]
        assert rules == ["owner", "support", "owner"]


async def test_t2b_what_was_said_is_renewed_with_the_session(tmp_path: Path) -> None:
    """A page that is open hears within a quarter of an hour of a group that somebody has left."""
    async with relying(tmp_path, policy=NO_CONTRACTORS) as party:
        ada = await visitor(party)
        [token] = await ada.store(SSN)
        await party.parties.grant(ada.session, [token])
        assert await answers_to(ada, token) == ["read"]
        party.parties.clock.now += RENEW_AFTER
        party.provider.claims = {"groups": ["contractors"]}
        said = party.provider.log_in(await ada.begin(**HIDDEN))
        assert (await ada.come_back(said, **HIDDEN)).status_code == 200
        assert await answers_to(ada, token) == ["not_granted"]


async def test_a_confirmation_opens_what_wants_one(tmp_path: Path) -> None:
    """An old log-in reads nothing; a fresh one of the same person does, in the same session."""
    async with relying(tmp_path, policy=FRESH) as party:
        ada = await visitor(party, auth_time=party.parties.clock() - 301)
        [token] = await ada.store(SSN)
        await party.parties.grant(ada.session, [token])
        assert await answers_to(ada, token) == ["step_up_required"]
        party.provider.claims = {"auth_time": party.parties.clock()}
        await ada.logs_in(query=CONFIRMING)
        assert await answers_to(ada, token) == ["read"]
        party.parties.clock.now += 301
        assert await answers_to(ada, token) == ["step_up_required"]


async def test_t2b_a_log_in_of_tomorrow_confirms_nothing(tmp_path: Path) -> None:
    """As a provider says whose clock is wrong, or that counts in milliseconds; nobody gets in."""
    async with relying(tmp_path, policy=FRESH) as party:
        now = party.parties.clock()
        for at in (now * 1000, now + 10**6):
            party.provider.claims = {"auth_time": at}
            assert code(await party.browser().logs_in()) == "log_in_invalid"
        party.provider.claims = {"auth_time": now + 1}
        assert (await party.browser().logs_in()).status_code == 303


async def test_a_provider_may_list_what_it_likes(tmp_path: Path) -> None:
    """What only `lunasec check` reads keeps nobody out."""
    listed: dict[str, Any] = {"acr_values_supported": [0], "claims_supported": None}
    async with relying(tmp_path, policy=FRESH, **listed) as party:
        assert (await party.browser().logs_in()).status_code == 303


async def test_a_stronger_log_in_opens_what_wants_one(tmp_path: Path) -> None:
    """By its `acr`, which the provider is asked for."""
    async with relying(tmp_path, SILVER, policy=STRONG) as party:
        ada = await visitor(party, acr="urn:silver")
        [token] = await ada.store(SSN)
        await party.parties.grant(ada.session, [token])
        assert await answers_to(ada, token) == ["step_up_required"]
        party.provider.claims = {"acr": "urn:gold"}
        await ada.logs_in(query=CONFIRMING)
        assert await answers_to(ada, token) == ["read"]


@pytest.mark.parametrize("pushed", [False, True])
async def test_what_the_provider_is_asked(tmp_path: Path, *, pushed: bool) -> None:
    """When the person logged in, each time; and, where it is to be confirmed, who that is."""
    async with relying(tmp_path, SILVER, policy=STRONG) as party:
        if pushed:
            where = f"{party.provider.issuer}/push"
            party.provider.described["pushed_authorization_request_endpoint"] = where

        async def asked(query: str = "", **headers: str) -> dict[str, str | None]:
            said = dict(parse_qsl(urlsplit(await party.browser().begin(query, **headers)).query))
            said = party.provider.pushed[said["request_uri"]] if pushed else said
            return {name: said.get(name) for name in ("max_age", "prompt", "acr_values")}

        age = {"max_age": str(OLDEST_LOG_IN)}
        plain = age | {"prompt": None, "acr_values": None}
        assert await asked() == plain
        confirming = age | {"prompt": "login", "acr_values": "urn:gold urn:silver"}
        assert await asked(CONFIRMING) == confirming
        assert (
            await asked(CONFIRMING, **HIDDEN) == await asked(**HIDDEN) == plain | {"prompt": "none"}
        )
        for other in ("?prompt=none", "?prompt=login&prompt=none", "?acr_values=urn:bronze"):
            assert await asked(other) == plain


async def test_a_page_is_told_that_it_may_have_to_ask(tmp_path: Path) -> None:
    """Beside its live session, where there are policies, and nowhere else."""
    for policy, state in ((FRESH, "step-up"), ("", None)):
        async with relying(tmp_path, policy=policy) as party:
            ada = await visitor(party)
            told = (await ada.asks("/session/ensure")).json()
            assert (told["active"], told.get("state")) == (True, state)


async def test_t2b_claims_of_another_type_log_nobody_in(tmp_path: Path) -> None:
    """Where policies ask for them; the audit log says which, and nothing of what was said."""
    async with relying(tmp_path, policy=SUPPORT) as party:
        for claims in WRONG.values():
            party.provider.claims = claims
            assert code(await party.browser().logs_in()) == "log_in_invalid"
        reasons = await party.reasons()
        assert len(reasons) == len(WRONG)
        assert reasons[0] == 'The token\'s "groups" is not a list of texts.'
    async with relying(tmp_path) as party:
        party.provider.claims = WRONG["a text for groups"]
        assert (await party.browser().logs_in()).status_code == 303


async def test_t2b_a_session_from_before_the_policies_is_none(tmp_path: Path) -> None:
    """Nothing is known of whom it is, so a forbid by a claim would not bite: it takes a log-in."""
    async with relying(tmp_path) as party:
        ada = await visitor(party, groups=["contractors"])
        [token] = await ada.store(SSN)
        await party.parties.grant(ada.session, [token])
        assert await answers_to(ada, token) == ["read"]
        store = party.parties.tokenizer.store
        assert isinstance(store, MemoryStore)
        [session] = store.sessions.values()
        assert session.person is None
        applications = party.parties.tokenizer.services.settings.applications
        assert isinstance(applications, dict)
        files = (tmp_path / "payroll.cedar",)
        applications[PAYROLL] = replace(applications[PAYROLL], policies=files)
        assert code(await ada.asks("/detokenize", tokens=[token])) == "no_session"
        assert (await ada.asks("/session/ensure")).json() == {"active": False, "state": "log-in"}


async def test_t2b_a_back_end_says_nothing_of_a_person(tmp_path: Path) -> None:
    """In a session's name it has that session's owner, and not what the provider said of him."""
    async with relying(tmp_path, policy=SUPPORT) as party:
        ada = await visitor(party)
        [token] = await ada.store(SSN)
        eve = await visitor(party, "eve", "s-2", groups=["support"])
        for each, kind in ((ada, "text"), (eve, None)):
            await party.parties.grant(each.session, [token])
            known = await party.parties.told(
                "/tokens/describe", session=each.session, tokens=[token]
            )
            assert known["tokens"][0].get("kind") == kind


async def test_what_was_said_is_in_no_log(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Neither the audit log nor what is printed repeats a claim."""
    async with relying(tmp_path, policy=SUPPORT) as party:
        ada = await visitor(party, groups=["oncology"], email="ada@clinic.example")
        [token] = await ada.store(SSN)
        await answers_to(ada, token)
        text = str(await party.parties.audit()) + "".join(capfd.readouterr())
        assert "oncology" not in text
        assert "clinic.example" not in text
