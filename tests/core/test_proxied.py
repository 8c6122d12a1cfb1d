"""Sessions that an auth proxy vouches for: entered, kept, renewed, and refused once ended."""

from itertools import product

import pytest
from msgspec.structs import replace

from lunasec.errors import LunaSecError, SessionChanged, SessionEnded
from lunasec.tokenizer.core.changes import PutSession, RenewSession
from lunasec.tokenizer.core.identity import Proxied
from lunasec.tokenizer.core.ledger import Facts, Session, Want
from lunasec.tokenizer.core.proxied import Enter, is_fresh
from tests.core.decided import logged, whole
from tests.stores.made_up import ALICE, APPLICATION, BOB, NOW, OTHER, session

WHO = Proxied(
    application=APPLICATION,
    session_id="her session",
    user_id="her name",
    login=NOW - 90,
    reference=ALICE,
    issuer="https://proxy.example.com",
    subject="alice",
)


def enter(pinned: str = ALICE) -> Enter:
    """Ask for Alice's session from a page that was made for this one."""
    return Enter(who=WHO, pinned=pinned, now=NOW)


def proxied(**times: int) -> Session:
    """Make Alice's session as the proxy's word alone makes it, of now or of these times."""
    made = {"created_at": NOW, "expires_at": NOW + 900, "absolute_end": NOW + 12 * 3600}
    ids = {"session_id": WHO.session_id, "user_id": WHO.user_id}
    return session(secret_hash=WHO.name, owner=WHO.owner, **ids, **{**made, **times})


ENTERED = logged("session.enter", subject="alice")
KEPT = [
    proxied(created_at=made, expires_at=end)
    for made, end in product(
        (NOW - 601, NOW - 600, NOW - 599, NOW), (NOW - 1, NOW, NOW + 1, NOW + 900)
    )
]


def test_it_asks_for_the_session_and_whether_it_was_ended() -> None:
    """By the name that nobody can send a cookie for, by the reference, the proxy's id, the user."""
    assert enter().want() == Want(
        application=APPLICATION,
        session=WHO.name,
        references=(ALICE, WHO.session_id),
        log_outs=(ALICE, WHO.user_id),
    )


def test_a_session_has_a_name_of_its_own() -> None:
    """No two applications, and no two references, have the same; the subject is no part of it."""
    others = [replace(WHO, application=OTHER), replace(WHO, reference=BOB)]
    assert len({WHO.name, *(each.name for each in others)}) == 3
    assert replace(WHO, subject="bob").name == WHO.name
    assert len(WHO.name) == 32


def test_the_first_entry_opens_a_session() -> None:
    """For 15 minutes, and 12 hours at the most, in the name of the proxy's subject."""
    decision = enter().decide(Facts())
    assert whole(decision) == (proxied(), (PutSession(proxied()),), (ENTERED,))


@pytest.mark.parametrize("kept", KEPT)
def test_a_session_is_renewed_when_it_is_due(kept: Session) -> None:
    """After ten minutes, or when it is over; until then it is what it was, and not logged again."""
    fresh = kept.expires_at > NOW and kept.created_at + 600 > NOW
    assert is_fresh(kept, NOW) == fresh
    decision = enter().decide(Facts(session=kept))
    renewed = (proxied(), (RenewSession(WHO.name, NOW, NOW + 900),), (ENTERED,))
    assert whole(decision) == ((kept, (), ()) if fresh else renewed)


@pytest.mark.parametrize("kept", [None, *KEPT])
@pytest.mark.parametrize(
    ("pinned", "ended", "refusal"),
    [
        (BOB, frozenset[str](), SessionChanged),
        (BOB, frozenset({ALICE}), SessionChanged),
        (ALICE, frozenset({ALICE}), SessionEnded),
        (ALICE, frozenset({WHO.session_id}), SessionEnded),
    ],
)
def test_another_page_and_an_ended_session_are_refused(
    kept: Session | None, pinned: str, ended: frozenset[str], refusal: type[LunaSecError]
) -> None:
    """Whatever session there is; nothing changes, and the log says whom the proxy named."""
    decision = enter(pinned).decide(Facts(session=kept, ended=ended))
    assert whole(decision) == (
        refusal,
        (),
        (logged("session.enter", refusal.code, subject="alice"),),
    )
