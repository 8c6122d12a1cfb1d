"""The provider for applications that log their users in with the same identity provider."""

from typing import Any

import pytest
from starlette.requests import Request

from lunasec import proxy
from lunasec.errors import ConfigurationInvalid
from lunasec.references import proxied_session_id, proxied_user_id

ISSUER = "https://login.example.com"
CLAIMS: dict[str, Any] = {"iss": ISSUER, "sub": "ada", "sid": "s-1"}


def request(**session: object) -> Request:
    """Make a request with a session."""
    return Request({"type": "http", "session": session})


def test_a_session_of_the_provider() -> None:
    """It is named as the tokenizer names it: by issuer and session id, and by the user."""
    said = proxy.oidc_session(issuer=ISSUER)(request(user=CLAIMS))
    assert said == (proxied_session_id(ISSUER, "s-1"), "ada")


def test_a_provider_that_names_no_session() -> None:
    """Then the user alone counts, whatever the claims say besides."""
    said = proxy.oidc_session(issuer=ISSUER, session_claim="")(request(user=CLAIMS))
    assert said == (proxied_user_id(ISSUER, "ada"), "ada")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"session_claim": "sub"}, "oidc_session.session_claim: got"),
        ({"issuer": ""}, "oidc_session.issuer: got"),
        ({"issuer": f"{ISSUER} "}, "oidc_session.issuer: got"),
    ],
)
def test_a_session_that_is_none(given: dict[str, str], said: str) -> None:
    """A user is no session, since a log-out would be for ever; no token has an odd issuer."""
    with pytest.raises(ConfigurationInvalid, match=said):
        proxy.oidc_session(**({"issuer": ISSUER} | given))


def test_where_the_claims_are() -> None:
    """Under a key of the session, or wherever the application says."""
    assert proxy.oidc_session(issuer=ISSUER, claims="who")(request(who=CLAIMS))
    assert proxy.oidc_session(issuer=ISSUER, claims=lambda _: CLAIMS)(request())
    assert proxy.oidc_session(issuer=ISSUER, session_claim="ses")(
        request(user={**CLAIMS, "ses": "1"})
    )


@pytest.mark.parametrize(
    "claims",
    [
        None,
        "ada",
        {},
        {**CLAIMS, "iss": "https://other.example.com"},
        {**CLAIMS, "sub": ""},
        {**CLAIMS, "sub": 7},
        {**CLAIMS, "sid": ""},
        {**CLAIMS, "sid": 7},
        {"iss": ISSUER, "sub": "ada"},
    ],
)
def test_nobody(claims: object) -> None:
    """Of another issuer, or without what is needed, there is no session."""
    assert proxy.oidc_session(issuer=ISSUER)(request(user=claims)) is None
