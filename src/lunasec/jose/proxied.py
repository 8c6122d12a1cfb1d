"""The tokens of auth proxies: who is calling, by the signature of who stands before us."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from lunasec.errors import CredentialInvalid, NotProxied
from lunasec.jose.claims import Claims, text_of
from lunasec.jose.fetched import Read, Tell, keys_of
from lunasec.jose.keys import KeySet
from lunasec.jose.presets import Provider
from lunasec.jose.verification import (
    MAX_PROXY_TOKEN_BYTES,
    Issuer,
    KeyUnknown,
    verify,
)
from lunasec.jose.verified import VerifiedTokens
from lunasec.references import proxied_session_id, proxied_user_id

EVENTS: Final = "events"
"""A token with this claim tells of something that happened (RFC 8417, section 2.2), such as a
log-out. It names a user and may be signed alike, and must not pass for that user's own."""

REMEMBERED: Final = 4096
"""Tokens that were verified: each person's proxy makes a new one every few minutes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """Whom a token names: what stands for the session's id, and the user, to both sides.

    `issued_at` is the moment, by the proxy's clock, before which the token was not made.
    """

    session_id: str
    user_id: str
    issued_at: float
    subject: str
    members: Mapping[str, Any]
    """All that the token says."""


class SignedElsewhere:
    """Verifies what one issuer signs with keys that have to be fetched."""

    def __init__(
        self,
        provider: Provider,
        read: Read,
        tell: Tell,
        *,
        longest: int = MAX_PROXY_TOKEN_BYTES,
        assumed_life: int | None = None,
    ) -> None:
        """Take the configuration, what reads keys, in a thread, and whom to tell why it can't."""
        self._provider, self._longest, self._assumed_life = provider, longest, assumed_life
        self._keys = keys_of(provider, read, tell)

    async def verify(self, text: str, now: float) -> Claims:
        """Give what a token claims, once it was verified whole.

        Raises: `CredentialInvalid`, `Unavailable` where the keys can't be had.
        """
        keys = await self._keys.current(now)
        try:
            return verify(text, issuers=self._issuer(keys), now=now)
        except KeyUnknown as unknown:
            if not await self._keys.renewed(now, unknown.key_id):
                raise
        return verify(text, issuers=self._issuer(await self._keys.current(now)), now=now)

    def _issuer(self, keys: KeySet) -> Mapping[str, Issuer]:
        provider = self._provider
        issuer = Issuer(
            name=provider.issuer,
            keys=keys,
            audience=provider.audience,
            types=provider.types,
            algorithms=provider.algorithms,
            longest_life=provider.longest_life,
            skew=provider.leeway,
            longest=self._longest,
            quirks=provider.quirks,
            assumed_life=self._assumed_life,
        )
        return {provider.issuer: issuer}


class ProxyTokens:
    """Verifies the tokens that an auth proxy sends to one side, each token once."""

    def __init__(self, provider: Provider, read: Read, tell: Tell) -> None:
        """Take the configuration, what reads keys, in a thread, and whom to tell why it can't."""
        self._provider = provider
        self._signed = SignedElsewhere(provider, read, tell)
        self._verified = VerifiedTokens(REMEMBERED)

    async def verify(self, text: str, *, now: float) -> Named:
        """Name whom the proxy says that this is.

        Raises: `NotProxied`, `Unavailable` where the proxy's keys can't be had.
        """
        claims = self._verified.find(text, now)
        try:
            if claims is None:
                claims = await self._signed.verify(text, now)
                self._verified.keep(text, claims)
            return named(self._provider, claims)
        except CredentialInvalid as refusal:
            raise NotProxied(refusal.detail) from None


def named(provider: Provider, claims: Claims) -> Named:
    """Say whom verified claims are about, as both sides make it of them.

    Raises: `CredentialInvalid`.
    """
    members = claims.members
    subject = text_of(members, provider.subject_claim) or ""
    session = provider.session_claim and text_of(members, provider.session_claim)
    if EVENTS in members:
        raise CredentialInvalid("The token tells of an event; nobody calls with it.")
    if provider.denies(subject):
        raise CredentialInvalid("The token names nobody.")
    if provider.session_claim and not session:
        raise CredentialInvalid(f'The token has no session id, "{provider.session_claim}".')
    user = proxied_user_id(provider.realm, subject)
    return Named(
        session_id=proxied_session_id(provider.realm, session) if session else user,
        user_id=user,
        subject=subject,
        issued_at=_issued_at(provider, claims),
        members=members,
    )


def _issued_at(provider: Provider, claims: Claims) -> float:
    """Say when a token was made, at the earliest: one without `iat` has lived long already."""
    if "iat" in claims.members:
        return claims.issued_at
    return claims.expires_at - provider.longest_life
