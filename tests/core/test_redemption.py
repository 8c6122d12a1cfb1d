"""Redemption: every handle in every browser, and what a renewal leaves of the old session."""

from itertools import product

import pytest

from lunasec.errors import (
    HandleInvalid,
)
from lunasec.tokenizer.core.changes import (
    PutSession,
    ShortenSession,
    UseHandle,
)
from lunasec.tokenizer.core.ledger import Facts, Handle, Session
from lunasec.tokenizer.core.sessions import (
    HANDLE_SECONDS,
    Redeem,
    Unfit,
)
from tests.stores.made_up import (
    ALICE,
    APPLICATION,
    BOB,
    COOKIE,
    NOW,
    OTHER,
    handle,
    name,
    session,
)

FRESH = name(99)


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


@pytest.mark.parametrize("reference", [ALICE, BOB])
@pytest.mark.parametrize("expires_at", [NOW - 1, NOW, NOW + 1])
@pytest.mark.parametrize("old_end", [NOW + 100, NOW + 3600, NOW + 7200])
def test_a_renewal_does_not_prolong_the_whole(
    reference: str, expires_at: int, old_end: int
) -> None:
    """A live session of the same reference hands its own end on; any other begins anew."""
    old = session(reference=reference, expires_at=expires_at, absolute_end=old_end)
    decision = redeem().decide(Facts(handle=handle(session_end=NOW + 5000), session=old))
    assert isinstance(decision.answer, Session)
    renewed = reference == ALICE and expires_at > NOW
    end = min(NOW + 5000, old_end) if renewed else NOW + 5000
    assert decision.answer.absolute_end == end
    assert decision.answer.expires_at == min(NOW + 900, end)


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
