"""Places: never more than there are, nobody starved, none lost."""

import asyncio
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lunasec.errors import TooManyRequests
from lunasec.tokenizer.http import places
from lunasec.tokenizer.http.places import Places, Room

ROOM = Room(whole=6, application=4, holder=2, first=1)


class Scene:
    """Who holds a place, and who holds it how long."""

    def __init__(self, room: Room = ROOM) -> None:
        """Start with nobody."""
        self.room, self.places = room, Places(room)
        self.held: Counter[tuple[str, str]] = Counter()
        self.order: list[str] = []
        self.go = asyncio.Event()

    async def one(self, application: str = "payroll", holder: str = "ada", size: int = 1) -> None:
        """Take a place and hold it until it is time to go."""
        async with self.places.take(application, holder, size):
            self.held[application, holder] += size
            self.order.append(application)
            self.check()
            await self.go.wait()
            self.held[application, holder] -= size

    def check(self) -> None:
        """See that the room is not overfull."""
        assert self.held.total() <= self.room.whole
        for name in {application for application, _ in self.held}:
            own = sum(count for (each, _), count in self.held.items() if each == name)
            assert own <= self.room.application
        assert all(count <= self.room.holder for count in self.held.values())

    def is_empty(self) -> bool:
        """Say whether nothing is left of anybody."""
        left = vars(self.places)
        return not left["_taken"] and not left["_lanes"]


async def turns(count: int = 5) -> None:
    """Let everybody go on."""
    for _ in range(count):
        await asyncio.sleep(0)


@pytest.mark.parametrize(
    ("holders", "expected"),
    [
        (["ada"] * 4, 2),
        (["ada", "bob", "cleo", "dan", "eve", "fay"], 4),
    ],
)
async def test_t24_nobody_has_more_than_his_share(holders: list[str], expected: int) -> None:
    """A session has some places, an application some more, and the others wait."""
    scene = Scene()
    tasks = [asyncio.create_task(scene.one(holder=each)) for each in holders]
    await turns()
    assert scene.held.total() == expected
    scene.go.set()
    await asyncio.gather(*tasks)
    assert scene.is_empty()


async def test_t24_an_application_is_not_starved() -> None:
    """However many of one application wait, another one's first comes in at once, or is next."""
    scene = Scene()
    loud = [asyncio.create_task(scene.one("loud", f"{each}")) for each in range(8)]
    await turns()
    others = [asyncio.create_task(scene.one("quiet", f"{each}")) for each in range(3)]
    await turns()
    assert scene.held["quiet", "0"] == scene.held["quiet", "1"] == 1
    assert scene.held["quiet", "2"] == 0
    scene.order.clear()
    scene.go.set()
    await asyncio.gather(*loud, *others)
    assert scene.order.index("quiet") <= 1
    assert scene.is_empty()


async def test_t24_a_few_sessions_leave_places_for_others() -> None:
    """Those who hold places already don't get the last ones; whoever has none comes in at once."""
    scene = Scene()
    greedy = [asyncio.create_task(scene.one(holder=each)) for each in ("ada", "bob") * 2]
    await turns()
    assert scene.held.total() == ROOM.application - ROOM.first
    latecomer = asyncio.create_task(scene.one(holder="cleo"))
    await turns()
    assert scene.held["payroll", "cleo"] == 1
    scene.go.set()
    await asyncio.gather(*greedy, latecomer)
    assert scene.is_empty()


async def test_a_session_that_waits_for_itself_holds_up_no_other() -> None:
    """One whose own places are taken waits; a later one with a free place does not."""
    scene = Scene()
    tasks = [asyncio.create_task(scene.one(holder="ada")) for _ in range(4)]
    await turns()
    tasks.append(asyncio.create_task(scene.one(holder="bob")))
    await turns()
    assert scene.held["payroll", "bob"] == 1
    scene.go.set()
    await asyncio.gather(*tasks)


async def test_t24_too_many_are_sent_away() -> None:
    """As many may wait as there are places; the next one hears that at once."""
    scene = Scene()
    tasks = [asyncio.create_task(scene.one(holder="ada")) for _ in range(4)]
    await turns()
    with pytest.raises(TooManyRequests):
        await scene.one(holder="ada")
    more = [asyncio.create_task(scene.one(holder=f"{each}")) for each in range(4)]
    await turns()
    with pytest.raises(TooManyRequests):
        await scene.one(holder="zoe")
    scene.go.set()
    await asyncio.gather(*tasks, *more)
    assert scene.is_empty()


async def test_nobody_waits_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever got no place in time is sent away, and leaves nothing behind."""
    monkeypatch.setattr(places, "WAIT_SECONDS", 0.01)
    scene = Scene()
    tasks = [asyncio.create_task(scene.one()) for _ in range(2)]
    await turns()
    with pytest.raises(TooManyRequests):
        await scene.one()
    scene.go.set()
    await asyncio.gather(*tasks)
    assert scene.is_empty()


BYTES = Room(whole=12, application=8, holder=4, first=2)


async def test_large_places_wait_their_turn() -> None:
    """Who waits for a large place is not overtaken by his own small ones, and comes in in time."""
    scene = Scene(BYTES)
    tasks = [asyncio.create_task(scene.one(size=each)) for each in (3, 2, 1)]
    await turns()
    assert scene.held.total() == 3
    with pytest.raises(TooManyRequests):
        await scene.one(size=2)
    scene.go.set()
    await asyncio.gather(*tasks)
    assert scene.is_empty()


async def test_what_a_large_place_leaves_is_room_for_several() -> None:
    """When a large one goes, as many small ones come in as there is room for."""
    scene = Scene(BYTES)
    large = asyncio.create_task(scene.one(size=4))
    await turns()
    small = [asyncio.create_task(scene.one(size=1)) for _ in range(4)]
    await turns()
    assert scene.held.total() == 4
    scene.held.clear()
    large.cancel()
    await turns()
    assert scene.held.total() == 4
    scene.go.set()
    await asyncio.gather(*small)
    assert scene.is_empty()


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["come", "leave", "cancel"]),
        st.sampled_from(["a", "b", "c"]),
        st.sampled_from(["x", "y"]),
        st.integers(1, 2),
    ),
    max_size=60,
)


@given(STEPS)
def test_no_place_is_lost(steps: list[tuple[str, str, str, int]]) -> None:
    """Whoever comes, goes or gives up in whatever order: in the end every place is free."""
    asyncio.run(_schedule(steps))


async def _schedule(steps: list[tuple[str, str, str, int]]) -> None:
    scene = Scene()
    there: list[tuple[asyncio.Event, asyncio.Task[None]]] = []

    async def stay(application: str, holder: str, size: int, leave: asyncio.Event) -> None:
        async with scene.places.take(application, holder, size):
            scene.held[application, holder] += size
            scene.check()
            try:
                await leave.wait()
            finally:
                scene.held[application, holder] -= size

    for step, application, holder, size in steps:
        if step == "come":
            leave = asyncio.Event()
            there.append((leave, asyncio.create_task(stay(application, holder, size, leave))))
        elif there:
            leave, task = there.pop(0)
            leave.set() if step == "leave" else task.cancel()
        await turns(len(steps) % 3)
    for leave, task in there:
        leave.set()
        await turns(1)
        task.cancel()
    await turns(10)
    assert scene.held.total() == 0
    assert scene.is_empty()
