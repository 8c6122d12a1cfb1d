"""A session id provider for an application that is itself a relying party of OpenID Connect."""

from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol, cast

from lunasec.jose.overrides import check_claims, check_text
from lunasec.references import proxied_session_id, proxied_user_id

SESSION_CLAIM: Final = "sid"


class _WithSession(Protocol):
    @property
    def session(self) -> Mapping[str, Any]: ...


def oidc_session(
    *,
    issuer: str,
    claims: str | Callable[[Any], Mapping[str, Any] | None] = "user",
    session_claim: str = SESSION_CLAIM,
) -> Callable[[_WithSession], tuple[str, str] | None]:
    """Make a provider for the log-ins that the tokenizer knows from the same identity provider.

    `claims` are those of the ID token, which the application verified when its user logged in: a
    key of `request.session`, where Authlib's examples keep them, or a function of the request.
    `session_claim` has to be the tokenizer's: empty, and all browsers of a user share one session.
    Of another issuer's claims, or where one that is needed is not there, it is nobody.

    Raises: `ConfigurationInvalid`.
    """
    check_text("lunasec.proxy.oidc_session.issuer", issuer)
    check_claims("lunasec.proxy.oidc_session", session_claim, "sub")

    def provide(request: _WithSession) -> tuple[str, str] | None:
        found = request.session.get(claims) if isinstance(claims, str) else claims(request)
        if not isinstance(found, Mapping):
            return None
        said = cast("Mapping[str, object]", found)
        subject, session = said.get("sub"), said.get(session_claim) if session_claim else None
        if said.get("iss") != issuer or not isinstance(subject, str) or not subject:
            return None
        if not session_claim:
            return proxied_user_id(issuer, subject), subject
        if not isinstance(session, str) or not session:
            return None
        return proxied_session_id(issuer, session), subject

    return provide
