"""Who calls on the back channel: an application, proven by its signed credential."""

import hashlib
from collections import deque
from collections.abc import Mapping
from typing import Final

from lunasec.tokenizer.core.claims import CLOCK_SKEW, ApplicationClaims
from lunasec.tokenizer.jose import KeySet, application_claims, application_issuer, verify

REMEMBERED: Final = 256  # An SDK uses one token for minutes; this serves that many processes.


class VerifiedTokens:
    """Remembers verified tokens until they end: verifying one costs 90 to 260 µs, this 1.

    Tokens are kept as their SHA-256. Each application has its own room, so that one which makes a
    new token for each request pushes out its own and nobody else's. Made anew when keys change.
    """

    def __init__(self, capacity: int = REMEMBERED) -> None:
        """Remember up to `capacity` tokens of each application."""
        self._capacity = capacity
        self._claims: dict[bytes, ApplicationClaims] = {}
        self._order: dict[str, deque[bytes]] = {}

    def find(self, text: str, now: float) -> ApplicationClaims | None:
        """Give the claims of a token that was verified before and is valid now, or None."""
        claims = self._claims.get(_digest(text))
        if claims is None or not claims.issued_at - CLOCK_SKEW <= now < claims.expires_at:
            return None
        return claims

    def keep(self, text: str, claims: ApplicationClaims) -> None:
        """Remember a verified token; the oldest of the same application makes room."""
        digest = _digest(text)
        if digest in self._claims:
            return
        order = self._order.setdefault(claims.application, deque())
        if len(order) >= self._capacity:
            del self._claims[order.popleft()]
        order.append(digest)
        self._claims[digest] = claims


class ApplicationCredentials:
    """Verifies the credentials of all applications of one tokenizer."""

    def __init__(self, keys: Mapping[str, KeySet], *, audience: str) -> None:
        """Take the applications' keys by name, and the origin that credentials are made out to."""
        self._issuers = {
            name: application_issuer(name, keys=each, audience=audience)
            for name, each in keys.items()
        }
        self._verified = VerifiedTokens()

    def verify(self, text: str, now: float) -> ApplicationClaims:
        """Name the application that signed this credential, or raise `CredentialInvalid`."""
        known = self._verified.find(text, now)
        if known is not None:
            return known
        claims = application_claims(verify(text, issuers=self._issuers, now=now))
        self._verified.keep(text, claims)
        return claims


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
