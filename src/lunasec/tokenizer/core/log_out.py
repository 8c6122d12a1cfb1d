"""Log-out: what an application ends, and what the identity provider before it says is over."""

from dataclasses import dataclass
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from lunasec.errors import LogOutInvalid
from lunasec.tokenizer.core.audit import Entry, entry_of
from lunasec.tokenizer.core.changes import EndReference, PutLogOut, UseLogOutToken
from lunasec.tokenizer.core.identity import ApplicationCaller
from lunasec.tokenizer.core.ledger import Facts, Want
from lunasec.tokenizer.core.operation import Decision
from lunasec.tokenizer.core.sessions import LONGEST_SECONDS

LONGEST_LEEWAY: Final = 300
"""Seconds by which an auth proxy's clock may be configured to differ."""

PROXIED_SECONDS: Final = 24 * 3600 + 2 * LONGEST_LEEWAY
"""Nothing that a proxy has signed by now is good any more after this: its longest life, and both
clocks' difference. For so long a log-out is remembered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """Log-out by the application: nothing of this reference works any more.

    It can't come back; but where the reference is all that there is of a user (`shared`), a log-in
    after this one's end is welcome.
    """

    caller: ApplicationCaller
    reference: str
    now: int
    proxied: bool = False
    shared: bool = False

    def want(self) -> Want:
        """Ask for nothing: ending what is not there is not an error."""
        return Want(application=self.caller.application)

    def decide(self, facts: Facts) -> Decision[None]:  # noqa: ARG002 - the port's signature
        """Drop everything of the reference, and remember that it was ended."""
        entry = entry_of(self.caller, "session.end", self.now)
        entry = replace(entry, outcome="allowed", session=self.reference)
        return Decision(answer=None, changes=self._changes(), entries=(entry,))

    def _changes(self) -> tuple[EndReference | PutLogOut, ...]:
        whose = (self.caller.application, self.reference)
        until = self.now + (PROXIED_SECONDS if self.proxied else LONGEST_SECONDS)
        if not self.shared:
            return (EndReference(*whose, until),)
        return (EndReference(*whose, None), PutLogOut(*whose, self.now, until))


class LogOut(Struct, frozen=True, kw_only=True, gc=False):
    """What a log-out token says: which sessions are over, and by whose word.

    It is one of these: the one `reference` of a session and its user, which both are named; the
    `session_id` of a proxy's session, whosever it is; the `user_id` of all of a user's sessions,
    with the one `reference` that they have where they are `shared`.
    """

    application: str
    token_hash: bytes
    token_until: int
    key_id: str
    subject: str = ""
    reference: str = ""
    session_id: str = ""
    user_id: str = ""
    shared: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EndProxied:
    """Log-out by the identity provider (OpenID Connect Back-Channel Logout 1.0, section 2.7)."""

    log_out: LogOut
    now: int

    def want(self) -> Want:
        """Ask whether the token was used before, and for the sessions that are not named whole."""
        said = self.log_out
        return Want(
            application=said.application,
            log_out_token=said.token_hash,
            sessions_under="" if said.reference else said.session_id or said.user_id,
        )

    def decide(self, facts: Facts) -> Decision[None]:
        """End what is named, and what may yet be entered by its name; use the token up."""
        if facts.log_out_token_used:
            refusal = LogOutInvalid("The log-out token was used before.")
            return Decision(answer=refusal, entries=(self._entry("refused", "used token"),))
        said, until = self.log_out, self.now + PROXIED_SECONDS
        ended = {said.reference} - {""} or {each.reference for each in facts.sessions}
        changes: list[EndReference | PutLogOut | UseLogOutToken] = [
            UseLogOutToken(said.application, said.token_hash, said.token_until),
            *[
                EndReference(said.application, each, None if said.shared else until)
                for each in sorted(ended)
            ],
        ]
        if said.session_id:
            # Whoever brings its tokens later, as whichever user, enters nothing with them.
            changes.append(EndReference(said.application, said.session_id, until))
        if said.user_id:
            changes.append(PutLogOut(said.application, said.user_id, self.now, until))
        entries = [self._entry("allowed", "", each) for each in sorted(ended) or [""]]
        return Decision(answer=None, changes=tuple(changes), entries=tuple(entries))

    def _entry(self, outcome: str, reason: str, reference: str = "") -> Entry:
        return Entry(
            at=self.now,
            application=self.log_out.application,
            action="session.log_out",
            outcome=outcome,
            reason=reason,
            actor=self.log_out.key_id,
            session=reference,
            subject=self.log_out.subject,
        )
