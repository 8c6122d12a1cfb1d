"""Upgrade: what a visitor stored before there was a user becomes the user's, once."""

from dataclasses import dataclass

from lunasec.errors import UpgradeRefused
from lunasec.tokenizer.core.audit import Entry
from lunasec.tokenizer.core.changes import (
    AdoptRecords,
    Change,
    EndReference,
    MoveStoreGrants,
)
from lunasec.tokenizer.core.identity import ApplicationCaller
from lunasec.tokenizer.core.ledger import Facts, Session, Want
from lunasec.tokenizer.core.operation import Decision
from lunasec.tokenizer.core.sessions import LONGEST_SECONDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Upgrade:
    """A sign-up page's temporary session becomes a user's: its store grants move, once."""

    caller: ApplicationCaller
    old: str
    new: str
    subject: str | None = None
    now: int

    def want(self) -> Want:
        """Ask for the sessions of both references, and whether either was ended."""
        return Want(
            application=self.caller.application,
            references=(self.old, self.new),
            sessions_of=(self.old, self.new),
        )

    def decide(self, facts: Facts) -> Decision[None]:
        """Move store grants from a temporary session without a subject, and end it."""
        refusal = self._refusal(facts)
        entry = Entry(
            at=self.now,
            application=self.caller.application,
            action="session.upgrade",
            outcome="refused" if refusal else "allowed",
            reason=refusal,
            actor=self.caller.key_id,
            session=self.new,
            subject=self.subject or "",
        )
        if refusal:
            return Decision(answer=UpgradeRefused(refusal), entries=(entry,))
        application, until = self.caller.application, self.now + LONGEST_SECONDS
        ended = EndReference(application, self.old, until)
        return Decision(answer=None, changes=(*self._moved(facts), ended), entries=(entry,))

    def _moved(self, facts: Facts) -> tuple[Change, ...]:
        """Move what the temporary session stored; without one, nobody knows whose it would be.

        A session is kept for as long as a store grant made in it can live (`upkeep.py`).
        """
        if not any(each.reference == self.old for each in facts.sessions):
            return ()
        application = self.caller.application
        moved = MoveStoreGrants(application, self.old, self.new)
        if self.subject is None:
            return (moved,)
        # While the grants still say what was stored in the old session.
        return AdoptRecords(application, self.old, self.subject), moved

    def _refusal(self, facts: Facts) -> str:
        if self.old == self.new:
            return "the two sessions are the same"
        if facts.ended:
            return "one of the two sessions was ended"
        old = [each for each in facts.sessions if each.reference == self.old]
        if not all(map(_is_nobodys, old)):
            return "the old session is not a temporary one"
        if any(each.reference == self.new and each.temporary for each in facts.sessions):
            return "the new session is a temporary one"
        return ""


def _is_nobodys(session: Session) -> bool:
    return session.temporary and not session.subject
