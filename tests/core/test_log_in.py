"""Log-ins, decided: which state is whose, what it opens, and what was logged out meanwhile."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from lunasec.encoding import to_base64url
from lunasec.errors import LogInInvalid, SessionEnded
from lunasec.tokenizer.core import log_in
from lunasec.tokenizer.core.changes import PutHandle, PutSession, ShortenSession, UseHandle
from lunasec.tokenizer.core.identity import Person, owner_tag
from lunasec.tokenizer.core.ledger import Facts, Handle, Purpose, Session, Want
from lunasec.tokenizer.core.log_in import LOG_IN_SECONDS, SALT_BYTES, Enter, LogIn, Refuse
from lunasec.tokenizer.core.secret import Secret
from lunasec.tokenizer.core.sessions import LONGEST_SECONDS, OVERLAP_SECONDS, SESSION_SECONDS

NOW = 1_800_000_000
ISSUER = "https://login.example.com"
MINE, OTHER = Secret(bytes(32)), Secret(bytes([1]) * 32)
SALT = bytes(range(SALT_BYTES))
BEGUN = log_in.begin(MINE, "payroll", ISSUER, SALT, NOW)
WHO = log_in.Who(
    application="payroll",
    session_id="i" * 43,
    user_id="u" * 43,
    reference="r" * 43,
    issuer=ISSUER,
    subject="ada",
)
ENTER = Enter(who=WHO, log_in=BEGUN, cookie_hash=b"old", secret_hash=b"new", now=NOW + 5)


USED = (
    PutHandle(
        Handle(
            handle_hash=BEGUN.state_hash,
            application="payroll",
            reference="",
            subject=None,
            temporary=False,
            state="",
            origin="",
            created_at=ENTER.now,
            session_end=ENTER.now,
            used=False,
            purpose=Purpose.LOG_IN,
        )
    ),
    UseHandle(BEGUN.state_hash),
)


def resumed(state: str, binding: Secret = MINE, application: str = "payroll") -> LogIn | None:
    """Bring a state."""
    return log_in.resume(binding, application, ISSUER, state)


def test_a_state_is_of_one_browser_one_application_and_one_issuer() -> None:
    """What it began, it finds again; another finds nothing."""
    assert resumed(BEGUN.state) == BEGUN
    assert resumed(BEGUN.state, OTHER) is None
    assert resumed(BEGUN.state, application="clinic") is None
    assert log_in.resume(MINE, "payroll", "https://other.example.com", BEGUN.state) is None


def test_what_it_is_known_by_differs() -> None:
    """The verifier is not to be had of what others see, and no two log-ins have anything alike."""
    another = log_in.begin(MINE, "payroll", ISSUER, bytes(SALT_BYTES), NOW)
    known = [BEGUN.state, BEGUN.nonce, BEGUN.verifier, another.nonce, another.verifier]
    assert len({*known, another.state, BEGUN.state[-43:], another.state[-43:]}) == 8
    assert (len(BEGUN.nonce), len(BEGUN.verifier)) == (43, 43)  # RFC 7636 wants 43 to 128
    assert BEGUN.state_hash != another.state_hash


@given(st.one_of(st.text(max_size=100), st.binary(max_size=80).map(to_base64url)))
def test_a_state_that_was_made_up(state: str) -> None:
    """It is nobody's, whatever it looks like."""
    assert resumed(state) is None


@given(st.integers(0, len(BEGUN.state) - 1), st.sampled_from("Aa0-_"))
def test_a_state_that_was_changed(at: int, letter: str) -> None:
    """Neither its time nor anything else in it can be another."""
    changed = BEGUN.state[:at] + letter + BEGUN.state[at + 1 :]
    assert (resumed(changed) is None) is (changed != BEGUN.state)


def test_a_state_has_its_time() -> None:
    """Ten minutes, and not a second longer."""
    assert [BEGUN.is_late(NOW + LOG_IN_SECONDS + late) for late in (-1, 0, 1)] == [
        False,
        True,
        True,
    ]


def test_a_refusal_is_written_down() -> None:
    """With its reason, which the browser is not told."""
    refuse = Refuse(application="payroll", reason="why", now=NOW)
    assert refuse.want() == Want(application="payroll")
    decision = refuse.decide(Facts())
    [entry] = decision.entries
    assert isinstance(decision.answer, LogInInvalid)
    assert not decision.answer.detail
    assert (entry.action, entry.outcome, entry.reason) == ("session.log_in", "refused", "why")
    assert (entry.actor, entry.at, entry.application) == ("browser", NOW, "payroll")


def test_a_session_is_opened() -> None:
    """For whom the provider names; it has an owner, and fifteen minutes."""
    assert ENTER.want() == Want(
        application="payroll",
        session=b"old",
        handle=BEGUN.state_hash,
        references=("r" * 43, "i" * 43),
        log_outs=("r" * 43, "u" * 43),
    )
    decision = ENTER.decide(Facts())
    now = ENTER.now
    session = Session(
        secret_hash=b"new",
        application="payroll",
        reference="r" * 43,
        subject="ada",
        temporary=False,
        created_at=now,
        expires_at=now + SESSION_SECONDS,
        absolute_end=now + LONGEST_SECONDS,
        session_id="i" * 43,
        user_id="u" * 43,
        owner=owner_tag("payroll", ISSUER, "ada"),
    )
    assert (decision.answer, decision.changes) == (session, (*USED, PutSession(session)))
    [entry] = decision.entries
    assert (entry.action, entry.outcome, entry.reason) == ("session.log_in", "allowed", "")
    assert (entry.session, entry.subject, entry.actor) == ("r" * 43, "ada", "browser")
    assert (entry.application, entry.at) == ("payroll", now)


def test_what_was_said_is_kept_in_its_session() -> None:
    """All of it, for the policies that ask."""
    said = Person(acr="gold", groups=("support",), auth_time=NOW)
    opened = replace(ENTER, who=replace(WHO, person=said)).decide(Facts()).answer
    assert isinstance(opened, Session)
    assert opened.person == said


def old(**more: object) -> Session:
    """Give the session that the browser has so far."""
    session = ENTER.decide(Facts()).answer
    assert isinstance(session, Session)
    return replace(session, secret_hash=b"old", **more)


@pytest.mark.parametrize(
    ("before", "end", "overlap"),
    [
        (old(absolute_end=NOW + 100), NOW + 100, OVERLAP_SECONDS),
        (old(absolute_end=NOW + 100, expires_at=ENTER.now), None, OVERLAP_SECONDS),
        (old(absolute_end=NOW + 100, reference="x" * 43), None, 0),
        (old(absolute_end=ENTER.now + 2 * LONGEST_SECONDS), None, OVERLAP_SECONDS),
    ],
    ids=["renewed", "ended", "another", "from afar"],
)
def test_the_session_before(before: Session, end: int | None, overlap: int) -> None:
    """A renewal does not begin the twelve hours anew; whatever was there ends."""
    decision = ENTER.decide(Facts(session=before))
    assert isinstance(decision.answer, Session)
    assert decision.answer.absolute_end == (end or ENTER.now + LONGEST_SECONDS)
    assert decision.answer.expires_at == min(ENTER.now + SESSION_SECONDS, end or 2 * NOW)
    assert decision.changes[:2] == USED
    assert decision.changes[2] == ShortenSession(b"old", ENTER.now + overlap)


def test_a_state_counts_once() -> None:
    """It is used up where it opens a session, and then opens no other."""
    decision = ENTER.decide(Facts(handle=replace(USED[0].handle, used=True)))
    assert isinstance(decision.answer, LogInInvalid)
    assert (decision.answer.detail, decision.changes, decision.entries) == ("used state", (), ())


@pytest.mark.parametrize(
    ("facts", "refused"),
    [
        (Facts(ended=frozenset({"r" * 43})), True),
        (Facts(ended=frozenset({"i" * 43})), True),
        (Facts(log_outs=(NOW,)), True),
        (Facts(log_outs=(NOW - 1, NOW + 1)), True),
        (Facts(log_outs=(NOW - 1,)), False),
    ],
)
def test_what_was_logged_out(facts: Facts, *, refused: bool) -> None:
    """A log-in counts only if it was begun after the log-out."""
    decision = ENTER.decide(facts)
    assert isinstance(decision.answer, SessionEnded) is refused
    assert bool(decision.changes) is not refused
    said = ("refused", "session_ended") if refused else ("allowed", "")
    assert [(each.outcome, each.reason) for each in decision.entries] == [said]
