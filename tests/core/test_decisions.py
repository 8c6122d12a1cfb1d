"""What holds for every operation: it is logged in full, and believes no store that mixes tokens."""

import pytest

from lunasec.errors import LunaSecError
from lunasec.tokenizer.core.erasing import EraseValues
from lunasec.tokenizer.core.grants import CreateGrants, RevokeAccess, VerifyGrants
from lunasec.tokenizer.core.ledger import Action, Facts, Found
from lunasec.tokenizer.core.log_out import End
from lunasec.tokenizer.core.operation import Operation
from lunasec.tokenizer.core.sessions import Offer, Prove, Redeem
from lunasec.tokenizer.core.upgrade import Upgrade
from lunasec.tokenizer.core.upkeep import Relock
from lunasec.tokenizer.core.values import DescribeValues, ReadValues, StoreValues
from tests.stores.made_up import (
    ALICE,
    APPLICATION,
    BACK_END,
    BOB,
    COOKIE,
    FRAME,
    NOW,
    found,
    handle,
    key,
    name,
    put_record,
    record,
    session,
)

IDS = ((name(1),), (name(2),))
ABOUT_TOKENS: list[Operation[object]] = [
    CreateGrants(
        caller=BACK_END, reference=ALICE, records=IDS, expires_at=NOW + 1, max_reads=None, now=NOW
    ),
    VerifyGrants(caller=BACK_END, reference=ALICE, records=IDS, action=Action.STORE, now=NOW),
    ReadValues(caller=FRAME, records=IDS, now=NOW),
    DescribeValues(caller=FRAME, reference=ALICE, records=IDS, now=NOW),
    EraseValues(caller=BACK_END, records=IDS, now=NOW),
    Relock(application=APPLICATION, keys=((key(1), key(1)), (key(2), key(2))), now=NOW),
]
OTHERS: list[Operation[object]] = [
    StoreValues(caller=FRAME, values=(put_record(1),), expires_at=NOW + 1, now=NOW),
    RevokeAccess(caller=BACK_END, reference=ALICE, records=IDS, now=NOW),
    Offer(caller=BACK_END, handle=handle()),
    Redeem(
        application=APPLICATION,
        handle_hash=name(2),
        state="s" * 43,
        fetched=True,
        cookie_hash=COOKIE,
        secret_hash=name(3),
        now=NOW,
    ),
    End(caller=BACK_END, reference=ALICE, now=NOW),
    Upgrade(caller=BACK_END, old=BOB, new=ALICE, now=NOW),
    Prove(caller=FRAME, now=NOW),
]
OPERATIONS = [*ABOUT_TOKENS, *OTHERS]
NOTHING = Facts(found=(Found(), Found()))
EVERYTHING = Facts(found=(found(1), found(2)), session=session(), handle=handle())
ENDED = Facts(
    found=(found(1), Found(record=record(2, erased_at=0))),
    session=session(reference=BOB),
    handle=handle(used=True),
    ended=frozenset({ALICE, BOB}),
)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda each: type(each).__name__)
def test_whatever_is_decided_is_in_the_log(operation: Operation[object]) -> None:
    """Each entry says when, for whom, what and with which outcome; refusals say why."""
    for facts in (NOTHING, EVERYTHING, ENDED):
        decision = operation.decide(facts)
        refused = isinstance(decision.answer, LunaSecError)
        for each in decision.entries:
            assert (each.at, each.application) == (NOW, APPLICATION)
            assert each.action.count(".") == 1
            assert each.outcome == "refused" if refused else each.outcome in {"allowed", "refused"}
            assert (each.outcome == "refused") == bool(each.reason or each.reasons)
            assert all(len(number) == 64 for number in each.records)
        assert decision.entries or not (decision.changes or refused)


@pytest.mark.parametrize("operation", ABOUT_TOKENS, ids=lambda each: type(each).__name__)
def test_answers_for_other_tokens_are_refused(operation: Operation[object]) -> None:
    """A store that finds more or fewer tokens than were asked for is not believed in anything."""
    for count in (0, 1, 3):
        facts = Facts(found=tuple(map(found, range(count))), session=session())
        with pytest.raises(ValueError, match="argument"):
            operation.decide(facts)
