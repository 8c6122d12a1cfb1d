"""Policies at HTTP level: asked at each use, by whoever uses, and named in the audit log."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
from structlog.testing import capture_logs

from lunasec.errors import ConfigurationInvalid
from lunasec.tokenizer import ownership
from tests.http.local import configured, read
from tests.http.owned import OWNED, owned
from tests.http.parties import UNKNOWN, code
from tests.http.proxies import PROVIDER, Behind, ProxiedBrowser

SSN = "219-09-9999"
SUPPORT = """
@id("support")
permit (principal is User, action in [Action::"read", Action::"describe"], resource)
when { principal.groups.contains("support") };
"""
FRESH = """
@id("fresh") @step_up("log in again")
forbid (principal, action == Action::"read", resource)
unless { context has auth_age && context.auth_age <= 300 };
"""
HOLD = '@id("hold") forbid (principal, action == Action::"erase", resource);'


async def _values(browser: ProxiedBrowser, *tokens: str, **claims: object) -> list[Any]:
    body = {"session": browser.session, "tokens": tokens}
    response = await browser.post("/detokenize", body, authorization=browser.bearer(**claims))
    assert response.status_code == 200, response.text
    return [each.get("code", "read") for each in response.json()["values"]]


async def _granted(proxied: Behind) -> tuple[ProxiedBrowser, ProxiedBrowser, str]:
    """Give a token of Ada's that is granted to her session, and to Eve's."""
    ada, eve = await proxied.visitor(), await proxied.visitor("eve")
    [token] = await ada.store(SSN)
    for each in (ada, eve):
        await proxied.parties.grant(each.session, [token])
    return ada, eve, token


async def _log(proxied: Behind, action: str) -> list[Mapping[str, Any]]:
    return [each for each in await proxied.parties.audit() if each["action"] == action]


async def test_t2b_a_policy_is_asked_at_each_use(tmp_path: Path) -> None:
    """What the proxy says in this request counts, and not what it said in the one before."""
    async with owned(tmp_path, SUPPORT) as proxied:
        _, eve, token = await _granted(proxied)
        for groups, answer in (
            (["support"], "read"),
            (["sales"], "not_granted"),
            (None, "not_granted"),
            (["support"], "read"),
        ):
            assert await _values(eve, token, groups=groups) == [answer]
        rules = [each["rule"] for each in await _log(proxied, "token.read")]
        assert rules == ["support", "owner", "owner", "support"]


async def test_t2b_a_policy_opens_nothing_that_is_not_granted(tmp_path: Path) -> None:
    """It stands beside the grant, and never in its place."""
    async with owned(tmp_path, SUPPORT) as proxied:
        ada, eve = await proxied.visitor(), await proxied.visitor("eve")
        [token] = await ada.store(SSN)
        assert await _values(eve, token, groups=["support"]) == ["not_granted"]


async def test_a_confirmation_is_asked_for(tmp_path: Path) -> None:
    """The owner hears that it would help, in the token's place; others hear no more than ever."""
    async with owned(tmp_path, FRESH) as proxied:
        ada, eve, token = await _granted(proxied)
        [other] = await ada.store("another")
        now = proxied.parties.clock()
        for at in (None, now - 301):
            answers = await _values(ada, token, other, UNKNOWN, auth_time=at)
            assert answers == ["step_up_required", "not_granted", "not_granted"]
        assert await _values(ada, token, other, auth_time=now - 300) == ["read", "not_granted"]
        assert await _values(eve, token) == ["not_granted"]
        refused = [
            each for each in await _log(proxied, "token.read") if each["outcome"] == "refused"
        ]
        assert refused[0]["reasons"] == ["step-up required", "not granted", "unknown token"]
        assert refused[0]["rules"] == ["fresh", "", ""]
        assert (refused[-1]["reason"], refused[-1]["rule"]) == ("not allowed by policy", "owner")


async def test_a_confirmation_uses_up_no_read(tmp_path: Path) -> None:
    """A value that was not shown was not read."""
    async with owned(tmp_path, FRESH) as proxied:
        ada = await proxied.visitor()
        [token] = await ada.store(SSN)
        await proxied.parties.grant(ada.session, [token], max_reads=1)
        assert await _values(ada, token) == ["step_up_required"]
        now = proxied.parties.clock()
        assert await _values(ada, token, auth_time=now) == ["read"]
        assert await _values(ada, token, auth_time=now) == ["not_granted"]


async def test_a_policy_keeps_what_is_to_be_erased(tmp_path: Path) -> None:
    """A forbid holds against the owner, for tokens and a person, and not against the operator."""
    async with owned(tmp_path, HOLD) as proxied:
        ada, _, token = await _granted(proxied)
        told = proxied.parties.told
        for what in ({"tokens": [token]}, {"subject": "ada"}):
            stated: dict[str, Any] = {"session": ada.session, **what}
            assert await told("/tokens/erase", **stated) == {"erased": 0}
        for action in ("token.erase", "subject.erase"):
            [entry] = await _log(proxied, action)
            assert (entry["outcome"], entry["rule"]) == ("refused", "hold")
        assert await _values(ada, token) == ["read"]
        erasures = proxied.parties.tokenizer.services.erasures
        assert await erasures.erase_person("payroll", "ada") == 1


async def test_a_policy_lets_the_application_erase(tmp_path: Path) -> None:
    """Without a session, a policy for the application itself decides."""
    tidy = '@id("tidy") permit (principal is Application, action, resource);'
    async with owned(tmp_path, tidy) as proxied:
        ada, eve, token = await _granted(proxied)
        told = proxied.parties.told
        assert await told("/tokens/erase", session=eve.session, tokens=[token]) == {"erased": 0}
        assert await told("/tokens/erase", tokens=[token]) == {"erased": 1}
        assert [each["rule"] for each in await _log(proxied, "token.erase")] == ["owner", "tidy"]
        assert await _values(ada, token) == ["not_granted"]


async def test_t2b_what_fails_stays_shut(tmp_path: Path) -> None:
    """A policy that can't be evaluated refuses all, and the log says which, and not of what."""
    over = """
    @id("over")
    forbid (principal, action == Action::"read", resource)
    when { context.now * 9223372036854775807 > 0 };
    """
    async with owned(tmp_path, over) as proxied:
        ada, _, token = await _granted(proxied)
        with capture_logs() as logs:
            assert await _values(ada, token) == ["not_granted"]
        [failed] = [each for each in logs if each["event"] == "a policy failed"]
        assert failed == {
            "event": "a policy failed",
            "log_level": "error",
            "application": "payroll",
            "policy": "over",
        }


WRONG: dict[str, dict[str, object]] = {
    "a text for groups": {"groups": "support"},
    "a number among groups": {"groups": ["support", 1]},
    "an object for roles": {"roles": {}},
    "a list for an address": {"email": ["a@example.com"]},
    "a number for acr": {"acr": 1},
    "a text for auth_time": {"auth_time": "now"},
    "a flag for auth_time": {"auth_time": True},
    "a time before all time": {"auth_time": -1},
    "a time in milliseconds": {"auth_time": 1_800_000_000_000},
    "groups that are elsewhere": {"_claim_names": {"groups": "src1"}},
}


async def test_claims_of_another_type_are_refused(tmp_path: Path) -> None:
    """Where policies ask for them; one that is led astray might forget to forbid."""
    async with owned(tmp_path, SUPPORT) as proxied:
        for what, claims in WRONG.items():
            assert code(await _ensured(await proxied.visitor(), claims)) == "not_proxied", what
    async with owned(tmp_path) as proxied:
        for claims in WRONG.values():
            assert (await _ensured(await proxied.visitor(), claims)).status_code == 200


async def _ensured(browser: ProxiedBrowser, claims: dict[str, object]) -> httpx.Response:
    body = {"session": browser.session}
    return await browser.post("/session/ensure", body, authorization=browser.bearer(**claims))


async def test_describing_asks_too(tmp_path: Path) -> None:
    """What may not be described is answered like what is not there."""
    async with owned(tmp_path, SUPPORT) as proxied:
        ada, eve, token = await _granted(proxied)
        for groups, kind in ((["support"], "text"), (None, None)):
            response = await eve.post(
                "/tokens/describe",
                {"session": eve.session, "tokens": [token]},
                authorization=eve.bearer(groups=groups),
            )
            assert response.json()["tokens"][0].get("kind") == kind
        told = proxied.parties.told
        for who, kind in ((ada, "text"), (eve, None)):
            known = await told("/tokens/describe", session=who.session, tokens=[token])
            assert known["tokens"][0].get("kind") == kind


REFUSED = {
    "policies without ownership": ('policies = ["payroll.cedar"]', "ownership"),
    "no such file": (f'{OWNED}\npolicies = ["absent.cedar"]', "absent.cedar"),
    "a file that is wrong": (f'{OWNED}\npolicies = ["payroll.cedar"]', "payroll.cedar"),
    "a file that is no text": (f'{OWNED}\npolicies = ["binary.cedar"]', "binary.cedar"),
}


@pytest.mark.parametrize(("lines", "said"), REFUSED.values(), ids=REFUSED)
def test_policies_are_checked_at_start(tmp_path: Path, lines: str, said: str) -> None:
    """The server does not start with a policy that it can't hold."""
    (tmp_path / "payroll.cedar").write_text('@id("x") permit (principal, action, thing);')
    (tmp_path / "binary.cedar").write_bytes(b"\xff")
    configured(tmp_path, payroll=f"{lines}\n{PROVIDER}")
    with pytest.raises(ConfigurationInvalid, match=said):
        ownership.policy(read(tmp_path).applications["payroll"])
