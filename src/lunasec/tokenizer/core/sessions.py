"""Sessions: how one is offered, redeemed, renewed and ended (protocol, scheme 1)."""

import hmac
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from msgspec import Struct

from lunasec.errors import (
    HandleInvalid,
    LunaSecError,
    NoSession,
    SessionChanged,
    SessionEnded,
)
from lunasec.tokenizer.core.audit import Entry
from lunasec.tokenizer.core.changes import (
    Change,
    PutHandle,
    PutSession,
    ShortenSession,
    UseHandle,
)
from lunasec.tokenizer.core.identity import ApplicationCaller, FrameCaller
from lunasec.tokenizer.core.ledger import Facts, Handle, Purpose, Session, Want
from lunasec.tokenizer.core.operation import Decision

SESSION_SECONDS: Final = 15 * 60
"""A stolen cookie is worth nothing after this."""

RENEW_AFTER: Final = 10 * 60
"""A page in use renews its session here, with five minutes to spare for a slow network."""

OVERLAP_SECONDS: Final = 30
"""How long the old session still serves requests that were under way when it was renewed."""

HANDLE_SECONDS: Final = 60
"""A handle is used at once by a redirect; a minute allows for the slowest one."""

LONGEST_SECONDS: Final = 12 * 60 * 60
"""No session outlives this; an ended reference is refused for as long."""


def standing(caller: FrameCaller, session: Session | None, now: int) -> Session | LunaSecError:
    """Return the live session that the frame was pinned to, or why there is none."""
    if session is None or session.application != caller.application or now >= session.expires_at:
        return NoSession()
    if bool(session.public_key) != caller.signed:
        return NoSession()  # a cookie proves no key, and no key a cookie
    if not hmac.compare_digest(session.reference, caller.reference):
        return SessionChanged()
    if caller.needs_person and session.person is None:
        return NoSession()  # opened before there were policies; a forbid by a claim would not bite
    if caller.login < session.login:
        return NoSession()  # made before the user's log-in, perhaps before the last log-out
    return session


class Prove(Struct, frozen=True, kw_only=True, gc=False):
    """A frame has to have the live session that it was pinned to; a refusal is written down."""

    caller: FrameCaller
    now: int

    def want(self) -> Want:
        """Ask for the session."""
        return Want(application=self.caller.application, session=self.caller.session_hash)

    def decide(self, facts: Facts) -> Decision[Session]:
        """Answer the session, or why it is none."""
        session = standing(self.caller, facts.session, self.now)
        if not isinstance(session, LunaSecError):
            return Decision(answer=session)
        entry = Entry(
            at=self.now,
            application=self.caller.application,
            action="session.prove",
            outcome="refused",
            reason=session.code,
            actor="frame",
            session=self.caller.reference,
        )
        return Decision(answer=session, entries=(entry,))


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """An application vouches for a session; the handle waits for the browser."""

    caller: ApplicationCaller
    handle: Handle

    def want(self) -> Want:
        """Ask whether the reference was ended."""
        return Want(application=self.caller.application, references=(self.handle.reference,))

    def decide(self, facts: Facts) -> Decision[None]:
        """Keep the handle, unless its reference was ended."""
        handle = self.handle
        if handle.reference in facts.ended:
            return Decision(answer=SessionEnded(), entries=(self._entry("refused", "ended"),))
        return Decision(
            answer=None, changes=(PutHandle(handle),), entries=(self._entry("allowed", ""),)
        )

    def _entry(self, outcome: str, reason: str) -> Entry:
        return Entry(
            at=self.handle.created_at,
            application=self.caller.application,
            action="session.offer",
            outcome=outcome,
            reason=reason,
            actor=self.caller.key_id,
            session=self.handle.reference,
            subject=self.handle.subject or "",
        )


class Unfit(StrEnum):
    """Why a handle does not open a session; told to the audit log, never to the browser."""

    UNKNOWN = "unknown handle"
    USED = "used handle"
    FOREIGN = "another application's handle"
    OLD = "expired handle"
    PURPOSE = "handle for something else"
    UNBOUND = "another browser's handle"
    DESTINATION = "not a fetch"
    UNFRAMED = "not a frame"
    KEY = "not a public key"
    SESSION = "another session's handle"
    TAKEN = "key that has a session"


def unfit(handle: Handle | None, application: str, purpose: Purpose, now: int) -> Unfit | None:
    """Say why a handle is good for nothing here, whoever brings it."""
    if handle is None:
        return Unfit.UNKNOWN
    if handle.used:
        return Unfit.USED
    if handle.application != application:
        return Unfit.FOREIGN
    if now >= handle.created_at + HANDLE_SECONDS or now >= handle.session_end:
        return Unfit.OLD
    return None if handle.purpose is purpose else Unfit.PURPOSE


def opened(
    handle: Handle, old: Session | None, secret_hash: bytes, now: int, public_key: bytes = b""
) -> Session:
    """Make the session that a handle stands for; `old` is the one that this browser has so far."""
    end = min(handle.session_end, now + LONGEST_SECONDS)
    if old and old.reference == handle.reference and now < old.expires_at:
        end = min(end, old.absolute_end)  # a renewal; it does not begin the 12 hours anew
    return Session(
        secret_hash=secret_hash,
        application=handle.application,
        reference=handle.reference,
        subject=handle.subject,
        temporary=handle.temporary,
        created_at=now,
        expires_at=min(now + SESSION_SECONDS, end),
        absolute_end=end,
        public_key=public_key,
    )


def retired(old: Session | None, new: Session) -> tuple[Change, ...]:
    """End the old session: after the overlap for the same user, at once for another."""
    if old is None or old.application != new.application:
        return ()
    overlap = OVERLAP_SECONDS if old.reference == new.reference else 0
    return (ShortenSession(old.secret_hash, new.created_at + overlap),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Redeem:
    """A browser brings a handle. Whatever comes of it, the handle is used up."""

    application: str
    handle_hash: bytes
    state: str
    fetched: bool
    cookie_hash: bytes | None
    secret_hash: bytes
    now: int

    def want(self) -> Want:
        """Ask for the handle, and for the session that this browser has so far."""
        return Want(application=self.application, handle=self.handle_hash, session=self.cookie_hash)

    def decide(self, facts: Facts) -> Decision[Session]:
        """Open a session for a fresh handle in its own browser, and retire the old one."""
        handle = facts.handle
        why = self._unfit(handle)
        used: tuple[Change, ...] = (UseHandle(self.handle_hash),) if handle else ()
        if why is not None or handle is None:
            entry = self._entry(handle, "refused", why or "")
            return Decision(answer=HandleInvalid(), changes=used, entries=(entry,))
        session = opened(handle, facts.session, self.secret_hash, self.now)
        return Decision(
            answer=session,
            changes=(*used, *retired(facts.session, session), PutSession(session)),
            entries=(self._entry(handle, "allowed", ""),),
        )

    def _unfit(self, handle: Handle | None) -> Unfit | None:
        why = unfit(handle, self.application, Purpose.BROWSER, self.now)
        if why is not None or handle is None:
            return why
        if not hmac.compare_digest(handle.state, self.state):
            return Unfit.UNBOUND
        return None if self.fetched else Unfit.DESTINATION

    def _entry(self, handle: Handle | None, outcome: str, reason: str) -> Entry:
        return Entry(
            at=self.now,
            application=self.application,
            action="session.redeem",
            outcome=outcome,
            reason=reason,
            session=handle.reference if handle else "",
            subject=(handle.subject or "") if handle else "",
        )
