"""Refused reads are counted before they are known: what waits together finds no more room."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lunasec.errors import TooManyRequests
from lunasec.tokenizer.http import refusals
from lunasec.tokenizer.http.budgets import APPLICATION_REFUSALS, SESSION_REFUSALS, Budgets
from lunasec.tokenizer.http.metrics import Metrics
from lunasec.tokenizer.http.refusals import WAITING, Refusals

NOW = 1_800_000_000


class Scene:
    """Requests that ask for tokens, and wait until they are answered."""

    def __init__(self) -> None:
        """Start with nobody there."""
        self.budgets = Budgets({}, Metrics())
        self.refusals = Refusals(self.budgets, lambda: NOW)
        self.inside = self.refused = self.turned_away = 0
        self.go = asyncio.Event()

    async def one(self, tokens: int, refused: int, who: str = "ada") -> None:
        """Ask for tokens, and be refused some of them."""
        try:
            async with self.refusals.reserve("payroll", who, tokens) as asked:
                self.inside += 1
                await self.go.wait()
                self.inside -= 1
                self.refused += refused
                asked.answered(refused=refused)
        except TooManyRequests:
            self.turned_away += 1

    def is_empty(self) -> bool:
        """Say whether nothing is left of anybody."""
        left = vars(self.refusals)
        return not left["_under_way"] and not left["_lanes"]


async def settled() -> None:
    """Let everybody go on as far as he can."""
    for _ in range(10):
        await asyncio.sleep(0)


async def test_t17_guesses_at_one_instant_find_no_more_room() -> None:
    """Of sixty requests that wait together, no more are let through than one after the other."""
    scene = Scene()
    tasks = [asyncio.create_task(scene.one(10, 10)) for _ in range(60)]
    await settled()
    assert scene.inside == SESSION_REFUSALS // 10
    scene.go.set()
    await asyncio.gather(*tasks)
    assert (scene.refused, scene.turned_away) == (SESSION_REFUSALS, 50)
    assert scene.is_empty()


async def test_nobody_is_turned_away_for_what_he_may_read() -> None:
    """A session that reads whole pages at once gets all of them, however many wait."""
    scene = Scene()
    tasks = [asyncio.create_task(scene.one(1000, 0)) for _ in range(WAITING + 1)]
    others = [asyncio.create_task(scene.one(1000, 0, f"{each}")) for each in range(5)]
    await settled()
    assert scene.inside == 1 + len(others)
    scene.go.set()
    await asyncio.gather(*tasks, *others)
    assert scene.turned_away == 0
    assert scene.is_empty()


async def test_who_had_a_part_in_it_waits_for_his_answers() -> None:
    """Where the application's budget is used up, a session has one request under way."""
    scene = Scene()
    for each in range(APPLICATION_REFUSALS // SESSION_REFUSALS):
        scene.budgets.charge_refusals("payroll", f"{each}", SESSION_REFUSALS, NOW)
    tasks = [asyncio.create_task(scene.one(1, 1)) for _ in range(5)]
    await settled()
    assert scene.inside == 1
    scene.go.set()
    await asyncio.gather(*tasks)
    assert (scene.refused, scene.turned_away) == (1, 4)


async def test_t24_too_many_are_sent_away() -> None:
    """So many of a session may wait; the next one hears at once."""
    scene = Scene()
    tasks = [asyncio.create_task(scene.one(1000, 0)) for _ in range(WAITING + 2)]
    await settled()
    assert scene.turned_away == 1
    scene.go.set()
    await asyncio.gather(*tasks)
    assert scene.turned_away == 1


async def test_nobody_waits_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever waits too long is sent away, and leaves nothing behind."""
    monkeypatch.setattr(refusals, "WAIT_SECONDS", 0.01)
    scene = Scene()
    first = asyncio.create_task(scene.one(1000, 0))
    await settled()
    await scene.one(1, 0)
    assert scene.turned_away == 1
    scene.go.set()
    await first
    assert scene.is_empty()


STEPS = st.lists(
    st.tuples(st.sampled_from(["come", "leave", "cancel"]), st.integers(1, 150)), max_size=40
)


@given(STEPS)
def test_nothing_that_was_held_is_lost(steps: list[tuple[str, int]]) -> None:
    """Whoever comes, goes or gives up in whatever order: in the end nothing is held."""
    asyncio.run(_schedule(steps))


async def _schedule(steps: list[tuple[str, int]]) -> None:
    scene = Scene()
    tasks: list[asyncio.Task[None]] = []
    for step, tokens in steps:
        if step == "come":
            tasks.append(asyncio.create_task(scene.one(tokens, tokens // 10)))
        elif tasks:
            scene.go.set() if step == "leave" else tasks.pop(0).cancel()
        await asyncio.sleep(0)
        scene.go.clear()
    scene.go.set()
    await asyncio.gather(*tasks, return_exceptions=True)
    await settled()
    assert scene.is_empty()
