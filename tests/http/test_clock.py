"""The clock that all is judged by, which never goes back."""

import time

from lunasec.tokenizer.wiring import SteadyClock


def test_clock_is_never_set_back() -> None:
    """The tokenizer's own clock goes on where the machine's is set back, and follows it forward."""
    wall, running = [1000.0], [50.0]
    clock = SteadyClock(lambda: wall[0], lambda: running[0])
    told: list[int] = []
    for wall_step, running_step in ((10, 10), (-3600, 10), (5, 5), (3000, 1), (700, 1), (9000, 1)):
        wall[0] += wall_step
        running[0] += running_step
        told.append(clock())
    assert told == [1010, 1020, 1025, 1026, 1115, 10115]


def test_clock_tells_the_time() -> None:
    """On a machine whose clock is left alone, it is the machine's."""
    assert abs(SteadyClock()() - time.time()) < 2
