"""Reading: what is released, how often and how much of it at once."""

from collections import Counter

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lunasec.errors import TooLarge
from lunasec.tokenizer.core.changes import CountRead
from lunasec.tokenizer.core.ledger import Action, Facts, Found
from lunasec.tokenizer.core.policy import Act
from lunasec.tokenizer.core.values import ReadValues, Release
from tests.stores.made_up import (
    ALICE,
    APPLICATION,
    COOKIE,
    FRAME,
    NOW,
    found,
    grant,
    name,
    record,
    session,
)

READ = ReadValues(caller=FRAME, records=((name(1),), (name(2),)), now=NOW)


def test_reading_asks_for_everything_but_what_it_may_not_release() -> None:
    """The session, the records and its grants to read; no ciphertext before that is decided."""
    want = READ.want()
    assert (want.application, want.session, want.records) == (APPLICATION, COOKIE, READ.records)
    assert (want.grants_of, want.action, want.contents) == (ALICE, Action.READ, ())


@pytest.mark.parametrize("subject", [None, "alice"])
def test_what_is_granted_is_released(subject: str | None) -> None:
    """A release has the record and the end of its grant; a denial has nothing."""
    kept = session(subject=subject)
    decision = READ.decide(Facts(session=kept, found=(found(1), found(2, grant=None))))
    released = Release(record=record(1), expires_at=NOW + 900)
    assert decision.answer == (released, None)
    assert decision.changes == ()
    allowed, refused = decision.entries
    assert (allowed.outcome, allowed.records) == ("allowed", (name(1).hex(),))
    assert (refused.outcome, refused.records) == ("refused", (name(2).hex(),))
    assert {allowed.subject, refused.subject} == {subject or ""}
    assert {allowed.action, refused.action} == {"token.read"}


def test_an_unknown_token_is_logged_under_its_newest_name() -> None:
    """What nobody made is in the log under the first id that it would have."""
    operation = ReadValues(caller=FRAME, records=((name(8), name(7)),), now=NOW)
    decision = operation.decide(Facts(session=session(), found=(Found(),)))
    [entry] = decision.entries
    assert (entry.reason, entry.records) == ("unknown token", (name(8).hex(),))


@given(st.lists(st.integers(0, 3), max_size=9), st.lists(st.none() | st.integers(0, 3), min_size=4))
def test_no_token_is_read_more_often_than_granted(asked: list[int], left: list[int | None]) -> None:
    """However often a token is asked for in one request, each release counts down."""
    operation = ReadValues(caller=FRAME, records=tuple((name(each),) for each in asked), now=NOW)
    facts = Facts(
        session=session(),
        found=tuple(found(each, grant=grant(each, reads_left=left[each])) for each in asked),
    )
    decision = operation.decide(facts)
    assert isinstance(decision.answer, tuple)
    released = Counter(
        number for number, each in zip(asked, decision.answer, strict=True) if each is not None
    )
    for number, often in Counter(asked).items():
        limit = left[number]
        assert released[number] == (often if limit is None else min(often, limit))
    counted = Counter(
        each.grant.record_id for each in decision.changes if isinstance(each, CountRead)
    )
    limited = {number: often for number, often in released.items() if left[number] is not None}
    assert counted == {name(number): often for number, often in limited.items() if often}
    assert len(decision.changes) == sum(counted.values())
    assert sum(len(each.records) for each in decision.entries) == len(asked)


@pytest.mark.parametrize(("over", "answered"), [(0, True), (1, False)])
def test_an_answer_has_a_bound(over: int, *, answered: bool) -> None:
    """Of granted values 8 MiB are released at once; a byte more is refused whole, and logged."""
    half = 4 * 2**20
    pair = (
        found(1, record=record(1, size=half + over, metadata=())),
        found(2, record=record(2, size=half, metadata=())),
    )
    decision = READ.decide(Facts(session=session(), found=pair))
    assert isinstance(decision.answer, TooLarge) != answered
    if not answered:
        assert "8388608 bytes" in str(decision.answer)
        [entry] = decision.entries
        assert (entry.outcome, entry.reason, entry.records) == ("refused", "too_large", ())
        assert decision.changes == ()


def test_metadata_counts_for_the_bound() -> None:
    """What is told about a value is in the answer, too, with all that JSON makes of it."""
    size = 8 * 2**20 - len(msgspec.json.encode({"label": "\0" * 100}))
    there = found(1, record=record(1, size=size, metadata=(("label", "\0" * 100),)))
    small = found(2, record=record(2, size=0, metadata=()))
    decision = READ.decide(Facts(session=session(), found=(there, small)))
    assert isinstance(decision.answer, TooLarge)


def test_what_is_not_released_does_not_count_for_the_bound() -> None:
    """A large value that is not granted does not keep a small one back."""
    large = found(1, record=record(1, size=9 * 2**20), grant=None)
    decision = READ.decide(Facts(session=session(), found=(large, found(2))))
    assert isinstance(decision.answer, tuple)
    assert [each is not None for each in decision.answer] == [False, True]


def test_the_first_of_two_reads_is_the_one_that_counts() -> None:
    """With one read left, the first of two equal tokens is released and the second is not."""
    once = found(1, grant=grant(1, reads_left=1))
    operation = ReadValues(caller=FRAME, records=((name(1),), (name(1),)), now=NOW)
    decision = operation.decide(Facts(session=session(), found=(once, once)))
    assert isinstance(decision.answer, tuple)
    assert [each is not None for each in decision.answer] == [True, False]
    [refused] = [each for each in decision.entries if each.outcome == "refused"]
    assert (refused.reason, refused.records) == ("no reads left", (name(1).hex(),))


@pytest.mark.parametrize("left", [None, 0, 1])
@pytest.mark.parametrize("may_copy", [False, True])
@pytest.mark.parametrize("purpose", [Act.READ, Act.COPY])
def test_copying_is_an_action_of_its_own(purpose: Act, left: int | None, *, may_copy: bool) -> None:
    """A grant to read is none to copy; a copy is a read under its own name in the log."""
    operation = ReadValues(caller=FRAME, records=((name(1),),), purpose=purpose, now=NOW)
    there = found(1, grant=grant(1, reads_left=left, may_copy=may_copy))
    decision = operation.decide(Facts(session=session(), found=(there,)))
    assert isinstance(decision.answer, tuple)
    released = left != 0 and (may_copy or purpose is Act.READ)
    [answer], [entry] = decision.answer, decision.entries
    assert isinstance(answer, Release) is released
    assert not isinstance(answer, Release) or answer.may_copy is may_copy
    assert entry.action == f"token.{purpose}"
    assert entry.outcome == ("allowed" if released else "refused")
    assert len(decision.changes) == (released and left is not None)
    if not released:
        assert entry.reason == ("no reads left" if left == 0 else "copying not granted")
