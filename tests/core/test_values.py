"""Values: what storing, reading, describing and erasing decide, for every caller and session."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from lunasec.errors import LunaSecError
from lunasec.tokenizer.core.changes import PutGrant, PutRecord, SetErased
from lunasec.tokenizer.core.erasing import EraseValues
from lunasec.tokenizer.core.identity import ApplicationCaller, FrameCaller
from lunasec.tokenizer.core.ledger import Action, Facts, Found, Session
from lunasec.tokenizer.core.operation import Operation
from lunasec.tokenizer.core.values import (
    DescribeValues,
    ReadValues,
    StoreValues,
)
from tests.core.decided import BAD_SESSIONS
from tests.stores.made_up import (
    ALICE,
    APPLICATION,
    BACK_END,
    BOB,
    COOKIE,
    FRAME,
    NOW,
    ciphertext,
    found,
    grant,
    name,
    put_record,
    record,
    session,
)

STORE = StoreValues(
    caller=FRAME, values=(put_record(1), put_record(2)), expires_at=NOW + 900, now=NOW
)
READ = ReadValues(caller=FRAME, records=((name(1),), (name(2),)), now=NOW)
DESCRIBE = DescribeValues(caller=FRAME, reference=ALICE, records=((name(1),), (name(2),)), now=NOW)


@pytest.mark.parametrize(("kept", "refusal"), BAD_SESSIONS)
@pytest.mark.parametrize(
    ("operation", "action"),
    [(STORE, "token.store"), (READ, "token.read"), (DESCRIBE, "token.describe")],
)
def test_without_the_frames_own_session_nothing_happens(
    operation: Operation[object], action: str, kept: Session | None, refusal: type[LunaSecError]
) -> None:
    """No session, an ended, a foreign or another user's: refused, logged, nothing changed."""
    decision = operation.decide(Facts(session=kept, found=(found(1), found(2))))
    assert type(decision.answer) is refusal
    assert decision.changes == ()
    [entry] = decision.entries
    assert (entry.action, entry.outcome, entry.reason) == (action, "refused", refusal.code)
    assert (entry.at, entry.application, entry.actor) == (NOW, APPLICATION, "frame")
    assert entry.session == ALICE


def test_storing_asks_for_the_session_alone() -> None:
    """Nothing else decides whether a frame may store."""
    want = STORE.want()
    assert (want.application, want.session, want.records) == (APPLICATION, COOKIE, ())


@pytest.mark.parametrize("subject", [None, "alice"])
def test_stored_values_get_a_store_grant_and_nothing_else(subject: str | None) -> None:
    """The session that made a token may store it, not read it; the record is its subject's."""
    decision = STORE.decide(Facts(session=session(subject=subject)))
    assert decision.answer is None
    grants = [each for each in decision.changes if isinstance(each, PutGrant)]
    records = [each for each in decision.changes if isinstance(each, PutRecord)]
    assert [each.grant for each in grants] == [
        grant(1, action=Action.STORE),
        grant(2, action=Action.STORE),
    ]
    assert records == [put_record(1, subject=subject), put_record(2, subject=subject)]
    assert len(decision.changes) == 4
    [entry] = decision.entries
    assert (entry.action, entry.outcome, entry.reason) == ("token.store", "allowed", "")
    assert entry.records == (name(1).hex(), name(2).hex())
    assert (entry.subject, entry.session) == (subject or "", ALICE)


@pytest.mark.parametrize("caller", [FRAME, BACK_END])
def test_describing_shows_what_may_be_read(caller: FrameCaller | ApplicationCaller) -> None:
    """The same grants decide; looking uses up no read, and no ciphertext is asked for."""
    operation = DescribeValues(caller=caller, reference=ALICE, records=DESCRIBE.records, now=NOW)
    want = operation.want()
    assert (want.application, want.records) == (APPLICATION, DESCRIBE.records)
    assert (want.grants_of, want.action, want.contents) == (ALICE, Action.READ, ())
    assert want.session == (COOKIE if caller is FRAME else None)
    once = found(1, grant=grant(1, reads_left=1), ciphertext=None)
    decision = operation.decide(Facts(session=session(), found=(once, Found())))
    assert decision.answer == (record(1), None)
    assert decision.changes == ()
    actor = "frame" if caller is FRAME else "key-1"
    assert {(e.action, e.actor, e.session) for e in decision.entries} == {
        ("token.describe", actor, ALICE)
    }
    assert [each.outcome for each in decision.entries] == ["allowed", "refused"]


def test_a_frame_describes_for_its_own_session_only() -> None:
    """Whatever reference a request states, the grants of the frame's own session decide."""
    operation = DescribeValues(caller=FRAME, reference=BOB, records=((name(1),),), now=NOW)
    assert operation.want().grants_of == ALICE
    decision = operation.decide(Facts(session=session(), found=(found(1),)))
    assert {each.session for each in decision.entries} == {ALICE}


def test_a_back_end_describes_in_the_name_of_a_session() -> None:
    """An application has no cookie: its word for the session is enough, as it is for a grant."""
    operation = DescribeValues(caller=BACK_END, reference=BOB, records=((name(1),),), now=NOW)
    assert operation.want().grants_of == BOB
    decision = operation.decide(Facts(found=(found(1),)))
    assert decision.answer == (record(1),)


def _kept(number: int, kind: str) -> Found:
    if kind == "absent":
        return Found()
    return Found(record=record(number, erased_at=0 if kind == "erased" else None))


@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.sampled_from(["there", "erased", "absent"])), max_size=8
    )
)
def test_erasing_counts_what_was_there(drawn: list[tuple[int, str]]) -> None:
    """Each record is erased once; what was gone before is refused in the log, never an error."""
    kinds = dict(drawn)
    asked = [number for number, _ in drawn]
    operation = EraseValues(
        caller=BACK_END, records=tuple((name(number),) for number in asked), now=NOW
    )
    assert operation.want().records == operation.records
    assert operation.want().application == APPLICATION
    facts = Facts(found=tuple(_kept(number, kinds[number]) for number in asked))
    decision = operation.decide(facts)
    there = sorted(number for number, kind in kinds.items() if kind == "there")
    assert decision.answer == len(there)
    assert decision.changes == tuple(SetErased(name(number), NOW) for number in there)
    logged = {each.outcome: each.records for each in decision.entries}
    assert ("allowed" in logged) == bool(there)
    assert {each.session for each in decision.entries} <= {""}
    gone = tuple(name(number).hex() for number in asked if kinds[number] != "there")
    assert logged.get("allowed", ()) == tuple(name(number).hex() for number in there)
    assert logged.get("refused", ()) == gone
    assert {each.action for each in decision.entries} <= {"token.erase"}
    assert {each.actor for each in decision.entries} <= {"key-1"}


def test_a_subject_is_the_sessions_and_never_the_requests() -> None:
    """A record that says whose it is gets the session's subject all the same."""
    claimed = replace(STORE.values[0].record, subject="mallory")
    operation = StoreValues(
        caller=FRAME, values=(PutRecord(claimed, ciphertext(1)),), expires_at=NOW + 1, now=NOW
    )
    put, put_grant = operation.decide(Facts(session=session())).changes
    assert put == put_record(1, subject="alice")
    assert put_grant == PutGrant(grant(1, action=Action.STORE, expires_at=NOW + 1))
