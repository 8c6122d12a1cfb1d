"""The heart of the tokenizer: what may be used, decided on the whole small domain; its log."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lunasec.tokenizer.core.audit import Entry
from lunasec.tokenizer.core.grants import judge
from lunasec.tokenizer.core.ledger import Found
from lunasec.tokenizer.core.verdicts import Allowed, Denial, Denied, entries
from tests.stores.made_up import (
    ALICE,
    APPLICATION,
    NOW,
    found,
    grant,
    name,
    record,
)

RECORDS = (None, record(7), record(7, erased_at=NOW), record(7, erased_at=0))
ENDS = (NOW - 1, NOW, NOW + 1)
READS = (None, -1, 0, 1, 2)
GRANTS = (None, *(grant(7, expires_at=end, reads_left=left) for end, left in product(ENDS, READS)))


def test_only_one_way_leads_to_a_yes() -> None:
    """Of all records and grants, allowed is: there, not erased, granted, not ended, reads left."""
    yes = {
        (kept, granted)
        for kept, granted in product(RECORDS, GRANTS)
        if isinstance(judge(Found(record=kept, grant=granted), (name(7),), NOW), Allowed)
    }
    assert yes == {
        (record(7), grant(7, expires_at=NOW + 1, reads_left=left)) for left in (None, 1, 2)
    }


def test_a_yes_holds_what_it_is_about() -> None:
    """An allowed verdict has the record and the grant that was judged, and no others."""
    assert judge(found(7), (name(7),), NOW) == Allowed(record=record(7), grant=grant(7))


@pytest.mark.parametrize(
    ("seen", "reason"),
    [
        (Found(), Denial.UNKNOWN),
        (Found(grant=grant(7)), Denial.UNKNOWN),
        (found(7, record=record(7, erased_at=0)), Denial.ERASED),
        (found(7, record=record(7, erased_at=NOW), grant=None), Denial.ERASED),
        (found(7, grant=None), Denial.UNGRANTED),
        (found(7, grant=grant(7, expires_at=NOW)), Denial.EXPIRED),
        (found(7, grant=grant(7, expires_at=NOW, reads_left=0)), Denial.EXPIRED),
        (found(7, grant=grant(7, reads_left=0)), Denial.SPENT),
    ],
)
def test_each_no_has_its_reason(seen: Found, reason: Denial) -> None:
    """The audit log tells apart what the caller can't, and names the record it was about."""
    assert judge(seen, (name(7), name(8)), NOW) == Denied(reason=reason, record_id=name(7))


def test_an_unknown_token_is_logged_under_its_newest_name() -> None:
    """What is not there is logged under the first id that it would have."""
    assert judge(Found(), (name(8), name(7)), NOW) == Denied(
        reason=Denial.UNKNOWN, record_id=name(8)
    )


TEMPLATE = Entry(at=NOW, application=APPLICATION, action="x", outcome="", actor="k", session=ALICE)


@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from([None, *Denial])), max_size=8))
def test_each_verdict_is_in_the_log_once(drawn: list[tuple[int, Denial | None]]) -> None:
    """Verdicts become at most two entries, which hold every one, in order, with its reason."""
    verdicts = tuple(
        Allowed(record=record(number), grant=grant(number))
        if reason is None
        else Denied(reason=reason, record_id=name(number))
        for number, reason in drawn
    )
    written = entries(verdicts, TEMPLATE)
    by_outcome = {each.outcome: each for each in written}
    assert len(by_outcome) == len(written)
    yes = tuple(name(number).hex() for number, reason in drawn if reason is None)
    no = [(name(number).hex(), reason.value) for number, reason in drawn if reason is not None]
    assert by_outcome["allowed"].records == yes if yes else "allowed" not in by_outcome
    if not no:
        assert "refused" not in by_outcome
        return
    refused = by_outcome["refused"]
    reasons = refused.reasons or (refused.reason,) * len(no)
    assert list(zip(refused.records, reasons, strict=True)) == no
    alike = len({reason for _, reason in no}) == 1
    assert (bool(refused.reason), bool(refused.reasons)) == (alike, not alike)
    assert {(e.at, e.application, e.action, e.actor, e.session) for e in written} == {
        (NOW, APPLICATION, "x", "k", ALICE)
    }
