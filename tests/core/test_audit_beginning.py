"""The audit log's beginning: one that was taken out is told from one that was cut off."""

from dataclasses import replace
from itertools import product

import pytest
from msgspec.structs import replace as replaced

from lunasec.errors import AuditDamaged
from lunasec.tokenizer.core.audit import Entry, Head, Link, joined, line, through, verify_chain
from tests.core.test_audit import chain, head_of

PRUNED = Entry(action="audit.prune", application="", at=1, outcome="allowed", actor="upkeep")
LENGTH = 5


def written(*, says: int, of: Head, entry: Entry = PRUNED) -> list[Link]:
    """Write entries, one of which says, as an entry like this, where a beginning ended."""
    lines = [f'{{"action":"test","at":{number}}}' for number in range(LENGTH)]
    lines[says] = line(replaced(entry, through=through(of)))
    return chain(lines)


def taken_out(links: list[Link], many: int) -> list[Link]:
    """Take the beginning out, but for the last hash of it."""
    return [replace(links[many - 1], line=""), *links[many:]]


PLACES = [(many, says) for many in range(1, LENGTH) for says in range(many, LENGTH)]


@pytest.mark.parametrize(("many", "says"), PLACES)
def test_a_beginning_that_is_told_of_is_not_missed(many: int, says: int) -> None:
    """Wherever in the rest it is told; the rest ends where the whole log did, also anchored."""
    base = head_of(written(says=says, of=Head(sequence=0, digest=b""))[:many])
    links = written(says=says, of=base)
    kept = taken_out(links, many)
    assert verify_chain(kept, None) == verify_chain(kept, head_of(links)) == head_of(links)
    assert verify_chain(links, None) == head_of(links)


@pytest.mark.parametrize(("many", "says"), PLACES)
def test_a_beginning_that_nobody_tells_of_is_missed(many: int, says: int) -> None:
    """Where nothing is said, or of another end, or by an entry of another kind."""
    base = head_of(written(says=says, of=Head(sequence=0, digest=b""))[:many])
    other = replaced(PRUNED, action="test")
    untold = [
        written(says=says, of=replaced(base, sequence=many + 1)),
        written(says=says, of=replaced(base, digest=bytes(32))),
        written(says=says, of=base, entry=other),
        written(says=many - 1, of=base),
    ]
    for links in untold:
        with pytest.raises(AuditDamaged, match=rf"^Entries up to {many} are missing, and none of"):
            verify_chain(taken_out(links, many), None)


def test_only_the_first_link_may_lack_its_line() -> None:
    """What is emptied further on is a change, and so is a base that the next does not follow."""
    base = head_of(written(says=4, of=Head(sequence=0, digest=b""))[:2])
    kept = taken_out(written(says=4, of=base), 2)
    for at in range(1, len(kept)):
        emptied = [*kept[:at], replace(kept[at], line=""), *kept[at + 1 :]]
        with pytest.raises(AuditDamaged, match=rf"^Entry {at + 2} was"):
            verify_chain(emptied, None)
    for changed in (replace(kept[0], digest=bytes(32)), replace(kept[0], sequence=1)):
        with pytest.raises(AuditDamaged, match=rf"^Entry {changed.sequence + 1} was"):
            verify_chain([changed, *kept[1:]], None)


def test_parts_are_put_together() -> None:
    """Of all overlapping parts: each link once, from the part that has it first."""
    links = chain([str(number) for number in range(LENGTH)])
    bounds = range(LENGTH + 1)
    for start, end, again, last in product(bounds, repeat=4):
        if not start <= again <= end <= last:
            continue
        other = [replace(each, line="from the second") for each in links[again:last]]
        from_second = other[end - again :] if start < end else other
        assert list(joined(links[start:end], other)) == [*links[start:end], *from_second]
    assert list(joined()) == []


@pytest.mark.parametrize("sequence", [0, -1])
def test_a_link_without_a_number_is_passed_on(sequence: int) -> None:
    """Whoever follows the parts hears of it; left out, a log of it alone would be whole."""
    odd = replace(chain(["x"])[0], sequence=sequence)
    assert list(joined([odd], [])) == [odd]
    with pytest.raises(AuditDamaged):
        verify_chain(joined([odd]), None)
