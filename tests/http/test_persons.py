"""Which address policies may ask for: one that the token does not call unverified."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest

from lunasec.errors import NotProxied
from lunasec.tokenizer.http.persons import person
from tests.http.owned import owned

SSN: Final = "219-09-9999"
ADDRESS: Final = "eve@example.com"
BY_ADDRESS: Final = f"""
@id("by address")
permit (principal is User, action == Action::"read", resource)
when {{ principal has email && principal.email == "{ADDRESS}" }};
"""


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


def test_an_address_of_another_type_is_refused() -> None:
    """Verified or not: a token that says such a thing is no token to go by."""
    for verified in (True, False):
        with pytest.raises(NotProxied):
            person({"email": [ADDRESS], "email_verified": verified})
