"""An older copy of the database is told from the right one (T26)."""

from itertools import product

from lunasec.tokenizer.core.rollback import SERVED, Mark, Standing, compare


def mark(store_id: str, incarnation: int, generation: int) -> Mark:
    """Make a mark."""
    return Mark(store_id=store_id, incarnation=incarnation, generation=generation)


def test_all_standings() -> None:
    """On the whole of a small domain, each pair of store and mark has the standing that it should.

    With a mark: another id is foreign; fewer restores, or as many and less far, is behind.
    """
    for store, beside in product(product("ab", range(3), range(3)), repeat=2):
        standing = compare(mark(*store), mark(*beside))
        if store[0] != beside[0]:
            assert standing is Standing.FOREIGN
        else:
            assert (standing is Standing.BEHIND) == (store[1:] < beside[1:])
            assert (standing is Standing.CURRENT) == (store == beside)
            assert (standing is Standing.AHEAD) == (store[1:] > beside[1:])


def test_without_a_mark_only_an_unused_store_is_fresh() -> None:
    """Where the mark is missing, a store that was ever used or restored is not taken for new."""
    for incarnation, generation in product(range(3), repeat=2):
        fresh = (incarnation, generation) == (0, 0)
        standing = compare(mark("a", incarnation, generation), None)
        assert standing is (Standing.FRESH if fresh else Standing.UNMARKED)


def test_only_three_standings_are_served() -> None:
    """A store is served when it is new, exactly right, or ahead by what nobody was told."""
    assert {Standing.FRESH, Standing.CURRENT, Standing.AHEAD} == SERVED


def test_t26_no_copy_that_lacks_an_answered_change_is_served() -> None:
    """T26: over all short histories with crashes, a copy is served only if it lacks nothing told.

    Each step is a change that was committed, marked and answered (2), committed and lost in a crash
    before the mark (1), or marked before the crash and never answered (0). A copy is taken after
    each step and brought back at the end.
    """
    for steps in product(range(3), repeat=5):
        store, beside, answered = 0, 0, 0
        copies = [0]
        for step in steps:
            store += 1
            if step != 1:
                beside = store
            if step == 2:
                answered = store
            copies.append(store)
        for copy in copies:
            served = compare(mark("a", 0, copy), mark("a", 0, beside)) in SERVED
            assert not served or copy >= answered, steps
        assert compare(mark("a", 0, store), mark("a", 0, beside)) in SERVED
