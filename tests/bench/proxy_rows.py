"""Rows of the auth proxy scheme: what it costs to know who is calling, by the proxy's token."""

import asyncio
import secrets
import time
from pathlib import Path

from tests.bench.machine import SERVER_CORE, pinned
from tests.bench.plan import Plan
from tests.bench.rows import TIMES, Row, middle
from tests.http.parties import PAYROLL
from tests.http.proxies import AuthProxy, Behind, behind


def measured(plan: Plan, folder: Path) -> list[Row]:
    """Measure it on one core."""
    with pinned(SERVER_CORE):
        return [asyncio.run(_verification(plan, folder))]


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
