"""Who calls: every function that reaches a value takes one of these first."""

import hashlib
from dataclasses import dataclass
from typing import Final

from msgspec import Struct

from lunasec.encoding import length_prefixed

PROXIED: Final = b"lunasec/proxied-session/v1"
OWNER: Final = b"lunasec/owner/v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationCaller:
    """An application's back end, proven by its signed credential."""

    application: str
    key_id: str


class Person(Struct, frozen=True, kw_only=True, gc=False):
    """What a proxy's, or a provider's, token says of whom it names, beside the name.

    Policies may ask for it; times in Unix seconds. What the token leaves out is None, or empty.
    """

    acr: str | None = None
    amr: tuple[str, ...] = ()
    auth_time: int | None = None
    groups: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    email: str | None = None


class FrameCaller(Struct, frozen=True, kw_only=True, gc=False):
    """A Secure Frame in somebody's browser, as yet unproven.

    `session_hash` is SHA-256 of the cookie it brought, or None; `reference` is the session that
    the frame was pinned to. Whether the two belong together, the store decides with the facts.
    Of a frame without cookies it is the name of the key that the request was `signed` with; of one
    behind an auth proxy, the name of the session that the proxy's token proved; `person` is what
    that token says. Where it `needs_person`, a session that kept nothing of the kind is none.
    """

    application: str
    session_hash: bytes | None
    reference: str
    login: int = 0
    """That of `Proxied`, where the proxy's token names no session."""
    signed: bool = False
    person: Person | None = None
    needs_person: bool = False


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
    issuer: str
    subject: str
    person: Person = Person()

    @property
    def owner(self) -> bytes:
        """Name whose the tokens are that are made in it: SHA-256, the same at every log-in.

        Only a subject that the tokenizer itself verified owns anything.
        """
        return owner_tag(self.application, self.issuer, self.subject)

    @property
    def name(self) -> bytes:
        """Name the session: SHA-256, which the store looks it up by."""
        fields = (self.application.encode(), self.reference.encode())
        return hashlib.sha256(length_prefixed(PROXIED, *fields)).digest()

    @property
    def shared(self) -> bool:
        """Whether the token names no session, so that all browsers of a user share one."""
        return self.session_id == self.user_id


def owner_tag(application: str, issuer: str, subject: str) -> bytes:
    """Name a subject of an issuer within an application: 32 bytes that nobody reads a name from.

    SHA-256 over the label and the three, each behind its length, so that no two subjects share one.
    """
    fields = (application.encode(), issuer.encode(), subject.encode())
    return hashlib.sha256(length_prefixed(OWNER, *fields)).digest()


Caller = ApplicationCaller | FrameCaller
