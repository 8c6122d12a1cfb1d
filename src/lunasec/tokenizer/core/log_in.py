"""A log-in with an identity provider: what it is known by, how it comes back, what it opens.

Nothing is kept of a log-in that was begun. The browser has a secret in a cookie, and what it
is sent to the provider with is made of that, so that it counts in this browser alone.
"""

import hashlib
import hmac
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from lunasec.encoding import from_base64url, length_prefixed, to_base64url
from lunasec.errors import LogInInvalid, LunaSecError, SessionEnded
from lunasec.tokenizer.core.audit import Entry
from lunasec.tokenizer.core.changes import Change, PutHandle, PutSession, UseHandle
from lunasec.tokenizer.core.identity import Person, owner_tag
from lunasec.tokenizer.core.ledger import Facts, Handle, Purpose, Session, Want
from lunasec.tokenizer.core.operation import Decision
from lunasec.tokenizer.core.secret import Secret
from lunasec.tokenizer.core.sessions import LONGEST_SECONDS, SESSION_SECONDS, retired

LOG_IN_SECONDS: Final = 10 * 60
"""A log-in page waits for a password, a second factor, and somebody who looks for his phone."""

SALT_BYTES: Final = 16
_TIME_BYTES: Final = 8
_LABEL: Final = b"lunasec/log-in/v1"


class LogIn(Struct, frozen=True, kw_only=True, gc=False):
    """One log-in, and what it is known by.

    The `state` goes by the browser, the `nonce` into the ID token, and the `verifier` by the back
    channel alone (RFC 7636).
    """

    state: str
    nonce: str
    verifier: str
    begun_at: int

    @property
    def state_hash(self) -> bytes:
        """Name the state, as what was used is kept under."""
        return hashlib.sha256(self.state.encode()).digest()

    def is_late(self, now: int) -> bool:
        """Say whether it comes back after its time."""
        return now >= self.begun_at + LOG_IN_SECONDS


def begin(binding: Secret, application: str, issuer: str, salt: bytes, now: int) -> LogIn:
    """Make a log-in of a browser's secret, for one application and its provider; `salt` is random.

    The state says when it was made, behind a seal that only this browser's secret makes.
    """
    stated = salt + now.to_bytes(_TIME_BYTES, "big")
    fields = (application.encode(), issuer.encode(), stated)

    def made(purpose: bytes) -> bytes:
        message = length_prefixed(_LABEL, purpose, *fields)
        return hmac.digest(binding.reveal(), message, "sha256")

    return LogIn(
        state=to_base64url(stated + made(b"state")),
        nonce=to_base64url(made(b"nonce")),
        verifier=to_base64url(made(b"verifier")),
        begun_at=now,
    )


def resume(binding: Secret, application: str, issuer: str, state: str) -> LogIn | None:
    """Find the log-in that a state is of; None where this browser did not begin it, here."""
    try:
        data = from_base64url(state)
    except ValueError:
        return None
    salt, begun_at = data[:SALT_BYTES], int.from_bytes(data[SALT_BYTES:][:_TIME_BYTES], "big")
    made = begin(binding, application, issuer, salt, begun_at)
    return made if hmac.compare_digest(made.state.encode(), state.encode()) else None


class Refuse(Struct, frozen=True, kw_only=True, gc=False):
    """A log-in that comes to nothing is written down: why, the browser is not told."""

    application: str
    reason: str
    now: int

    def want(self) -> Want:
        """Ask for nothing."""
        return Want(application=self.application)

    def decide(self, facts: Facts) -> Decision[None]:  # noqa: ARG002 - the port's signature
        """Refuse it."""
        entry = entry_of(self.application, "refused", self.reason, self.now)
        return Decision(answer=LogInInvalid(), entries=(entry,))


class Who(Struct, frozen=True, kw_only=True, gc=False):
    """Whom an identity provider's ID token names, as in `Proxied`.

    Without policies nobody asks for the `person`, and it is not kept.
    """

    application: str
    session_id: str
    user_id: str
    reference: str
    issuer: str
    subject: str
    person: Person | None = None


class Enter(Struct, frozen=True, kw_only=True, gc=False):
    """The provider says who logged in: this browser gets a session, and its old one ends.

    Here the log-in's state is used up, and not when it comes back: anybody can make any number of
    states, in a browser of his own, and each would be kept on the disk.
    """

    who: Who
    log_in: LogIn
    cookie_hash: bytes | None
    secret_hash: bytes
    now: int

    def want(self) -> Want:
        """Ask for the session that this browser has so far, and what was used or logged out."""
        who = self.who
        return Want(
            application=who.application,
            session=self.cookie_hash,
            handle=self.log_in.state_hash,
            references=(who.reference, who.session_id),
            log_outs=(who.reference, who.user_id),
        )

    def decide(self, facts: Facts) -> Decision[Session]:
        """Open the session, unless what it is of was logged out since the log-in was begun."""
        if facts.handle is not None:
            return Decision(answer=LogInInvalid("used state"))
        if facts.ended or any(self.log_in.begun_at <= at for at in facts.log_outs):
            return self._decided(SessionEnded(), "refused", SessionEnded.code)
        session = self._session(facts.session)
        # Put and used in two, as any handle is: of what was used, no older copy counts.
        used = (PutHandle(self._used()), UseHandle(self.log_in.state_hash))
        changes = (*used, *retired(facts.session, session), PutSession(session))
        return self._decided(session, "allowed", "", changes)

    def _used(self) -> Handle:
        return Handle(
            handle_hash=self.log_in.state_hash,
            application=self.who.application,
            reference="",
            subject=None,
            temporary=False,
            state="",
            origin="",
            created_at=self.now,
            session_end=self.now,
            used=False,
            purpose=Purpose.LOG_IN,
        )

    def _session(self, old: Session | None) -> Session:
        end = self.now + LONGEST_SECONDS
        if old and old.reference == self.who.reference and self.now < old.expires_at:
            end = min(end, old.absolute_end)  # a renewal; it does not begin the 12 hours anew
        who = self.who
        return Session(
            secret_hash=self.secret_hash,
            application=who.application,
            reference=who.reference,
            subject=who.subject,
            temporary=False,
            created_at=self.now,
            expires_at=min(self.now + SESSION_SECONDS, end),
            absolute_end=end,
            session_id=who.session_id,
            user_id=who.user_id,
            owner=owner_tag(who.application, who.issuer, who.subject),
            person=who.person,
        )

    def _decided(
        self,
        answer: Session | LunaSecError,
        outcome: str,
        reason: str,
        changes: tuple[Change, ...] = (),
    ) -> Decision[Session]:
        entry = entry_of(self.who.application, outcome, reason, self.now)
        entry = replace(entry, session=self.who.reference, subject=self.who.subject)
        return Decision(answer=answer, changes=changes, entries=(entry,))


def entry_of(application: str, outcome: str, reason: str, now: int) -> Entry:
    """Begin the audit entry of a log-in."""
    return Entry(
        at=now,
        application=application,
        action="session.log_in",
        outcome=outcome,
        reason=reason,
        actor="browser",
    )
