"""The checker itself: it accepts what can have happened and nothing else."""

from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from tests.durability.linearizable import UNKNOWN, Done, linearizable


def done(what: str, value: int, began: float, ended: float, *, at: int = 0) -> Done:
    """Make one thing that was done while the clock said `at`."""
    return Done(
        what=what,  # type: ignore[arg-type]
        value=value,
        began=began,
        ended=ended,
        earliest=at,
        latest=at,
    )


def test_one_after_another() -> None:
    """What does not overlap happened in its order."""
    granted, revoked = done("grant", 9, 1, 2), done("revoke", 0, 3, 4)
    assert linearizable([granted, done("read", 1, 2.5, 2.6), revoked, done("read", 0, 5, 6)])
    assert not linearizable([granted, revoked, done("read", 1, 5, 6)])
    assert not linearizable([granted, done("read", 0, 5, 6)])
    assert not linearizable([done("read", 1, 0, 0.5), granted])


def test_what_overlaps_may_be_either_way() -> None:
    """A read beside a revocation may see it or not; after it, no read sees the grant again."""
    granted, revoked = done("grant", 9, 1, 2), done("revoke", 0, 3, 10)
    yes, no = done("read", 1, 4, 5), done("read", 0, 4, 5)
    assert linearizable([granted, revoked, yes])
    assert linearizable([granted, revoked, no])
    assert linearizable([granted, revoked, yes, done("read", 0, 6, 7)])
    assert not linearizable([granted, revoked, no, done("read", 1, 6, 7)])


def test_a_grant_ends_by_itself() -> None:
    """A read is allowed while the clock may have been before the end, refused when past it."""
    granted = done("grant", 9, 1, 2)
    assert linearizable([granted, done("read", 1, 3, 4, at=8)])
    assert not linearizable([granted, done("read", 1, 3, 4, at=9)])
    assert linearizable([granted, done("read", 0, 3, 4, at=9)])
    assert not linearizable([granted, done("read", 0, 3, 4, at=8)])


def test_what_nobody_heard_of_may_have_happened_or_not() -> None:
    """A revocation that was cut off may be seen at once, late or never."""
    granted, cut_off = done("grant", 9, 1, 2), done("revoke", 0, 3, UNKNOWN)
    yes, no = done("read", 1, 4, 5), done("read", 0, 6, 7)
    assert linearizable([granted, cut_off, yes])
    assert linearizable([granted, cut_off, yes, no])
    assert linearizable([granted, cut_off, no])
    assert not linearizable([granted, cut_off, done("read", 0, 4, 5), done("read", 1, 6, 7)])


EVENTS = st.tuples(
    st.sampled_from(["grant", "revoke", "read"]),
    st.integers(0, 1),
    st.integers(0, 9),
    st.integers(1, 5),
)


@given(st.lists(EVENTS, max_size=5))
def test_it_agrees_with_trying_every_order(drawn: list[tuple[str, int, int, int]]) -> None:
    """On small histories the answer is that of trying all orders that time allows."""
    history = [
        done(what, 9 if what == "grant" else value, began, began + length)
        for what, value, began, length in drawn
    ]
    assert linearizable(history) == any(map(_possible, permutations(history)))


def _possible(order: tuple[Done, ...]) -> bool:
    state: int | None = None
    for number, each in enumerate(order):
        if any(later.ended < each.began for later in order[number:]):
            return False
        could_be, state = each.follow(state)
        if not could_be:
            return False
    return True
