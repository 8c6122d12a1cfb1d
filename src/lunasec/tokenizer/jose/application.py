"""The credential of an application's back end (protocol: application credential)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from lunasec.jose.keys import KeySet
from lunasec.jose.verification import Issuer, verify
from lunasec.jose.verified import VerifiedTokens
from lunasec.tokenizer.core.identity import ApplicationCaller

APPLICATION_TYPE: Final = "lunasec-app+jwt"
APPLICATION_LIFE: Final = 300  # Seconds from `iat` to `exp`: a stolen credential dies soon.
_ALGORITHMS: Final = frozenset({"EdDSA", "Ed25519", "ES256"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationClaims:
    """Proof that a request comes from an application's back end; times in Unix seconds."""

    application: str
    key_id: str
    issued_at: float
    expires_at: float


def verify_application_token(
    text: str, *, keys: KeySet, application: str, audience: str, now: float
) -> ApplicationClaims:
    """Verify the credential of one application's back end, or raise `CredentialInvalid`.

    `audience` is the tokenizer's own origin, `now` in Unix seconds.
    """
    issuer = _issuer(application, keys, audience)
    claims = verify(text, issuers={application: issuer}, now=now)
    return ApplicationClaims(
        application=claims.issuer,
        key_id=claims.key_id,
        issued_at=claims.issued_at,
        expires_at=claims.expires_at,
    )


class ApplicationTokens:
    """Verifies the credentials of all applications of one tokenizer, each token once.

    Made anew when an application's keys change.
    """

    def __init__(self, keys: Mapping[str, KeySet], *, audience: str) -> None:
        """Take the applications' keys by name, and the origin that credentials are made out to."""
        self._issuers = {name: _issuer(name, each, audience) for name, each in keys.items()}
        self._verified = VerifiedTokens()

    def verify(self, text: str, *, now: float) -> ApplicationCaller:
        """Name the application that signed this credential, or raise `CredentialInvalid`."""
        claims = self._verified.find(text, now)
        if claims is None:
            claims = verify(text, issuers=self._issuers, now=now)
            self._verified.keep(text, claims)
        return ApplicationCaller(application=claims.issuer, key_id=claims.key_id)


def _issuer(application: str, keys: KeySet, audience: str) -> Issuer:
    return Issuer(
        name=application,
        keys=keys,
        audience=audience,
        types=frozenset({APPLICATION_TYPE}),
        algorithms=_ALGORITHMS,
        longest_life=APPLICATION_LIFE,
    )
