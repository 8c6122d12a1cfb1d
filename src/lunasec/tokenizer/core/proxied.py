"""Sessions that an auth proxy vouches for: entered, and renewed, by its word alone (scheme 2)."""

import hmac

from msgspec import Struct

from lunasec.errors import LunaSecError, SessionChanged, SessionEnded
from lunasec.tokenizer.core.audit import Entry
from lunasec.tokenizer.core.changes import PutSession, RenewSession
from lunasec.tokenizer.core.identity import Proxied
from lunasec.tokenizer.core.ledger import Facts, Session, Want
from lunasec.tokenizer.core.operation import Decision
from lunasec.tokenizer.core.sessions import LONGEST_SECONDS, RENEW_AFTER, SESSION_SECONDS


class Enter(Struct, frozen=True, kw_only=True, gc=False):
    """A frame asks for the session that the proxy's token names; `pinned` is the page's."""

    who: Proxied
    pinned: str
    now: int

    def want(self) -> Want:
        """Ask for the session, and whether it, or its user, was logged out."""
        who = self.who
        return Want(
            application=who.application,
            session=who.name,
            references=(who.reference, who.session_id),
            log_outs=(who.reference, who.user_id),
        )

    def decide(self, facts: Facts) -> Decision[Session]:
        """Open the session, prolong it where it is due, or refuse what was ended."""
        if not hmac.compare_digest(self.pinned, self.who.reference):
            return self._refused(SessionChanged())
        if facts.ended:
            return self._refused(SessionEnded())
        if any(self.who.login <= at for at in facts.log_outs):
            return self._refused(SessionEnded("It takes a log-in after the log-out."))
        before, session = facts.session, self._session(facts.session)
        if before and is_fresh(before, self.now) and session.login == before.login:
            return Decision(answer=before)
        change = PutSession(session) if before is None else _renewed(session)
        entry = self._entry("allowed", "")
        return Decision(answer=session, changes=(change,), entries=(entry,))

    def _session(self, before: Session | None) -> Session:
        """Make the session anew; between it and the one before lies no log-out."""
        login = min(self.who.login, before.login if before else self.who.login)
        return Session(
            secret_hash=self.who.name,
            application=self.who.application,
            reference=self.who.reference,
            subject=self.who.subject,
            session_id=self.who.session_id,
            user_id=self.who.user_id,
            login=login if self.who.shared else 0,
            temporary=False,
            created_at=self.now,
            expires_at=self.now + SESSION_SECONDS,
            absolute_end=self.now + LONGEST_SECONDS,
            owner=self.who.owner,
        )

    def _refused(self, refusal: LunaSecError) -> Decision[Session]:
        return Decision(answer=refusal, entries=(self._entry("refused", refusal.code),))

    def _entry(self, outcome: str, reason: str) -> Entry:
        return Entry(
            at=self.now,
            application=self.who.application,
            action="session.enter",
            outcome=outcome,
            reason=reason,
            actor="frame",
            session=self.who.reference,
            subject=self.who.subject,
        )


def _renewed(session: Session) -> RenewSession:
    return RenewSession(session.secret_hash, session.created_at, session.expires_at, session.login)


def is_fresh(session: Session, now: int) -> bool:
    """Say whether a session lives, and is not to be renewed yet."""
    return now < min(session.expires_at, session.created_at + RENEW_AFTER)
