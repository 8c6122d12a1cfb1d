"""Rows of the auth proxy scheme, beside the other one: the first value, and the proxy's token."""

import asyncio
import secrets
import time
from collections.abc import AsyncGenerator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path

from tests.bench.browser_rows import LOADED
from tests.bench.machine import SERVER_CORE, pinned
from tests.bench.pages import Person, Theater, theater
from tests.bench.plain import TEXT
from tests.bench.plan import Plan
from tests.bench.rows import TIMES, Row, middle, within
from tests.http.parties import PAYROLL
from tests.http.proxies import AuthProxy, Behind, behind
from tests.proxies.scene import running_behind, running_front

FRONT = "caddy"
USER = "ada"
SCHEMES = ("application, new session", "application, live session", "auth proxy")


def measured(plan: Plan, folder: Path) -> list[Row]:
    """Measure the first value in a browser, and the verification on one core."""
    rows = asyncio.run(_first_value(plan, folder / "first"))
    with pinned(SERVER_CORE):
        return [*rows, asyncio.run(_verification(plan, folder))]


async def _first_value(plan: Plan, folder: Path) -> list[Row]:
    """Have somebody look at one value, by each scheme in turns; behind a proxy all are new."""
    (folder / "proxied").mkdir(parents=True)
    seconds: list[list[float]] = []
    asked: list[list[int]] = []
    async with theater(plan, folder) as scene, _proxied(scene, folder / "proxied") as address:
        ours = scene.texts(1)
        for _ in range(plan.rounds):
            async with scene.person() as one, scene.person() as other:
                await other.visitor.page.goto(f"{address}/proxy/log-in/{USER}")
                steps = ((one, ours), (one, ours), (other, f"{address}/value"))
                looked = [await _looked(person, page) for person, page in steps]
            seconds.append([each for each, _ in looked])
            asked.append([each for _, each in looked])
    times = [middle(each[at] for each in seconds) for at in range(len(SCHEMES))]
    return [
        within(
            f"requests up to the first value, {SCHEMES[2]}",
            max(each[2] for each in asked),
            1,
            "requests",
        ),
        Row(
            name=f"first value on a page: {'; '.join(SCHEMES)} ({FRONT})",
            measured=f"{', '.join(f'{each:.2f}' for each in times)} s",
            target="-",
            met=None,
            figures=dict(zip(SCHEMES, times, strict=True)),
        ),
    ]


async def _looked(person: Person, address: str) -> tuple[float, int]:
    """Open a page; give the seconds to its value, and the requests, documents and assets apart."""
    person.visitor.requests.clear()
    seconds = await person.opens(address, 1)
    asked = [x for x in person.visitor.requests if x.resource_type not in LOADED]
    return seconds, len(asked)


@asynccontextmanager
async def _proxied(scene: Theater, folder: Path) -> AsyncGenerator[str]:
    """Start everything behind a real proxy, where somebody has stored a value."""
    with ExitStack() as stack:
        front = stack.enter_context(
            running_front(FRONT, stack.enter_context(running_behind(folder)))
        )
        async with scene.person() as person:
            page = person.visitor.page
            await page.goto(f"{front.application}/proxy/log-in/{USER}")
            await page.goto(front.application)
            await page.frame_locator("#ssn iframe").locator("input").click()
            await page.keyboard.type(TEXT)
            await page.click("#save")
            await page.wait_for_selector("#shown")
        yield front.application


async def _verification(plan: Plan, folder: Path) -> Row:
    """Verify tokens that were never seen, and the same ones again, in turns; without a target."""
    pairs: list[tuple[float, float]] = []
    async with behind(folder) as scene:
        for _ in range(plan.rounds):
            tokens = _tokens(scene.proxy, scene.parties.clock(), plan.reads)
            pairs.append((await _each(scene, tokens), await _each(scene, tokens)))
    first, again = (middle(each[side] for each in pairs) for side in (0, 1))
    return Row(
        name="verification of an auth proxy's token (RS256), at first and when it was seen before",
        measured=f"{first * 1e6:.0f} and {again * 1e6:.0f} µs,"
        f" {middle(one / other for one, other in pairs):.0f} {TIMES}",
        target="-",
        met=None,
        figures={"first_us": first * 1e6, "again_us": again * 1e6},
    )


def _tokens(proxy: AuthProxy, now: int, count: int) -> list[str]:
    return [
        proxy.token(now, sub="ada", sid=secrets.token_urlsafe(16), jti=str(number))
        for number in range(count)
    ]


async def _each(scene: Behind, tokens: list[str]) -> float:
    """Give the seconds of a processor that the tokenizer takes for one of them."""
    proxy, now = scene.parties.tokenizer.services.proxies[PAYROLL], scene.parties.clock()
    began = time.process_time()
    for token in tokens:
        await proxy.verify(token, now=now)
    return (time.process_time() - began) / len(tokens)
