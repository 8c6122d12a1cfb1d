"""Upgrade: a visitor's tokens become a user's once, and never one user's another's."""

from dataclasses import replace
from itertools import product

import pytest

from lunasec.errors import UpgradeRefused
from lunasec.tokenizer.core.changes import AdoptRecords, EndReference, MoveStoreGrants
from lunasec.tokenizer.core.ledger import Facts, Session
from lunasec.tokenizer.core.upgrade import Upgrade
from tests.stores.made_up import ALICE, APPLICATION, BACK_END, NOW, name, session

VISITOR = "v" * 43
UNTIL = NOW + 12 * 3600
KINDS = [(temporary, subject) for temporary in (False, True) for subject in (None, "", "alice")]


def upgrade(old: str = VISITOR, new: str = ALICE) -> Upgrade:
    """Turn the visitor's session into Alice's."""
    return Upgrade(caller=BACK_END, old=old, new=new, now=NOW)


def sessions(reference: str, *kinds: tuple[bool, str | None]) -> tuple[Session, ...]:
    """Make a session of each kind."""
    return tuple(
        session(secret_hash=name(number), reference=reference, temporary=temporary, subject=subject)
        for number, (temporary, subject) in enumerate(kinds)
    )


def test_it_asks_about_both_sessions() -> None:
    """Whose each one is, and whether either was ended."""
    want = upgrade().want()
    assert want.application == APPLICATION
    assert set(want.sessions_of) == set(want.references) == {VISITOR, ALICE}


def test_only_a_visitors_session_becomes_a_users() -> None:
    """Of all pairs of sessions: every old one temporary and nobody's, no new one temporary."""
    for first, second, new in product(KINDS, KINDS, KINDS):
        facts = Facts(sessions=sessions(VISITOR, first, second) + sessions(ALICE, new))
        decision = upgrade().decide(facts)
        nobodys = all(temporary and not subject for temporary, subject in (first, second))
        [entry] = decision.entries
        assert (entry.action, entry.session) == ("session.upgrade", ALICE)
        assert (entry.at, entry.actor, entry.application) == (NOW, "key-1", APPLICATION)
        assert entry.subject == ""
        if nobodys and not new[0]:
            assert decision.answer is None
            assert decision.changes == (
                MoveStoreGrants(APPLICATION, VISITOR, ALICE),
                EndReference(APPLICATION, VISITOR, UNTIL),
            )
            assert (entry.outcome, entry.reason) == ("allowed", "")
        else:
            assert isinstance(decision.answer, UpgradeRefused)
            assert decision.changes == ()
            assert entry.outcome == "refused"
            old = "the old session is not a temporary one"
            why = "the new session is a temporary one" if nobodys else old
            assert entry.reason == str(decision.answer) == why


def test_what_a_visitor_stored_is_the_users_from_then_on() -> None:
    """Before its grants move, which say what it was: afterwards nobody could tell."""
    facts = Facts(sessions=sessions(VISITOR, (True, None)))
    decision = replace(upgrade(), subject="alice").decide(facts)
    assert decision.changes == (
        AdoptRecords(APPLICATION, VISITOR, "alice"),
        MoveStoreGrants(APPLICATION, VISITOR, ALICE),
        EndReference(APPLICATION, VISITOR, UNTIL),
    )
    assert decision.entries[0].subject == "alice"


def test_what_nobody_knows_the_owner_of_stays_where_it_is() -> None:
    """Where no session of the old reference is known, nothing moves: it may have been a user's."""
    for facts in (Facts(), Facts(sessions=sessions(ALICE, (False, "alice")))):
        decision = upgrade().decide(facts)
        assert decision.answer is None
        assert decision.changes == (EndReference(APPLICATION, VISITOR, UNTIL),)


@pytest.mark.parametrize(
    ("operation", "ended", "why"),
    [
        (upgrade(), {VISITOR}, "one of the two sessions was ended"),
        (upgrade(), {ALICE}, "one of the two sessions was ended"),
        (upgrade(), {VISITOR, ALICE}, "one of the two sessions was ended"),
        (upgrade(VISITOR, VISITOR), set[str](), "the two sessions are the same"),
    ],
)
def test_it_works_once(operation: Upgrade, ended: set[str], why: str) -> None:
    """The old session is ended by it, and an ended one is neither upgraded nor upgraded to."""
    known = sessions(VISITOR, (True, None))
    decision = operation.decide(Facts(ended=frozenset(ended), sessions=known))
    assert isinstance(decision.answer, UpgradeRefused)
    assert (str(decision.answer), decision.changes) == (why, ())
