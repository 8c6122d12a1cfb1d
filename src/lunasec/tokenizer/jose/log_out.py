"""Log-out tokens of an application's identity provider (OpenID Connect Back-Channel Logout 1.0)."""

import hashlib
import math
from collections.abc import Mapping
from typing import Any, Final, cast

from msgspec.structs import replace

from lunasec.encoding import length_prefixed
from lunasec.errors import CredentialInvalid, LogOutInvalid
from lunasec.jose.claims import Claims, text_of
from lunasec.jose.fetched import Read, Tell
from lunasec.jose.presets import Provider
from lunasec.jose.proxied import EVENTS, SignedElsewhere
from lunasec.jose.verification import MAX_TOKEN_BYTES
from lunasec.references import proxied_session_id, proxied_user_id, session_reference
from lunasec.tokenizer.core.log_out import LogOut

TYPE: Final = "logout+jwt"
EVENT: Final = "http://schemas.openid.net/event/backchannel-logout"
OLDEST_SECONDS: Final = 5 * 60
"""A provider sends its word at once; what comes later was held back, or is a replay."""

_LABEL: Final = b"lunasec/log-out-token/v1"


class LogOutTokens:
    """Verifies the log-out tokens that one application's identity provider sends."""

    def __init__(
        self, application: str, proxy: Provider, log_out: Provider, read: Read, tell: Tell
    ) -> None:
        """Take who signs who is calling, and who signs log-outs: mostly one and the same."""
        self._application, self._proxy, self._log_out = application, proxy, log_out
        self._signed = SignedElsewhere(
            log_out, read, tell, longest=MAX_TOKEN_BYTES, assumed_life=OLDEST_SECONDS
        )

    async def verify(self, text: str, *, now: float) -> LogOut:
        """Say whose sessions are over, by a log-out token (section 2.6 of the specification).

        1. Type, algorithm, signature, `iss`, `aud` and times, as of any token (steps 2 to 4).
        2. `iat` is recent: with `jti` that bounds for how long a replay has to be remembered.
        3. It is a log-out (step 6), and no token that logs somebody in (step 7).
        4. It has a `jti`, by which it is used up (step 8).
        5. It names a session, a user, or a user's session (step 5), as the proxy's tokens do.

        Raises: `LogOutInvalid`, `Unavailable` where the provider's keys can't be had.
        """
        try:
            # 1.
            claims = await self._signed.verify(text, now)
            # 2. to 5.
            return self._log_out_of(claims, now)
        except CredentialInvalid as refusal:
            raise LogOutInvalid(refusal.detail) from None

    def _log_out_of(self, claims: Claims, now: float) -> LogOut:
        members, leeway = claims.members, self._log_out.leeway
        # 2.
        last = claims.issued_at + OLDEST_SECONDS + leeway
        if now >= last:
            raise CredentialInvalid(f"The token is older than {OLDEST_SECONDS} seconds.")
        # 3.
        events = members.get(EVENTS)
        event = cast("dict[str, object]", events).get(EVENT) if isinstance(events, dict) else None
        if not isinstance(event, dict):
            raise CredentialInvalid('The token tells of no log-out, in its "events".')
        if "nonce" in members:
            raise CredentialInvalid('The token has a "nonce": it is for a log-in.')
        # 4.
        fields = (claims.issuer.encode(), _required(members, "jti").encode())
        token_hash = hashlib.sha256(length_prefixed(_LABEL, *fields)).digest()
        # 5.
        said = LogOut(
            application=self._application,
            token_hash=token_hash,
            token_until=math.ceil(last),
            key_id=claims.key_id,
        )
        session = _required(members, "sid") if "sid" in members else ""
        subject = _required(members, "sub") if "sub" in members else ""
        return self._naming(said, session, subject)

    def _naming(self, said: LogOut, session: str, subject: str) -> LogOut:
        """Put in whose sessions are over, by what both sides make of a proxy's token."""
        realm = self._proxy.realm
        session_id, user_id = proxied_session_id(realm, session), proxied_user_id(realm, subject)
        if not self._proxy.session_claim:
            if not subject:
                raise CredentialInvalid('Sessions have no id here; name the user ("sub").')
            reference = session_reference(self._application, user_id, subject)
            named = {"reference": reference, "user_id": user_id, "shared": True}
        elif session and subject:
            named = {"reference": session_reference(self._application, session_id, subject)}
        elif session:
            named = {"session_id": session_id}
        elif subject:
            named = {"user_id": user_id}
        else:
            raise CredentialInvalid('The token names no session ("sid") and no user ("sub").')
        return replace(said, **named, subject=subject)


def _required(members: Mapping[str, Any], name: str) -> str:
    text = text_of(members, name)
    if not text:
        raise CredentialInvalid(f'The token has no "{name}".')
    return text
