"""Sessions without cookies: a document is opened, its key registered, each request counted."""

import hmac
from dataclasses import dataclass
from enum import StrEnum

from msgspec.structs import replace

from lunasec.errors import HandleInvalid, LunaSecError, NoSession, SessionChanged
from lunasec.tokenizer.core.audit import Entry
from lunasec.tokenizer.core.changes import (
    Change,
    CountRequest,
    PutHandle,
    PutSession,
    UseHandle,
)
from lunasec.tokenizer.core.identity import FrameCaller
from lunasec.tokenizer.core.ledger import Facts, Handle, Purpose, Session, Want
from lunasec.tokenizer.core.operation import Decision
from lunasec.tokenizer.core.sessions import Unfit, opened, retired, unfit
from lunasec.tokenizer.core.signed import count, key_name


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenDocument:
    """A browser brings a handle for a document. Whatever comes of it, the handle is used up.

    The document gets a secret in the handle's place, which registers its key: as short-lived, as
    single, and as dead when the session is ended.
    """

    application: str
    handle_hash: bytes
    framed: bool
    secret_hash: bytes
    now: int

    def want(self) -> Want:
        """Ask for the handle."""
        return Want(application=self.application, handle=self.handle_hash)

    def decide(self, facts: Facts) -> Decision[Handle]:
        """Put the secret in the place of a fresh handle, for a frame alone."""
        handle = facts.handle
        why = unfit(handle, self.application, Purpose.DOCUMENT, self.now)
        if why is None and not self.framed:
            why = Unfit.UNFRAMED
        entry = _entry("session.document", self.application, handle, why, self.now)
        used = _used(handle)
        if why is not None or handle is None:
            return Decision(answer=HandleInvalid(), changes=used, entries=(entry,))
        secret = replace(
            handle, handle_hash=self.secret_hash, purpose=Purpose.KEY, created_at=self.now
        )
        return Decision(answer=secret, changes=(*used, PutHandle(secret)), entries=(entry,))


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterKey:
    """A document brings its secret and its key, which is None where the bytes are no key.

    Whatever comes of it, the secret is used up. `caller` is signed by the key that the document
    has so far, when it renews its session. With `direct`, for sessions that are a header of the
    page's scripts, it may be the document's handle itself, which those have in hand.
    """

    caller: FrameCaller
    secret_hash: bytes
    public_key: bytes | None
    now: int
    direct: bool = False

    def want(self) -> Want:
        """Ask for the secret, for the session that this document has so far, and the key's own."""
        application, old = self.caller.application, self.caller.session_hash
        name = None if self.public_key is None else key_name(self.public_key)
        return Want(
            application=application, handle=self.secret_hash, session=old, other_session=name
        )

    def decide(self, facts: Facts) -> Decision[Session]:
        """Open a session for the key, in the session that the document is pinned to alone."""
        handle, application = facts.handle, self.caller.application
        is_handle = self.direct and handle and handle.purpose is Purpose.DOCUMENT
        purpose = Purpose.DOCUMENT if is_handle else Purpose.KEY
        why = unfit(handle, application, purpose, self.now)
        if why is None and self.public_key is None:
            why = Unfit.KEY
        if why is None and facts.other_session is not None:
            why = Unfit.TAKEN
        reference = self.caller.reference
        if why is None and handle and not hmac.compare_digest(handle.reference, reference):
            why = Unfit.SESSION
        entry = _entry("session.register", application, handle, why, self.now)
        used = _used(handle)
        if why is not None or handle is None or self.public_key is None:
            refusal = SessionChanged() if why is Unfit.SESSION else HandleInvalid()
            return Decision(answer=refusal, changes=used, entries=(entry,))
        old, name = facts.session, key_name(self.public_key)
        session = opened(handle, old, name, self.now, self.public_key)
        return Decision(
            answer=session,
            changes=(*used, *retired(old, session), PutSession(session)),
            entries=(entry,),
        )


class Unsigned(StrEnum):
    """Why a signed request does not count; told to the audit log, never to whoever sent it."""

    UNKNOWN = "unknown key"
    ENDED = "session ended"
    FORGED = "wrong signature"
    REPLAYED = "replayed request"


@dataclass(frozen=True, slots=True, kw_only=True)
class CountSigned:
    """A request is signed by a session's key: it counts once. `genuine`: the signature is right."""

    application: str
    key_name: bytes
    counter: int
    genuine: bool
    now: int

    def want(self) -> Want:
        """Ask for the session of the key."""
        return Want(application=self.application, session=self.key_name)

    def decide(self, facts: Facts) -> Decision[None]:
        """Use the counter up, or refuse."""
        session = facts.session
        why, counted = self._verdict(session)
        if session is None or counted is None:
            return Decision(answer=NoSession(), entries=(self._entry(session, why),))
        return Decision(answer=None, changes=(CountRequest(self.key_name, *counted),))

    def refusal(self, facts: Facts) -> LunaSecError | None:
        """Say beforehand that it will be refused, where nothing may be written down any more."""
        return None if self._verdict(facts.session)[1] else NoSession()

    def _verdict(self, session: Session | None) -> tuple[str, tuple[int, bytes] | None]:
        if session is None or session.application != self.application or not session.public_key:
            return Unsigned.UNKNOWN, None
        if self.now >= session.expires_at:
            return Unsigned.ENDED, None
        if not self.genuine:
            return Unsigned.FORGED, None
        return Unsigned.REPLAYED, count(session.highest, session.seen, self.counter)

    def _entry(self, session: Session | None, why: str) -> Entry:
        return Entry(
            at=self.now,
            application=self.application,
            action="session.request",
            outcome="refused",
            reason=why,
            actor="frame",
            session=session.reference if session else "",
        )


def _used(handle: Handle | None) -> tuple[Change, ...]:
    return (UseHandle(handle.handle_hash),) if handle else ()


def _entry(
    action: str, application: str, handle: Handle | None, why: Unfit | None, now: int
) -> Entry:
    entry = Entry(
        at=now,
        application=application,
        action=action,
        outcome="refused" if why else "allowed",
        reason=why or "",
    )
    if handle is None:
        return entry
    return replace(entry, session=handle.reference, subject=handle.subject or "")
