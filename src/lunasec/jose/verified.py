"""Remembers what was verified, so that each token costs one verification."""

import hashlib
from collections import deque
from typing import Final

from lunasec.jose.claims import CLOCK_SKEW, Claims

REMEMBERED: Final = 256  # An SDK uses one token for minutes; this serves that many processes.


class VerifiedTokens:
    """Remembers verified tokens until they end: verifying one costs 90 to 260 µs, this 1.

    Tokens are kept as their SHA-256. Each issuer has its own room, so that one which makes a new
    token for each request pushes out its own and nobody else's. One object serves one configuration
    of issuers: with new keys comes a new object.
    """

    def __init__(self, capacity: int = REMEMBERED) -> None:
        """Remember up to `capacity` tokens of each issuer."""
        self._capacity = capacity
        self._claims: dict[bytes, Claims] = {}
        self._order: dict[str, deque[bytes]] = {}

    def find(self, text: str, now: float) -> Claims | None:
        """Give the claims of a token that was verified before and is valid now, or None."""
        claims = self._claims.get(_digest(text))
        if claims is None or not claims.issued_at - CLOCK_SKEW <= now < claims.expires_at:
            return None
        return claims

    def keep(self, text: str, claims: Claims) -> None:
        """Remember a verified token; the oldest of the same issuer makes room."""
        digest = _digest(text)
        if digest in self._claims:
            return
        order = self._order.setdefault(claims.issuer, deque())
        if len(order) >= self._capacity:
            del self._claims[order.popleft()]
        order.append(digest)
        self._claims[digest] = claims


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
