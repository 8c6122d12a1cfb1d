"""Storing, reading and describing where tokens have owners: the owner's sessions, nobody else's."""

import pytest

from lunasec.errors import NotGranted
from lunasec.tokenizer.core.changes import CountRead
from lunasec.tokenizer.core.files import FindFile
from lunasec.tokenizer.core.ledger import Facts, File, Found
from lunasec.tokenizer.core.policy import (
    GRANTS_ALONE,
    OWNER,
    Act,
    OwnersAlone,
    Policy,
)
from lunasec.tokenizer.core.values import DescribeValues, ReadValues, Release, StoreValues
from tests.stores.made_up import (
    ALICE,
    BACK_END,
    FRAME,
    NOW,
    found,
    grant,
    name,
    put_record,
    record,
    session,
)

HERS, HIS = b"alice's", b"bob's"
OWNED = OwnersAlone()
IDS = ((name(1),), (name(2),), (name(3),))


def owned(number: int, owner: bytes | None) -> Found:
    """Find a record of somebody's, granted."""
    return found(number, record=record(number, owner=owner))


@pytest.mark.parametrize("act", [Act.READ, Act.COPY])
def test_reading_is_the_owners(act: Act) -> None:
    """What is another's is answered like what is not granted, costs no read, and is logged."""
    there = (owned(1, HERS), owned(2, HIS), owned(3, None))
    copied = tuple(
        Found(record=each.record, grant=grant(number, may_copy=True, reads_left=1))
        for number, each in enumerate(there, start=1)
    )
    operation = ReadValues(caller=FRAME, records=IDS, purpose=act, now=NOW, policy=OWNED)
    decision = operation.decide(Facts(session=session(owner=HERS), found=copied))
    assert isinstance(decision.answer, tuple)
    assert [isinstance(each, Release) for each in decision.answer] == [True, False, False]
    assert decision.answer[1:] == (None, None)
    assert [each.grant.record_id for each in decision.changes if isinstance(each, CountRead)] == [
        name(1)
    ]
    allowed, refused = decision.entries
    assert (allowed.rule, refused.rule, refused.reason) == (OWNER, OWNER, "not allowed by policy")


def test_what_is_withheld_weighs_nothing() -> None:
    """How large another's values are does not turn an answer into a refusal."""
    large = record(1, owner=HIS, size=9 * 2**20)
    operation = ReadValues(caller=FRAME, records=IDS[:1], now=NOW, policy=OWNED)
    there = Found(record=large, grant=grant(1))
    assert operation.decide(Facts(session=session(owner=HERS), found=(there,))).answer == (None,)


@pytest.mark.parametrize(("owner", "opens"), [(HERS, True), (HIS, False), (None, False)])
def test_a_file_is_its_owners(owner: bytes | None, *, opens: bool) -> None:
    """A segment is given as its manifest would be; a refusal names the rule."""
    file = File(blob=b"b", size=1)
    there = Found(record=record(1, owner=owner, file=file), grant=grant(1, reads_left=0))
    find = FindFile(caller=FRAME, record=IDS[0], now=NOW, policy=OWNED)
    decision = find.decide(Facts(session=session(owner=HERS), found=(there,)))
    if opens:
        assert (decision.answer, decision.entries) == (file, ())
        return
    assert isinstance(decision.answer, NotGranted)
    [entry] = decision.entries
    assert (entry.action, entry.rule) == ("file.read", OWNER)


@pytest.mark.parametrize("policy", [GRANTS_ALONE, OWNED])
def test_a_back_end_describes_in_a_session(policy: Policy) -> None:
    """Only where there are owners the session is looked up; then it is the owner's, or nothing."""
    operation = DescribeValues(
        caller=BACK_END, reference=ALICE, records=IDS[:2], now=NOW, policy=policy
    )
    governed = policy.governs
    assert operation.want().sessions_of == ((ALICE,) if governed else ())
    there = (owned(1, HERS), owned(2, HIS))
    for sessions, seen in (
        ((session(owner=HERS),), [True, not governed]),
        ((), [not governed] * 2),
    ):
        answer = operation.decide(Facts(sessions=sessions, found=there)).answer
        assert isinstance(answer, tuple)
        assert [each is not None for each in answer] == seen


def test_storing_makes_an_owner() -> None:
    """A record is the session's owner's, whatever the frame says; without one, nobody's."""
    store = StoreValues(
        caller=FRAME, values=(put_record(1, owner=HIS),), expires_at=NOW + 900, now=NOW
    )
    for owner in (HERS, None):
        first = store.decide(Facts(session=session(owner=owner))).changes[0]
        assert first.record.owner == owner  # type: ignore[union-attr]
