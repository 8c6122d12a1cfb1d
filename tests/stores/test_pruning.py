"""The audit log's beginning is taken out, on every store, and what is left can be followed."""

import pytest
from msgspec.structs import replace

from lunasec.errors import AuditDamaged
from lunasec.tokenizer.core.audit import Entry, joined, verify_chain
from lunasec.tokenizer.core.ledger import AuditPrefix, Facts, Want
from lunasec.tokenizer.core.operation import Decision
from lunasec.tokenizer.core.pruning import SEGMENT, PruneAudit
from lunasec.tokenizer.stores.memory import MemoryStore
from lunasec.tokenizer.stores.sqlite import SqliteStore
from tests.stores.conftest import AnyStore
from tests.stores.lines import execute, links
from tests.stores.made_up import NOW, Apply
from tests.stores.whole import Whole, fresh_keys


async def filled(store: AnyStore, *at: int) -> None:
    """Write entries of these moments."""
    await store.transact(_Written(at))


class _Written(Apply):
    """An operation that leaves entries of moments of one's choice."""

    def __init__(self, at: tuple[int, ...]) -> None:
        """Name the moments."""
        super().__init__()
        self.at = at

    def decide(self, facts: Facts) -> Decision[int]:  # noqa: ARG002 - an operation's signature
        """Write them down."""
        entry = Entry(at=0, application="payroll", action="test", outcome="allowed")
        return Decision(answer=0, entries=tuple(replace(entry, at=each) for each in self.at))


def prune(before: int, *, anchored: int = 100, segment: int = 3) -> PruneAudit:
    """Take out a short segment."""
    return PruneAudit(before=before, anchored=anchored, now=NOW, segment=segment)


async def test_whole_segments_go_and_the_rest_is_whole(store: AnyStore) -> None:
    """What is old goes, segment by segment; the chain of the rest goes on to the same end."""
    await filled(store, *[1] * 7, 5, 5)
    earlier = links(store)
    assert [await store.transact(prune(2)) for _ in range(4)] == [3, 3, 0, 0]
    kept = links(store)
    assert [each.sequence for each in kept] == [6, 7, 8, 9, 10, 11]
    assert [each.line == "" for each in kept] == [True, *[False] * 5]
    assert verify_chain(kept, None) == await store.head()
    assert verify_chain(joined(earlier, kept), await store.head()) == await store.head()


async def test_nothing_young_goes(store: AnyStore) -> None:
    """An entry that is not old enough keeps its whole segment, and all that follows."""
    await filled(store, 1, 2, 1, 1, 1, 1)
    assert await store.transact(prune(2)) == 0
    assert len(links(store)) == 6


async def test_the_anchored_entry_stays(store: AnyStore) -> None:
    """The entry that the anchor names, and all behind it, are left to be compared with it."""
    await filled(store, *[1] * 7)
    anchor = links(store)[5]
    assert await store.transact(prune(2, anchored=anchor.sequence, segment=6)) == 0
    assert await store.transact(prune(2, anchored=anchor.sequence, segment=5)) == 5
    assert anchor in links(store)


async def test_a_beginning_that_somebody_cut_off_is_found(store: AnyStore) -> None:
    """Only the log itself can say that its beginning was taken out: else it was somebody else."""
    await filled(store, *[1] * 7)
    await store.transact(prune(2))
    whole = links(store)
    cut = [type(whole[2])(sequence=whole[2].sequence, line="", digest=whole[2].digest), *whole[3:]]
    for damaged in (cut, whole[1:], [whole[0], *whole[2:]]):
        with pytest.raises(AuditDamaged):
            verify_chain(damaged, None)


async def test_what_was_tampered_with_stays(sqlite: SqliteStore) -> None:
    """A segment that does not follow is evidence: it is refused, and nothing is taken out."""
    await filled(sqlite, *[1] * 7)
    statement = "UPDATE audit SET line = replace(line, 'allowed', 'refused') WHERE sequence = 2"
    execute(sqlite._path, statement)  # pyright: ignore[reportPrivateUsage]
    answer = await sqlite.transact(prune(2))
    assert isinstance(answer, AuditDamaged)
    assert len(links(sqlite)) == 7


async def test_a_prefix_is_asked_for(store: AnyStore) -> None:
    """As many links as wanted, below the one that is named, from the first there is."""
    await filled(store, *[1] * 7)
    for below, limit, wanted in ((100, 2, [1, 2]), (3, 9, [1, 2]), (1, 9, []), (0, 9, [])):
        want = Want(application="", audit=AuditPrefix(below=below, limit=limit))
        assert [each.sequence for each in (await store.look(want)).audit] == wanted


async def test_upkeep_keeps_the_log_as_long_as_it_is_told() -> None:
    """Without a duration everything stays; with one, whole segments go when they are over."""
    store = MemoryStore()
    for keep, left in ((None, SEGMENT + 10), (100, SEGMENT + 10), (10, 11)):
        whole = Whole(store, fresh_keys(), audit_keep=keep)
        if not store.audit:
            await filled(store, *[NOW - 50] * (SEGMENT + 10))
        await whole.upkeep.run(NOW)
        assert len(store.audit) == left
    assert verify_chain(links(store), None) == await store.head()
    assert links(store)[0].sequence == SEGMENT
