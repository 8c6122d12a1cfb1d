"""Pruning: which segment of the audit log goes, and what is said of it."""

from dataclasses import replace
from itertools import product

import pytest
from msgspec.structs import replace as replaced

from lunasec.errors import AuditDamaged
from lunasec.tokenizer.core.audit import Entry, Link, line
from lunasec.tokenizer.core.changes import DropAudit
from lunasec.tokenizer.core.ledger import AuditPrefix, Facts, Want
from lunasec.tokenizer.core.pruning import SEGMENT, PruneAudit
from tests.core.decided import Whole, logged, whole
from tests.core.test_audit import chain
from tests.stores.made_up import NOW

BEFORE = 100
NOTHING: Whole = (0, (), ())
AGES = (BEFORE - 1, BEFORE, BEFORE + 1)


def prune(segment: int) -> PruneAudit:
    """Take out what was written before `BEFORE`, so many entries at once."""
    return PruneAudit(before=BEFORE, anchored=9, now=NOW, segment=segment)


def log(*ages: int, base: bool = False) -> tuple[Link, ...]:
    """Write entries of these moments, behind a beginning that was taken out before."""
    entry = Entry(at=0, application="a", action="b.c", outcome="allowed")
    moments = (0, *ages) if base else ages
    links = chain([line(replaced(entry, at=each)) for each in moments])
    return (replace(links[0], line=""), *links[1:]) if base else tuple(links)


def gone(many: int, end: Link) -> Whole:
    """Say what is decided where so many entries go, the last of them this one."""
    told = f"{end.sequence}:{end.digest.hex()}"
    fields = {"application": "", "actor": "upkeep", "session": ""}
    return many, (DropAudit(end.sequence),), (logged("audit.prune", through=told, **fields),)


def test_it_asks_for_a_segment_and_the_hash_before_it() -> None:
    """Below the anchored entry; a segment is long against the one entry that it costs."""
    prefix = AuditPrefix(below=9, limit=4)
    assert prune(3).want() == Want(application="", audit=prefix)
    assert PruneAudit(before=1, anchored=2, now=3).segment == SEGMENT == 500


@pytest.mark.parametrize("segment", [1, 2, 3])
@pytest.mark.parametrize("base", [False, True])
def test_a_segment_goes_when_all_of_it_is_old(segment: int, *, base: bool) -> None:
    """Of all short logs: exactly a segment, if there is one and none of it is young."""
    for many in range(4):
        for ages in product(AGES, repeat=many):
            links = log(*ages, base=base)
            decision = whole(prune(segment).decide(Facts(audit=links)))
            old = many >= segment and all(at < BEFORE for at in ages[:segment])
            last = links[segment - 1 + base] if old else None
            assert decision == (gone(segment, last) if last else NOTHING)


@pytest.mark.parametrize("base", [False, True])
def test_what_was_tampered_with_is_refused(*, base: bool) -> None:
    """Whichever link it is, and also where its line is no entry; nothing changes, none is told."""
    links = log(1, 1, 1, base=base)
    for at in range(base, len(links)):
        for text in ("x", links[at].line.replace("allowed", "refused")):
            changed = (*links[:at], replace(links[at], line=text), *links[at + 1 :])
            decision = prune(3).decide(Facts(audit=changed))
            assert whole(decision) == (AuditDamaged, (), ())


def test_what_is_behind_the_segment_is_left_alone() -> None:
    """It is not looked at: the next segment is another step."""
    links = log(1, 1, 1)
    changed = (*links[:2], replace(links[2], line="x"))
    assert whole(prune(2).decide(Facts(audit=changed))) == gone(2, links[1])
