"""Whose a token is: who counts as its owner, and what a ruling makes of a verdict."""

import hashlib
from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from lunasec.errors import StepUpRequired
from lunasec.tokenizer.core.audit import Entry
from lunasec.tokenizer.core.erasing import Claim, EraseValues
from lunasec.tokenizer.core.files import FindFile
from lunasec.tokenizer.core.identity import Person, owner_tag
from lunasec.tokenizer.core.ledger import Facts, Found, Record
from lunasec.tokenizer.core.policy import (
    GRANTS_ALONE,
    STEP_UP,
    Act,
    Asking,
    Ruling,
    asking_of,
    is_owner,
    named,
    ruled,
)
from lunasec.tokenizer.core.values import DescribeValues, ReadValues, Release
from lunasec.tokenizer.core.verdicts import Allowed, Denial, Denied, entries
from tests.stores.made_up import (
    ALICE,
    APPLICATION,
    BACK_END,
    BOB,
    FRAME,
    NOW,
    OTHER,
    found,
    grant,
    name,
    record,
    session,
)

HERS, HIS = b"alice's", b"bob's"
YES = Ruling(allows=True, rule="yes")
NO = Ruling(allows=False, rule="no")
WAIT = Ruling(allows=False, rule="fresh", step_up=True)
IDS = ((name(1),), (name(2),), (name(3),))


class Says:
    """Rules as it is told, in order, and remembers what it was asked."""

    governs: bool = True

    def __init__(self, *rulings: Ruling) -> None:
        """Take the rulings."""
        self._rulings = rulings
        self.asked: list[tuple[Asking, list[Record | None]]] = []

    def rule(self, asking: Asking, records: Sequence[Record | None]) -> Sequence[Ruling]:
        """Give them."""
        self.asked.append((asking, [*records]))
        return self._rulings


@pytest.mark.parametrize("whose", [None, HERS, HIS])
@pytest.mark.parametrize("who", [None, HERS, HIS])
@pytest.mark.parametrize("application", [APPLICATION, OTHER])
def test_an_owner_is_who_made_it(whose: bytes | None, who: bytes | None, application: str) -> None:
    """The same verified subject, within one application; nobody is nobody's owner."""
    asking = asking_of(FRAME, session(owner=who), Act.READ, NOW)
    theirs = record(1, owner=whose, application=application)
    assert is_owner(asking, theirs) is (
        whose == who and who is not None and application == APPLICATION
    )


def test_an_owners_name_is_of_all_three() -> None:
    """The label, then each behind its length of four bytes: a format, which no release changes."""
    written = b"\0\0\0\x10lunasec/owner/v1\0\0\0\1a\0\0\0\2bc\0\0\0\1d"
    assert owner_tag("a", "bc", "d") == hashlib.sha256(written).digest()


def test_without_a_session_or_a_record_there_is_no_owner() -> None:
    """What is not there owns nothing, and is nobody's."""
    asking = asking_of(FRAME, None, Act.READ, NOW)
    assert not is_owner(asking, record(1, owner=HERS))
    assert not is_owner(asking_of(FRAME, session(owner=HERS), Act.READ, NOW), None)


def test_grants_alone_are_never_asked() -> None:
    """It says that it governs nothing; asked all the same, it refuses."""
    assert not GRANTS_ALONE.governs
    asking = asking_of(FRAME, session(owner=HERS), Act.READ, NOW)
    rulings = GRANTS_ALONE.rule(asking, [record(1, owner=HERS), None])
    assert rulings == [Ruling(allows=False, rule="")] * 2
    judged = (Allowed(record=record(1), grant=grant(1)),)
    assert ruled(GRANTS_ALONE, asking, judged, (found(1),)) is judged


def test_a_ruling_takes_and_never_gives() -> None:
    """Granted and allowed is allowed; a ruling does nothing for what is not granted."""
    asking = asking_of(FRAME, session(), Act.READ, NOW)
    yes, no = (
        Allowed(record=record(1), grant=grant(1)),
        Denied(reason=Denial.UNGRANTED, record_id=b"x"),
    )
    for ruling, then in (
        (YES, Allowed(record=record(1), grant=grant(1), rule="yes")),
        (NO, Denied(reason=Denial.POLICY, record_id=name(1), rule="no")),
        (WAIT, Denied(reason=Denial.STEP_UP, record_id=name(1), rule="fresh")),
    ):
        judged = ruled(Says(ruling, ruling), asking, (yes, no), (found(1), Found()))
        assert judged == (then, no)


def test_all_is_ruled_on_whatever_is_there() -> None:
    """A policy hears of each token of a request, in order, once: absent and ungranted ones too."""
    says = Says(YES, YES, YES)
    person = Person(acr="high")
    operation = ReadValues(caller=replace(FRAME, person=person), records=IDS, now=NOW, policy=says)
    there = (found(1), Found(), found(3, grant=None))
    decision = operation.decide(Facts(session=session(), found=there))
    [(asking, records)] = says.asked
    assert records == [record(1), None, record(3)]
    assert (asking.session, asking.person, asking.act, asking.now) == (
        session(),
        person,
        Act.READ,
        NOW,
    )
    assert isinstance(decision.answer, tuple)
    assert [isinstance(each, Release) for each in decision.answer] == [True, False, False]


def test_a_policy_hears_who_does_what_and_when() -> None:
    """A frame for its session, a back end for the one that it names, whatever is to be done."""
    says = Says(NO)
    frame = replace(FRAME, person=Person(acr="high"))
    claim = Claim(policy=says, reference=ALICE)
    facts = Facts(session=session(), sessions=(session(),), found=(found(1),))
    for operation in (
        FindFile(caller=frame, record=IDS[0], now=NOW, policy=says),
        DescribeValues(caller=frame, reference=BOB, records=IDS[:1], now=NOW, policy=says),
        EraseValues(caller=BACK_END, records=IDS[:1], claim=claim, now=NOW),
    ):
        operation.decide(facts)
    asking = Asking(
        application=APPLICATION, session=session(), person=frame.person, act=Act.READ, now=NOW
    )
    assert [each for each, _ in says.asked] == [
        asking,
        replace(asking, act=Act.DESCRIBE),
        replace(asking, act=Act.ERASE, person=None),
    ]


def test_who_is_asking_is_said_by_the_request_before_the_log_in() -> None:
    """A proxy tells with each request; without one, what the provider said at the log-in stands."""
    said, now_said = Person(acr="high"), Person(acr="low")
    asking = asking_of(FRAME, session(person=said), Act.READ, NOW)
    assert asking.person == said
    frame = replace(FRAME, person=now_said)
    assert asking_of(frame, session(person=said), Act.READ, NOW).person == now_said
    assert asking_of(FRAME, session(), Act.READ, NOW).person is None
    assert asking_of(FRAME, None, Act.READ, NOW).person is None


def test_a_step_up_is_told_in_its_place() -> None:
    """For a value, for a description, and for a segment of a file."""
    facts = Facts(session=session(), found=(found(1),))
    for operation in (
        ReadValues(caller=FRAME, records=IDS[:1], now=NOW, policy=Says(WAIT)),
        DescribeValues(caller=FRAME, reference=ALICE, records=IDS[:1], now=NOW, policy=Says(WAIT)),
    ):
        decision = operation.decide(facts)
        assert decision.answer == (STEP_UP,)
        assert [(each.reason, each.rule) for each in decision.entries] == [
            ("step-up required", "fresh")
        ]
    find = FindFile(caller=FRAME, record=IDS[0], now=NOW, policy=Says(WAIT))
    assert isinstance(find.decide(facts).answer, StepUpRequired)


def test_t2b_a_session_that_is_over_stands_for_nobody() -> None:
    """A back end names a live session, of that reference, or none."""
    live, over = session(owner=HERS), session(owner=HERS, expires_at=NOW)
    assert named([live], ALICE, NOW) == live
    assert named([over], ALICE, NOW) is None
    assert named([live], BOB, NOW) is None
    assert named([], ALICE, NOW) is None


def test_rules_stand_beside_their_records() -> None:
    """One for all, or one for each; where there is no policy, none."""
    template = Entry(at=NOW, application=APPLICATION, action="x", outcome="", actor="k")
    verdicts = tuple(
        Allowed(record=record(number), grant=grant(number), rule=rule)
        for number, rule in ((1, "a"), (2, "b"), (3, "a"))
    )
    [both] = entries(verdicts, template)
    assert (both.rule, both.rules) == ("", ("a", "b", "a"))
    [one] = entries(verdicts[::2], template)
    assert (one.rule, one.rules) == ("a", ())
    [none] = entries((Allowed(record=record(1), grant=grant(1)),), template)
    assert (none.rule, none.rules) == ("", ())
