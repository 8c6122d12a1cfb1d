"""Who calls: every function that reaches a value takes one of these first."""

import hashlib
from dataclasses import dataclass
from typing import Final

from msgspec import Struct

from lunasec.encoding import length_prefixed

PROXIED: Final = b"lunasec/proxied-session/v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationCaller:
    """An application's back end, proven by its signed credential."""

    application: str
    key_id: str


class FrameCaller(Struct, frozen=True, kw_only=True, gc=False):
    """A Secure Frame in somebody's browser, as yet unproven.

    `session_hash` is SHA-256 of the cookie it brought, or None; `reference` is the session that
    the frame was pinned to. Whether the two belong together, the store decides with the facts.
    Of a frame without cookies it is the name of the key that the request was `signed` with; of one
    behind an auth proxy, the name of the session that the proxy's token proved.
    """

    application: str
    session_hash: bytes | None
    reference: str
    login: int = 0
    """That of `Proxied`, where the proxy's token names no session."""
    signed: bool = False


class Proxied(Struct, frozen=True, kw_only=True, gc=False):
    """Whom an auth proxy's token names: proven, for this one request.

    `name` is what the session is kept under, where others have the hash of a cookie. Nobody can
    send a cookie of that hash, since it is no hash of 32 bytes.

    `session_id` and `user_id` stand for the proxy's session and for the issuer's user. `login` is
    the earliest moment, by our clock, at which the token can have been made.
    """

    application: str
    session_id: str
    user_id: str
    login: int
    reference: str
    subject: str

    @property
    def name(self) -> bytes:
        """Name the session: SHA-256, which the store looks it up by."""
        fields = (self.application.encode(), self.reference.encode())
        return hashlib.sha256(length_prefixed(PROXIED, *fields)).digest()

    @property
    def shared(self) -> bool:
        """Whether the token names no session, so that all browsers of a user share one."""
        return self.session_id == self.user_id


Caller = ApplicationCaller | FrameCaller
