"""Budgets count over a sliding window, and forget what is over."""

from collections import deque

from hypothesis import given
from hypothesis import strategies as st

from lunasec.tokenizer.http.windows import Window

uses = st.lists(st.tuples(st.integers(0, 40), st.integers(1, 20)), max_size=60)


def test_use_counts_for_a_window_and_then_less_and_less() -> None:
    """What was used counts in full in its own window, in part in the next, then not at all."""
    window = Window(seconds=10)
    window.add(("a",), 100, 1000)
    assert [window.used(("a",), 1000 + each) for each in (0, 9, 10, 15, 19, 20)] == [
        100, 100, 100, 50, 10, 0,
    ]  # fmt: skip


@given(steps=uses)
def test_use_is_never_far_from_the_truth(steps: list[tuple[int, int]]) -> None:
    """Never less than what was used in the present window, nor more than in the last two."""
    window, now = Window(seconds=10), 5000
    truth: deque[tuple[int, int]] = deque()
    for wait, cost in steps:
        now += wait
        window.add(("a",), cost, now)
        truth.append((now, cost))
        used = window.used(("a",), now)
        begin = now - now % 10
        assert used >= sum(cost for at, cost in truth if at >= begin)
        assert used <= sum(cost for at, cost in truth if at >= begin - 10)


@given(steps=uses)
def test_keys_do_not_touch_each_other(steps: list[tuple[int, int]]) -> None:
    """One session's use is nothing to another's."""
    both, alone, now = Window(seconds=10), Window(seconds=10), 5000
    for wait, cost in steps:
        now += wait
        both.add(("a",), cost, now)
        both.add(("b",), 1, now)
        alone.add(("a",), cost, now)
        assert both.used(("a",), now) == alone.used(("a",), now)


def test_window_forgets() -> None:
    """However many keys there were, those of the last two windows alone are kept."""
    window = Window(seconds=10)
    for now in range(0, 10_000, 10):
        for each in range(10):
            window.add((str(now), str(each)), 1, now)
        assert len(vars_of(window)) <= 30


def test_clock_that_goes_back_gives_nothing_back() -> None:
    """What was used stays used when the clock is set back."""
    window = Window(seconds=10)
    window.add(("a",), 5, 1000)
    window.add(("a",), 5, 100)
    assert window.used(("a",), 100) >= 10
    assert window.used(("a",), 1000) == 10


def vars_of(window: Window) -> dict[tuple[str, ...], tuple[int, int, int]]:
    """Look at what a window keeps."""
    kept: dict[tuple[str, ...], tuple[int, int, int]] = getattr(window, "_counts")  # noqa: B009
    return kept
