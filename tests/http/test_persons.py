"""Which address policies may ask for: one that the token does not call unverified."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest

from lunasec.tokenizer.core.identity import Person
from lunasec.tokenizer.http import persons
from tests.http.owned import owned

SSN: Final = "219-09-9999"
ADDRESS: Final = "eve@example.com"
BY_ADDRESS: Final = f"""
@id("by address")
permit (principal is User, action == Action::"read", resource)
when {{ principal has email && principal.email == "{ADDRESS}" }};
"""


def person(members: Mapping[str, object], *, trusts_email: bool = True) -> Person:
    """Read what a token says, at the time 1000."""
    return persons.person(members, latest=1000, trusts_email=trusts_email)


async def test_t2b_an_address_that_is_not_verified_permits_nothing(tmp_path: Path) -> None:
    """Who may write any address into an account at the provider has none, in each request."""
    async with owned(tmp_path, BY_ADDRESS) as proxied:
        ada, eve = await proxied.visitor(), await proxied.visitor("eve")
        [token] = await ada.store(SSN)
        await proxied.parties.grant(eve.session, [token])
        body, codes = {"session": eve.session, "tokens": [token]}, list[str]()
        for verified in (True, False, "false", None):  # None leaves the claim out
            bearer = eve.bearer(email=ADDRESS, email_verified=verified)
            response = await eve.post("/detokenize", body, authorization=bearer)
            codes.append(response.json()["values"][0].get("code", "read"))
        assert codes == ["read", "not_granted", "not_granted", "read"]


@pytest.mark.parametrize("verified", [False, "false", "true", None, 0, 1, [], [True], {}], ids=repr)
def test_t2b_nothing_but_true_verifies_an_address(verified: object) -> None:
    """Whatever else the claim says, `null` as well, is a no."""
    assert person({"email": ADDRESS, "email_verified": verified}).email is None


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({"email": ADDRESS, "email_verified": True}, ADDRESS),
        ({"email": ADDRESS}, ADDRESS),
        ({"email": None, "email_verified": True}, None),
        ({"email_verified": True}, None),
    ],
    ids=str,
)
def test_an_address_stands(members: Mapping[str, object], expected: str | None) -> None:
    """Where it is verified, or where nothing is said of that."""
    assert person(members).email == expected


def test_t2b_straight_from_a_provider_an_address_has_to_be_verified() -> None:
    """There people may write any address into their own accounts, and many say nothing of it."""
    assert person({"email": ADDRESS}, trusts_email=False).email is None
    assert person({"email": ADDRESS, "email_verified": True}, trusts_email=False).email == ADDRESS


@pytest.mark.parametrize(("at", "known"), [(1000, 1000), (999.5, 999), (0, 0), (None, None)])
def test_when_somebody_logged_in(at: object, known: int | None) -> None:
    """In whole seconds; not at all where the token does not say."""
    assert person({"auth_time": at}).auth_time == known


@pytest.mark.parametrize("at", [1001, 10**6, 2**52])
def test_t2b_nobody_has_logged_in_tomorrow(at: int) -> None:
    """As by a clock that is wrong, or in milliseconds: a confirmation would never be asked for."""
    with pytest.raises(ValueError, match="auth_time"):
        person({"auth_time": at})


@pytest.mark.parametrize("claim", Person.__struct_fields__)
def test_t2b_a_claim_that_is_elsewhere_is_not_absent(claim: str) -> None:
    """As a provider says of groups that are very many: a forbid by one of them would not bite."""
    with pytest.raises(ValueError, match=claim):
        person({"_claim_names": {claim: "src1"}, "_claim_sources": {"src1": {}}})
    for names in ({"other": "src1"}, None, 1, claim):
        assert person({"_claim_names": names}) == Person()


def test_an_address_of_another_type_is_refused() -> None:
    """Verified or not: a token that says such a thing is no token to go by."""
    for verified in (True, False):
        with pytest.raises(ValueError, match="email"):
            person({"email": [ADDRESS], "email_verified": verified})
