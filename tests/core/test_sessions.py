"""Sessions: every way a cookie can stand, every handle, and what renewal and log-out leave."""

from itertools import product

import pytest

from lunasec.errors import HandleInvalid, NoSession, SessionChanged, SessionEnded
from lunasec.tokenizer.core.changes import (
    EndReference,
    PutHandle,
    PutSession,
    ShortenSession,
    UseHandle,
)
from lunasec.tokenizer.core.identity import FrameCaller
from lunasec.tokenizer.core.ledger import Facts, Handle, Session
from lunasec.tokenizer.core.sessions import (
    HANDLE_SECONDS,
    LONGEST_SECONDS,
    OVERLAP_SECONDS,
    RENEW_AFTER,
    SESSION_SECONDS,
    End,
    Offer,
    Redeem,
    Unfit,
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
    name,
    session,
)

FRESH = name(99)


def test_lifetimes_are_those_of_the_protocol() -> None:
    """15 minutes, renewed at 10, 30 s of overlap, a handle for 60 s, 12 hours at the most."""
    assert (SESSION_SECONDS, RENEW_AFTER, OVERLAP_SECONDS) == (900, 600, 30)
    assert (HANDLE_SECONDS, LONGEST_SECONDS) == (60, 12 * 3600)


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


def redeem(*, state: str = "s" * 43, fetched: bool = True, now: int = NOW) -> Redeem:
    """Bring the handle from a browser that has Alice's old cookie."""
    return Redeem(
        application=APPLICATION,
        handle_hash=name(2),
        state=state,
        fetched=fetched,
        cookie_hash=COOKIE,
        secret_hash=FRESH,
        now=now,
    )


def test_a_browser_is_looked_up_by_its_handle_and_its_cookie() -> None:
    """The handle, and the session that the browser has so far."""
    want = redeem().want()
    assert (want.application, want.handle, want.session) == (APPLICATION, name(2), COOKIE)


HANDLES = [
    None,
    *(
        handle(used=used, application=application, created_at=made, session_end=end)
        for used, application, made, end in product(
            (False, True),
            (APPLICATION, OTHER),
            (NOW - HANDLE_SECONDS - 1, NOW - HANDLE_SECONDS, NOW - HANDLE_SECONDS + 1, NOW),
            (NOW - 1, NOW, NOW + 1, NOW + 3600),
        )
    ),
]


def unfit(kept: Handle | None, *, bound: bool, fetched: bool) -> Unfit | None:
    """Say what the protocol says of a handle, step by step."""
    steps = (
        (kept is None, Unfit.UNKNOWN),
        (kept is not None and kept.used, Unfit.USED),
        (kept is not None and kept.application != APPLICATION, Unfit.FOREIGN),
        (kept is not None and NOW - kept.created_at >= HANDLE_SECONDS, Unfit.OLD),
        (kept is not None and kept.session_end <= NOW, Unfit.OLD),
        (not bound, Unfit.UNBOUND),
        (not fetched, Unfit.DESTINATION),
    )
    return next((reason for wrong, reason in steps if wrong), None)


@pytest.mark.parametrize("fetched", [True, False])
@pytest.mark.parametrize("state", ["s" * 43, "t" * 43, "s" * 42, ""])
def test_only_a_fresh_handle_in_its_own_browser_opens(state: str, *, fetched: bool) -> None:
    """Of every handle, binding and destination, one kind opens; whatever comes, it is used up."""
    opened = 0
    for kept in HANDLES:
        decision = redeem(state=state, fetched=fetched).decide(Facts(handle=kept))
        why = unfit(kept, bound=state == "s" * 43, fetched=fetched)
        [entry] = decision.entries
        assert entry.action == "session.redeem"
        assert entry.session == (ALICE if kept else "")
        assert entry.subject == ("alice" if kept else "")
        assert (UseHandle(name(2)) in decision.changes) == (kept is not None)
        if why is None:
            opened += 1
            assert (entry.outcome, entry.reason) == ("allowed", "")
            assert isinstance(decision.answer, Session)
        else:
            assert isinstance(decision.answer, HandleInvalid)
            assert decision.changes == ((UseHandle(name(2)),) if kept else ())
            assert (entry.outcome, entry.reason) == ("refused", why)
    assert opened == (4 if fetched and state == "s" * 43 else 0)


def test_the_browser_is_never_told_why() -> None:
    """All refusals of a handle are one: only the log knows the reason."""
    answers = {str(redeem(fetched=False).decide(Facts(handle=kept)).answer) for kept in HANDLES}
    assert len(answers) == 1


@pytest.mark.parametrize(
    ("session_end", "expires_at", "absolute_end"),
    [
        (NOW + 1, NOW + 1, NOW + 1),
        (NOW + 899, NOW + 899, NOW + 899),
        (NOW + 901, NOW + 900, NOW + 901),
        (NOW + 12 * 3600 + 1, NOW + 900, NOW + 12 * 3600),
    ],
)
@pytest.mark.parametrize("temporary", [False, True])
@pytest.mark.parametrize("subject", [None, "alice"])
def test_a_session_ends_with_the_first_of_its_ends(
    session_end: int, expires_at: int, absolute_end: int, subject: str | None, *, temporary: bool
) -> None:
    """In 15 minutes, with the application's session, or after 12 hours: whichever comes first."""
    kept = handle(session_end=session_end, subject=subject, temporary=temporary)
    decision = redeem().decide(Facts(handle=kept))
    made = Session(
        secret_hash=FRESH,
        application=APPLICATION,
        reference=ALICE,
        subject=subject,
        temporary=temporary,
        created_at=NOW,
        expires_at=expires_at,
        absolute_end=absolute_end,
    )
    assert decision.answer == made
    assert decision.changes == (UseHandle(name(2)), PutSession(made))
    [entry] = decision.entries
    assert (entry.at, entry.subject) == (NOW, subject or "")


@pytest.mark.parametrize(
    ("old", "change"),
    [
        (None, ()),
        (session(application=OTHER), ()),
        (session(), (ShortenSession(COOKIE, NOW + 30),)),
        (session(reference=BOB), (ShortenSession(COOKIE, NOW),)),
    ],
)
def test_the_browsers_old_session_ends(old: Session | None, change: tuple[object, ...]) -> None:
    """After the overlap for the same user, at once for another, and never another application's."""
    decision = redeem().decide(Facts(handle=handle(), session=old))
    first, *middle, last = decision.changes
    assert (first, tuple(middle)) == (UseHandle(name(2)), change)
    assert isinstance(last, PutSession)


def test_a_failed_redemption_leaves_the_old_session_alone() -> None:
    """Nobody is logged out by a handle that somebody else planted."""
    decision = redeem(state="").decide(Facts(handle=handle(), session=session(reference=BOB)))
    assert decision.changes == (UseHandle(name(2)),)


def test_log_out_ends_everything() -> None:
    """Sessions, grants and handles of the reference go, and it is refused for 12 hours."""
    end = End(caller=BACK_END, reference=ALICE, now=NOW)
    assert end.want().application == APPLICATION
    decision = end.decide(Facts())
    assert decision.answer is None
    assert decision.changes == (EndReference(APPLICATION, ALICE, NOW + 12 * 3600),)
    [entry] = decision.entries
    assert (entry.action, entry.outcome, entry.session) == ("session.end", "allowed", ALICE)
    assert (entry.at, entry.actor, entry.application) == (NOW, "key-1", APPLICATION)
