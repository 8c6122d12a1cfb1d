"""Policy: whose a token is, and what else decides, beside a grant, who may use it.

Every use of a token needs a grant (`grants.py`). Where an application's tokens have owners, it
needs a ruling as well, which is asked for at each use and never remembered.
"""

import hmac
from collections.abc import Sequence
from enum import StrEnum
from typing import Final, Protocol

from msgspec import Struct
from msgspec.structs import replace

from lunasec.tokenizer.core.identity import ApplicationCaller, FrameCaller, Person
from lunasec.tokenizer.core.ledger import Found, Record, Session
from lunasec.tokenizer.core.verdicts import Allowed, Denial, Denied

OWNER: Final = "owner"
"""The built-in rule: who made a token may use it. The audit log names it."""


class Act(StrEnum):
    """What somebody wants to do with a token."""

    READ = "read"
    COPY = "copy"
    DESCRIBE = "describe"
    ERASE = "erase"


class Asking(Struct, frozen=True, kw_only=True, gc=False):
    """Who wants to do what, and when. Without a session, the application asks for itself.

    `person` is what the auth proxy says in this request, or the identity provider at the log-in;
    where a back end asks in a session's name, nobody says anything.
    """

    application: str
    session: Session | None
    person: Person | None = None
    act: Act
    now: int


class Ruling(Struct, frozen=True, gc=False):
    """Whether a policy lets a token be used, and the rule by which; `step_up` says what would help.

    That is: whoever asks may, once the identity provider has confirmed anew who that is.
    """

    allows: bool
    rule: str
    step_up: bool = False


class StepUp(Struct, frozen=True, gc=False):
    """What is answered in a token's place where a confirmation of who asks would open it."""


STEP_UP: Final = StepUp()


class Policy(Protocol):
    """Decides, beside grants, who may use an application's tokens."""

    @property
    def governs(self) -> bool:
        """Whether it has anything to say; where not, it is never asked."""
        ...

    def rule(self, asking: Asking, records: Sequence[Record | None]) -> Sequence[Ruling]:
        """Rule on each record, in order, in one go; on what is not there as on any other.

        Pure, and it never raises: what can't be decided is refused.
        """
        ...


class GrantsAlone:
    """No policy: a grant is all that a session needs."""

    governs: bool = False

    def rule(self, asking: Asking, records: Sequence[Record | None]) -> Sequence[Ruling]:
        """Refuse: nobody asks."""
        del asking
        return [Ruling(allows=False, rule="")] * len(records)


class OwnersAlone:
    """A token is for the sessions of its owner, and for nobody else."""

    governs: bool = True

    def rule(self, asking: Asking, records: Sequence[Record | None]) -> Sequence[Ruling]:
        """Compare owners."""
        return [Ruling(allows=is_owner(asking, each), rule=OWNER) for each in records]


GRANTS_ALONE: Final = GrantsAlone()


def is_owner(asking: Asking, record: Record | None) -> bool:
    """Say whether the session's verified subject made the record. What is nobody's is not."""
    if asking.session is None or asking.session.owner is None:
        return False
    if record is None or record.owner is None or record.application != asking.application:
        return False
    return hmac.compare_digest(asking.session.owner, record.owner)


def ruled(
    policy: Policy,
    asking: Asking,
    verdicts: tuple[Allowed | Denied, ...],
    found: tuple[Found, ...],
) -> tuple[Allowed | Denied, ...]:
    """Refuse of what is granted what the policy does not allow.

    It rules on all that was asked for: which of it is there, no answer's time is to tell.
    """
    if not policy.governs:
        return verdicts
    rulings = policy.rule(asking, [each.record for each in found])
    return tuple(_ruled(each, ruling) for each, ruling in zip(verdicts, rulings, strict=True))


def _ruled(verdict: Allowed | Denied, ruling: Ruling) -> Allowed | Denied:
    if isinstance(verdict, Denied):
        return verdict
    if ruling.allows:
        return replace(verdict, rule=ruling.rule)
    reason = Denial.STEP_UP if ruling.step_up else Denial.POLICY
    return Denied(reason=reason, record_id=verdict.record.record_id, rule=ruling.rule)


def asking_of(
    caller: FrameCaller | ApplicationCaller, session: Session | None, act: Act, now: int
) -> Asking:
    """Say who asks: a frame in its session, or a back end, in a session's name or in its own."""
    return Asking(
        application=caller.application,
        session=session,
        person=_person_of(caller, session) if isinstance(caller, FrameCaller) else None,
        act=act,
        now=now,
    )


def _person_of(caller: FrameCaller, session: Session | None) -> Person | None:
    return caller.person or (session.person if session else None)


def named(sessions: Sequence[Session], reference: str | None, now: int) -> Session | None:
    """Give the live session that a back end names, if it names one."""
    return next((s for s in sessions if s.reference == reference and now < s.expires_at), None)
