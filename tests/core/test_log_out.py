"""Log-out: what ends, for how long it is remembered, and who may come back."""

import pytest
from msgspec.structs import replace

from lunasec.errors import LogOutInvalid, SessionEnded
from lunasec.tokenizer.core.changes import (
    EndReference,
    PutLogOut,
    PutSession,
    RenewSession,
    UseLogOutToken,
)
from lunasec.tokenizer.core.identity import FrameCaller, Proxied
from lunasec.tokenizer.core.ledger import Facts
from lunasec.tokenizer.core.log_out import PROXIED_SECONDS, End, EndProxied, LogOut
from lunasec.tokenizer.core.proxied import Enter
from lunasec.tokenizer.core.sessions import standing
from tests.core.decided import logged
from tests.stores.made_up import ALICE, APPLICATION, BACK_END, BOB, COOKIE, NOW, name, session

TOKEN = UseLogOutToken(APPLICATION, name(9), NOW + 330)
LATER = NOW + PROXIED_SECONDS


def told(**named: str | bool) -> EndProxied:
    """Say what an identity provider says."""
    fields: dict[str, object] = {"token_hash": name(9), "token_until": NOW + 330, "key_id": "key"}
    return EndProxied(log_out=LogOut(application=APPLICATION, **fields, **named), now=NOW)  # type: ignore[arg-type]


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


def test_log_out_behind_a_proxy() -> None:
    """What the proxy's own sessions are is refused for longer than anything that it has signed."""
    end = End(caller=BACK_END, reference=ALICE, now=NOW, proxied=True)
    assert end.decide(Facts()).changes == (EndReference(APPLICATION, ALICE, LATER),)


def test_log_out_of_a_user() -> None:
    """Where the reference is a user's, only what was signed before is refused."""
    end = End(caller=BACK_END, reference=ALICE, now=NOW, proxied=True, shared=True)
    assert end.decide(Facts()).changes == (
        EndReference(APPLICATION, ALICE, None),
        PutLogOut(APPLICATION, ALICE, NOW, LATER),
    )


def test_what_an_identity_provider_ends() -> None:
    """A user's session by its reference; a session and a user by what is found, and by name."""
    found = Facts(sessions=(session(), session(secret_hash=name(2)), session(reference=BOB)))
    both = (EndReference(APPLICATION, ALICE, LATER), EndReference(APPLICATION, BOB, LATER))
    named = told(reference=ALICE)
    assert named.want().sessions_under == ""
    assert named.decide(found).changes == (TOKEN, both[0])
    by_session = told(session_id="one")
    assert (by_session.want().sessions_under, by_session.want().log_out_token) == ("one", name(9))
    theirs = (TOKEN, *both, EndReference(APPLICATION, "one", LATER))
    assert by_session.decide(found).changes == theirs
    by_user = told(user_id="ada")
    assert by_user.want().sessions_under == "ada"
    assert by_user.decide(found).changes == (
        TOKEN,
        *both,
        PutLogOut(APPLICATION, "ada", NOW, LATER),
    )
    shared = told(user_id="ada", reference=ALICE, shared=True)
    assert shared.want().sessions_under == ""
    assert shared.decide(found).changes == (
        TOKEN,
        EndReference(APPLICATION, ALICE, None),
        PutLogOut(APPLICATION, "ada", NOW, LATER),
    )


def test_each_session_that_ends_is_written_down() -> None:
    """By its reference; where there was none, that a log-out came all the same."""
    entry = logged("session.log_out", actor="key", subject="ada")
    two = Facts(sessions=(session(reference=BOB), session()))
    by_user = told(user_id="ada", subject="ada")
    assert by_user.decide(two).entries == (entry, replace(entry, session=BOB))
    assert by_user.decide(Facts()).entries == (replace(entry, session=""),)


def test_a_used_token_changes_nothing() -> None:
    """And is written down."""
    decision = told(user_id="ada", subject="ada").decide(Facts(log_out_token_used=True))
    assert isinstance(decision.answer, LogOutInvalid)
    assert decision.changes == ()
    [entry] = decision.entries
    assert (entry.action, entry.outcome, entry.actor) == ("session.log_out", "refused", "key")
    assert (entry.at, entry.application, entry.subject) == (NOW, APPLICATION, "ada")
    assert (entry.reason, entry.session) == ("used token", "")


def visitor(login: int, session_id: str = "ada") -> Enter:
    """Ask for the session of a user, or of a proxy's session of hers."""
    who = Proxied(
        application=APPLICATION,
        reference=ALICE,
        issuer="https://proxy.example.com",
        subject="ada",
        session_id=session_id,
        user_id="ada",
        login=login,
    )
    return Enter(who=who, pinned=ALICE, now=NOW)


@pytest.mark.parametrize("session_id", ["ada", "one"])
def test_who_is_refused_after_a_log_out(session_id: str) -> None:
    """Whoever may have logged in before it, by any of the names; and who was ended whole."""
    want = visitor(NOW, session_id).want()
    assert (want.references, want.log_outs) == ((ALICE, session_id), (ALICE, "ada"))
    for at, refused in ((NOW - 1, False), (NOW, True), (NOW + 1, True)):
        facts = Facts(log_outs=(NOW - 9, at))
        answer = visitor(NOW, session_id).decide(facts).answer
        assert isinstance(answer, SessionEnded) is refused
    ended = visitor(NOW, session_id).decide(Facts(ended=frozenset({session_id})))
    assert isinstance(ended.answer, SessionEnded)


def test_a_users_session_knows_its_oldest_log_in() -> None:
    """It is let in by that; sessions of the proxy's own need not know."""
    [made] = visitor(5).decide(Facts()).changes
    assert isinstance(made, PutSession)
    assert (made.session.login, made.session.session_id, made.session.user_id) == (5, "ada", "ada")
    kept = session(secret_hash=visitor(5).who.name, login=5)
    assert visitor(6).decide(Facts(session=kept)).changes == ()
    [older] = visitor(4).decide(Facts(session=kept)).changes
    assert isinstance(older, RenewSession)
    assert older.login == 4
    [own] = visitor(5, "one").decide(Facts()).changes
    assert isinstance(own, PutSession)
    assert own.session.login == 0


def test_a_token_from_before_the_log_in() -> None:
    """It proves no session, however alive that is; one that is as old or newer does."""
    for login, stands in ((4, False), (5, True), (6, True)):
        frame = FrameCaller(
            application=APPLICATION, session_hash=COOKIE, reference=ALICE, login=login
        )
        kept = session(login=5)
        assert (standing(frame, kept, NOW) == kept) is stands
