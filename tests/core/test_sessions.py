"""Sessions: every way a cookie can stand; how one is offered, proven and ended."""

from itertools import product

import pytest
from msgspec.structs import replace

from lunasec.errors import (
    LunaSecError,
    NoSession,
    SessionChanged,
    SessionEnded,
)
from lunasec.tokenizer.core.audit import Entry
from lunasec.tokenizer.core.changes import (
    PutHandle,
)
from lunasec.tokenizer.core.identity import FrameCaller, Person
from lunasec.tokenizer.core.ledger import Facts, Session
from lunasec.tokenizer.core.sessions import (
    HANDLE_SECONDS,
    LONGEST_SECONDS,
    OVERLAP_SECONDS,
    RENEW_AFTER,
    SESSION_SECONDS,
    Offer,
    Prove,
    standing,
)
from tests.stores.made_up import (
    ALICE,
    APPLICATION,
    BACK_END,
    BOB,
    COOKIE,
    FRAME,
    NOW,
    OTHER,
    handle,
    session,
)


def test_lifetimes_are_those_of_the_protocol() -> None:
    """15 minutes, renewed at 10, 30 s of overlap, a handle for 60 s, 12 hours at the most."""
    assert (SESSION_SECONDS, RENEW_AFTER, OVERLAP_SECONDS) == (900, 600, 30)
    assert (HANDLE_SECONDS, LONGEST_SECONDS) == (60, 12 * 3600)


def test_one_of_which_nothing_is_known_is_none_where_policies_ask() -> None:
    """Whatever a policy forbids by a claim, it would not forbid there."""
    asked = replace(FRAME, needs_person=True)
    assert isinstance(standing(asked, session(), NOW), NoSession)
    known = session(person=Person())
    assert standing(asked, known, NOW) == standing(FRAME, known, NOW) == known


def test_one_standing_alone_is_good() -> None:
    """Of every session and every frame, good is: of this application, not ended, of this page."""
    for application, reference, end in product(
        (APPLICATION, OTHER), (ALICE, BOB), (NOW - 1, NOW, NOW + 1)
    ):
        kept = session(application=application, reference=reference, expires_at=end)
        answer = standing(FRAME, kept, NOW)
        if application != APPLICATION or end <= NOW:
            assert isinstance(answer, NoSession)
        elif reference != ALICE:
            assert isinstance(answer, SessionChanged)
        else:
            assert answer is kept
    assert isinstance(standing(FRAME, None, NOW), NoSession)


def test_a_frame_is_pinned_to_its_own_reference() -> None:
    """The same cookie is another session for a page that was made for another user."""
    frame = FrameCaller(application=APPLICATION, session_hash=COOKIE, reference=BOB)
    assert isinstance(standing(frame, session(), NOW), SessionChanged)
    assert standing(frame, session(reference=BOB), NOW) == session(reference=BOB)


def test_an_offer_is_kept() -> None:
    """A handle is kept for a reference that was not ended, and the log says who vouched."""
    offer = Offer(caller=BACK_END, handle=handle())
    assert (offer.want().application, offer.want().references) == (APPLICATION, (ALICE,))
    decision = offer.decide(Facts())
    assert (decision.answer, decision.changes) == (None, (PutHandle(handle()),))
    [entry] = decision.entries
    assert (entry.action, entry.outcome, entry.reason) == ("session.offer", "allowed", "")
    assert (entry.at, entry.actor, entry.session, entry.subject) == (NOW, "key-1", ALICE, "alice")


@pytest.mark.parametrize("subject", [None, "alice"])
def test_an_ended_reference_does_not_come_back(subject: str | None) -> None:
    """After log-out the application can't vouch for the same session again."""
    offer = Offer(caller=BACK_END, handle=handle(subject=subject))
    decision = offer.decide(Facts(ended=frozenset({ALICE})))
    assert isinstance(decision.answer, SessionEnded)
    assert decision.changes == ()
    [entry] = decision.entries
    assert (entry.outcome, entry.reason) == ("refused", "ended")
    assert entry.subject == (subject or "")


@pytest.mark.parametrize(
    ("kept", "refusal"),
    [
        (session(), None),
        (None, NoSession),
        (session(expires_at=NOW), NoSession),
        (session(reference=BOB), SessionChanged),
    ],
)
def test_a_session_is_proven(kept: Session | None, refusal: type[LunaSecError] | None) -> None:
    """Before a request costs anything, its frame's session is looked for; a refusal is logged."""
    prove = Prove(caller=FRAME, now=NOW)
    assert (prove.want().application, prove.want().session) == (APPLICATION, COOKIE)
    decision = prove.decide(Facts(session=kept))
    assert decision.changes == ()
    if refusal is None:
        assert (decision.answer, decision.entries) == (kept, ())
        return
    assert type(decision.answer) is refusal
    [entry] = decision.entries
    assert entry == Entry(
        at=NOW,
        application=APPLICATION,
        action="session.prove",
        outcome="refused",
        reason=refusal.code,
        actor="frame",
        session=ALICE,
    )
