"""ID tokens of an identity provider that the tokenizer itself sent a browser to."""

import hmac

from lunasec.errors import CredentialInvalid, LogInInvalid
from lunasec.jose.claims import Claims, text_of
from lunasec.jose.fetched import Read, Tell
from lunasec.jose.presets import Provider
from lunasec.jose.proxied import Named, SignedElsewhere, named


class IdTokens:
    """Verifies what one application's identity provider says of who has just logged in."""

    def __init__(self, provider: Provider, read: Read, tell: Tell) -> None:
        """Take whose tokens count; the audience is our own client's id."""
        self._provider = provider
        self._signed = SignedElsewhere(provider, read, tell)

    async def verify(self, text: str, *, nonce: str, now: float) -> Named:
        """Name who logged in (OpenID Connect Core 1.0, section 3.1.3.7).

        1. Type, algorithm, signature, `iss`, `aud`, `exp` and `iat`, as of any token (steps 2, 3
           and 6 to 10). A second audience is refused, so step 4 is settled: but
        2. where `azp` is there, it is our client's id (step 5).
        3. `nonce` is that of this log-in (step 11): the token was made for it, and for no other.
        4. It names a user, and the session where that is wanted, and tells of no event.

        Raises: `LogInInvalid`, `Unavailable` where the provider's keys can't be had.
        """
        try:
            # 1.
            claims = await self._signed.verify(text, now)
            # 2. and 3.
            self._check(claims, nonce)
            # 4.
            return named(self._provider, claims)
        except CredentialInvalid as refusal:
            raise LogInInvalid(refusal.detail) from None

    def _check(self, claims: Claims, nonce: str) -> None:
        # 2.
        if text_of(claims.members, "azp") not in {None, self._provider.audience}:
            raise CredentialInvalid('The token was made for another client ("azp").')
        # 3.
        stated = text_of(claims.members, "nonce") or ""
        if not hmac.compare_digest(stated.encode(), nonce.encode()):
            raise CredentialInvalid('The token is of another log-in ("nonce").')
