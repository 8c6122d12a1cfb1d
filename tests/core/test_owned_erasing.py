"""Erasing where tokens have owners: by the owner's live session, or not at all."""

from typing import Any

import pytest

from lunasec.tokenizer.core.changes import SetErased
from lunasec.tokenizer.core.erasing import Claim, Erased, EraseSubject, EraseValues
from lunasec.tokenizer.core.ledger import Batch, Facts, Found, OfSubject
from lunasec.tokenizer.core.policy import OWNER, OwnersAlone
from tests.stores.made_up import (
    ALICE,
    APPLICATION,
    BACK_END,
    BOB,
    NOW,
    found,
    name,
    record,
    session,
)

HERS, HIS = b"alice's", b"bob's"
OWNED = OwnersAlone()
IDS = ((name(1),), (name(2),), (name(3),))


def owned(number: int, owner: bytes) -> Found:
    """Find a record of somebody's."""
    return found(number, record=record(number, owner=owner))


@pytest.mark.parametrize(
    ("reference", "sessions", "erased"),
    [
        (ALICE, (session(owner=HERS),), [1]),
        (ALICE, (session(owner=HERS, expires_at=NOW),), []),
        (ALICE, (session(owner=None),), []),
        (ALICE, (), []),
        (BOB, (session(owner=HIS, reference=BOB),), [2]),
        (None, (), []),
    ],
)
def test_erasing_is_the_owners(
    reference: str | None, sessions: tuple[Any, ...], erased: list[int]
) -> None:
    """Tokens, and a person's, go by the owner's live session alone."""
    claim = Claim(policy=OWNED, reference=reference)
    there = (owned(1, HERS), owned(2, HIS), Found())
    values = EraseValues(caller=BACK_END, records=IDS, claim=claim, now=NOW)
    assert values.want().sessions_of == ((reference,) if reference else ())
    decision = values.decide(Facts(sessions=sessions, found=there))
    assert decision.answer == len(erased)
    assert [each.record_id for each in decision.changes if isinstance(each, SetErased)] == [
        name(each) for each in erased
    ]
    assert {each.session for each in decision.entries} == {reference or ""}
    whole = EraseSubject(
        application=APPLICATION, actor="k", subject="alice", claim=claim, now=NOW, limit=9
    )
    assert whole.want().sessions_of == values.want().sessions_of
    batch = whole.decide(Facts(sessions=sessions, batch=there[:2]))
    assert batch.answer == Erased(erased=len(erased), kept=2 - len(erased))
    assert batch.changes == decision.changes
    for entry in (*decision.entries, *batch.entries):
        assert OWNER in (entry.rule, *entry.rules)
        assert entry.session == (reference or "")
    kept = [name(each).hex() for each in (1, 2) if each not in erased]
    said = [
        ("allowed", "", [name(each).hex() for each in erased]),
        ("refused", "not allowed by policy", kept),
    ]
    written = [(each.outcome, each.reason, [*each.records]) for each in batch.entries]
    assert written == said[0 if erased else 1 :]


def test_a_batch_begins_after_what_was_kept() -> None:
    """What the policy keeps would else be found again for ever."""
    whole = EraseSubject(
        application=APPLICATION, actor="k", subject="alice", now=NOW, limit=9, skip=4
    )
    assert whole.want().batch == Batch(condition=OfSubject(APPLICATION, "alice"), limit=9, skip=4)


def test_erasing_without_owners_asks_for_no_session() -> None:
    """Where tokens have no owners, a session that was named changes nothing."""
    claim = Claim(reference=ALICE)
    values = EraseValues(caller=BACK_END, records=IDS[:1], claim=claim, now=NOW)
    assert values.want().sessions_of == ()
    decision = values.decide(Facts(found=(owned(1, HIS),)))
    assert (decision.answer, [each.rule for each in decision.entries]) == (1, [""])
