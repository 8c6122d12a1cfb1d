"""Rows in a real browser: large pages, the first field, a page that loops, requests, memory."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

from tests.bench.machine import browser_mb
from tests.bench.pages import Theater, frame_of, theater
from tests.bench.plan import Plan
from tests.bench.rows import Row, at_most, middle, within

LOOP = "() => { const end = performance.now() + 1200; while (performance.now() < end); }"
REST = "() => new Promise((resolve) => setTimeout(resolve, 1200))"
LISTEN = """() => {
  let last = performance.now();
  window.gap = 0;
  setInterval(() => {
    const now = performance.now();
    window.gap = Math.max(window.gap, now - last);
    last = now;
  }, 4);
}"""
SHIFTS = """() => new Promise((resolve) => {
  let sum = 0;
  new PerformanceObserver((list) => {
    for (const { value } of list.getEntries()) sum += value;
  }).observe({ type: "layout-shift", buffered: true });
  setTimeout(() => resolve(sum), 500);
})"""
ROUTINE = ("/grants", "/detokenize")
LOADED = frozenset({"document", "script", "stylesheet", "image", "other"})
"""What a browser calls documents and assets; the rest are requests for a value."""


async def measured(plan: Plan, folder: Path) -> list[Row]:
    """Measure every row that needs a browser."""
    async with theater(plan, folder) as scene:
        return [
            *await _large_page(scene, plan),
            *await _groups(scene, plan),
            await _form(scene, plan),
            *await _shifts(scene, plan),
            *await _requests(scene),
            await _first_field(scene, plan),
            await _stall(scene, plan),
        ]


@dataclass(slots=True, kw_only=True)
class Visits:
    """What somebody new met: the first visit, the next one, the browser's memory, the calls."""

    seconds: tuple[float, float]
    memory: float
    calls: tuple[float, float]


async def _large_page(scene: Theater, plan: Plan) -> list[Row]:
    """Have the page and the bare one visited in turns."""
    ours, bare = scene.texts(plan.frames), scene.bare("text", plan.frames)
    visits = [
        (await _visits(scene, ours, plan.frames), await _visits(scene, bare, plan.frames))
        for _ in range(plan.rounds)
    ]
    name = f"page with {plan.frames} `<secure-text>`, against bare frames"
    held = [middle(each[side].memory for each in visits) for side in (0, 1)]
    said = f"{held[0]:.0f} to {held[1]:.0f} MB"
    grants, reads = (max(one.calls[at] for one, _ in visits) for at in (0, 1))
    return [
        *(
            _timed(f"{name}, {session}", [(a.seconds[at], b.seconds[at]) for a, b in visits], 1.5)
            for at, session in enumerate(("new session", "live session"))
        ),
        within("`/grants` calls of one such visit", grants, 1, "calls"),
        within("`/detokenize` calls of one such visit", reads, 1, "calls"),
        at_most("memory of that page in the browser", held[0] / held[1], 1.3, said),
    ]


async def _visits(scene: Theater, address: str, frames: int) -> Visits:
    empty, before = browser_mb(), scene.asked()
    async with scene.person() as person:
        first = await person.opens(address, frames)
        after = scene.asked()
        again = await person.opens(address, frames)
        memory = browser_mb() - empty
    await asyncio.sleep(1)  # until the browser has let go of it
    grants, reads = (after.get(each, 0) - before.get(each, 0) for each in ROUTINE)
    return Visits(seconds=(first, again), memory=max(1.0, memory), calls=(grants, reads))


def _timed(name: str, pairs: list[tuple[float, float]], target: float) -> Row:
    times = [middle(each[side] for each in pairs) for side in (0, 1)]
    said = f"{times[0]:.2f} to {times[1]:.2f} s"
    share = middle(ours / bare for ours, bare in pairs)
    return at_most(name, share, target, said, seconds=times[0], bare_seconds=times[1])


async def _groups(scene: Theater, plan: Plan) -> list[Row]:
    """Have a page with one group visited, and one with a bare frame of the same text, in turns."""
    rows: list[Row] = []
    for values, target in ((plan.frames, 1.3), (plan.values, 2.0)):
        ours, bare = scene.group(values), scene.bare("text", 1, values)
        visits = [
            (await _both(scene, ours, values), await _both(scene, bare, values))
            for _ in range(plan.rounds)
        ]
        name = f"{values} values in one `<secure-group>`, against one bare frame of the same text"
        rows += [
            _timed(f"{name}, {session}", [(a[at], b[at]) for a, b in visits], target)
            for at, session in enumerate(("new session", "live session"))
        ]
    return rows


async def _form(scene: Theater, plan: Plan) -> Row:
    """Compare a form in a group with plain inputs, which need no frame; without a target."""
    ours, plain = scene.inputs(plan.inputs), scene.plain_inputs(plan.inputs)
    pairs = [
        (await _both(scene, ours, plan.inputs), await _both(scene, plain, plan.inputs))
        for _ in range(plan.rounds)
    ]
    times = [middle(each[side][1] for each in pairs) for side in (0, 1)]
    return Row(
        name=f"form of {plan.inputs} `<secure-input>` in a group, live session, to plain inputs",
        measured=f"{times[0]:.2f} to {times[1]:.2f} s",
        target="-",
        met=None,
        figures={"seconds": times[0], "plain_seconds": times[1]},
    )


async def _both(scene: Theater, address: str, values: int) -> tuple[float, float]:
    """Time a visit without a session, and the next one."""
    async with scene.person(values) as person:
        return await person.opens(address, 1), await person.opens(address, 1)


async def _shifts(scene: Theater, plan: Plan) -> list[Row]:
    """Sum up how far the page's own layout moved until its values were there (CLS)."""
    rows: list[Row] = []
    name = f"layout shift of a page with {plan.frames} `<secure-text>`"
    pages = (("", scene.texts, plan.frames), (" in one group", scene.group, 1))
    for where, page, frames in pages:
        async with scene.person(plan.frames if frames == 1 else 1) as person:
            await person.opens(page(plan.frames), frames)
            moved: float = await person.visitor.page.evaluate(SHIFTS)
        rows.append(within(f"{name}{where}", moved, 0, "CLS"))
    return rows


async def _requests(scene: Theater) -> list[Row]:
    """Count what one value costs, documents and assets apart: without a session, and with one."""
    rows: list[Row] = []
    async with scene.person() as person:
        for session, limit in (("a new session", 4), ("a live session", 2)):
            person.visitor.requests.clear()
            await person.opens(scene.texts(1), 1)
            asked = [x for x in person.visitor.requests if x.resource_type not in LOADED]
            name = f"requests up to the first value, {session}"
            rows.append(within(name, len(asked), limit, "requests"))
    return rows


async def _first_field(scene: Theater, plan: Plan) -> Row:
    """Open one field for typing and a bare one in turns, with a session and everything cached."""
    async with scene.person() as one, scene.person() as other:
        ours, bare = scene.field(), scene.bare("input", 1)
        pairs = [
            (await one.opens(ours, 1), await other.opens(bare, 1))
            for _ in range(1 + plan.rounds * 2)
        ][1:]
    return _timed("first field usable, against a bare frame with an input", pairs, 1.3)


async def _stall(scene: Theater, plan: Plan) -> Row:
    """Let the page loop, and see for how long the longest its frame did not come to its turn."""
    looping: list[float] = []
    resting: list[float] = []
    async with scene.person() as person:
        await person.opens(scene.texts(1), 1)
        page = person.visitor.page
        frame = page.frames[frame_of(page, "text")]
        await frame.evaluate(LISTEN)
        for _ in range(plan.rounds):
            for pauses, script in ((looping, LOOP), (resting, REST)):
                await frame.evaluate("() => { window.gap = 0; }")
                await page.evaluate(script)
                pauses.append(await frame.evaluate("window.gap"))
    said = f"{middle(resting):.3g} ms while it does nothing"
    name = "a frame's longest pause while its page loops 1.2 s"
    return within(name, middle(looping), 50, "ms", said)
