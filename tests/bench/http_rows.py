"""Rows over HTTP: detokenize, tokenize and grants, against a route that only answers."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import msgspec

from tests.bench.load import Load, keep, load, written
from tests.bench.machine import LOAD_CORE, fsync_seconds, memory_mb, pinned
from tests.bench.measured import Servers, counted, headers_of, servers
from tests.bench.plan import Plan
from tests.bench.rows import TIMES, Row, at_least, at_most, middle, percentile, ratio, within
from tests.http.parties import PAYROLL, Browser, reference, sealed
from tests.http.slow import slow_clients

COMMITS = "lunasec_commit_operations_bucket"
TAIL = 4
"""p99 may be so many times p50, where the disk itself is that even."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """Both servers, browsers with sessions, and the tokens that each may read."""

    servers: Servers
    plan: Plan
    browsers: Sequence[tuple[Browser, list[str]]]

    def ours(self, requests: Path, connections: int) -> Load:
        """Load the tokenizer for one round."""
        tokenizer = self.servers.tokenizer
        return self._load(tokenizer.process.pid, tokenizer.port, requests, connections)

    def plain(self, requests: Path, connections: int) -> Load:
        """Load the route that only answers."""
        return self._load(self.servers.plain.pid, self.servers.plain_port, requests, connections)

    def _load(self, pid: int, port: int, requests: Path, connections: int) -> Load:
        seconds = self.plan.seconds
        return load(pid, port, requests, connections=connections, seconds=seconds)

    async def requests(self, name: str, path: str, bodies: list[tuple[Browser, object]]) -> Path:
        """Write requests of browsers; and the same for the route that answers the same bytes.

        The answer is that of the first request, which has to be one that works.
        """
        folder, host = self.servers.folder, self.servers.host
        browser, body = bodies[0]
        answer = await browser.post(path, body)
        assert answer.status_code == httpx.codes.OK, answer.text
        assert b"not_granted" not in answer.content
        (folder / f"{name}.json").write_bytes(answer.content)
        encoded = [(headers_of(each), msgspec.json.encode(body)) for each, body in bodies]
        for kind, to in (("plain", f"/bytes/{name}.json"), ("ours", path)):
            made = [written(to, host, headers, body) for headers, body in encoded]
            keep(made, folder / f"{name}.{kind}")
        return folder / f"{name}.ours"


@asynccontextmanager
async def prepared(plan: Plan, folder: Path) -> AsyncGenerator[Bench]:
    """Start both servers, and give each browser its session, tokens and grants."""
    async with servers(folder) as both:
        browsers: list[tuple[Browser, list[str]]] = []
        texts = [f"{number:03}-45-6789" for number in range(plan.tokens)]
        for _ in range(plan.sessions):
            browser = await both.parties.visitor()
            tokens = await browser.store(*texts)
            await both.parties.grant(browser.session, tokens, expires_in=3600)
            browsers.append((browser, tokens))
        yield Bench(servers=both, plan=plan, browsers=browsers)


async def measured(plan: Plan, folder: Path) -> list[Row]:
    """Measure every row that goes over HTTP."""
    async with prepared(plan, folder) as bench:
        rows = await _detokenize(bench)
        rows += await _tokenize(bench)
        rows += await _grants(bench)
        held = memory_mb(bench.servers.tokenizer.process.pid)
        rows.append(within("memory of `lunasec serve` after this load (RSS)", held, 90, "MB"))
    return rows


def _asked(browser: Browser, tokens: list[str]) -> tuple[Browser, object]:
    return browser, {"session": browser.session, "tokens": tokens}


async def _detokenize(bench: Bench) -> list[Row]:
    plan, tokens = bench.plan, bench.plan.tokens
    one = await bench.requests(
        "one",
        "/detokenize",
        [_asked(who, [every[at % tokens]]) for at in range(16) for who, every in bench.browsers],
    )
    all_of_them = await bench.requests(
        "all", "/detokenize", [_asked(who, every) for who, every in bench.browsers]
    )
    plain = one.with_suffix(".plain")
    rounds: list[tuple[Load, Load, Load]] = []
    disk: list[float] = []
    for _ in range(plan.rounds):
        disk += fsync_seconds(bench.servers.folder, 50)
        single, route = bench.ours(one, plan.sessions), bench.plain(plain, plan.sessions)
        rounds.append((single, route, bench.ours(all_of_them, plan.sessions)))
    batches = [(batch.rate * tokens, single.rate) for single, _, batch in rounds]
    return [
        _against("detokenize, 1 token a request", 0.35, [each[:2] for each in rounds], disk),
        _tail([each[0] for each in rounds], disk),
        _beside_the_slow(bench, one),
        at_least(
            f"detokenize, {tokens} tokens a request, against 1, in tokens",
            ratio(batches),
            12,
            f"{middle(each[0] for each in batches):,.0f} tokens/s",
        ),
    ]


def _against(name: str, target: float, rounds: list[tuple[Load, Load]], disk: list[float]) -> Row:
    """Compare rates; the processor time of a request is beside it, which noise changes less."""
    ours, plain = ([each[side] for each in rounds] for side in (0, 1))
    rates = [middle(each.rate for each in side) for side in (ours, plain)]
    costs = [middle(each.cost for each in side) for side in (ours, plain)]
    fsync = middle(disk) * 1e6
    return at_least(
        f"{name}, against Starlette",
        ratio([(one.rate, other.rate) for one, other in rounds]),
        target,
        f"{rates[0]:,.0f} to {rates[1]:,.0f} requests/s,"
        f" {costs[0]:.0f} to {costs[1]:.0f} µs of CPU each, fsync {fsync:.0f} µs",
        rate=rates[0],
        plain_rate=rates[1],
        cpu_us=costs[0],
        plain_cpu_us=costs[1],
        fsync_us=fsync,
    )


def _tail(rounds: list[Load], disk: list[float]) -> Row:
    tail = middle(each.p99 / each.p50 for each in rounds)
    slow = percentile(disk, 0.99) / middle(disk)
    p50 = middle(each.p50 for each in rounds) / 1000
    return Row(
        name="detokenize, p99 against p50",
        measured=f"{tail:.1f} {TIMES} (p50 {p50:.1f} ms; fsync's own {slow:.1f} {TIMES})",
        target=f"≤ {TAIL} {TIMES} where fsync's is",
        met=tail <= TAIL or (None if slow > TAIL else False),
        figures={"ratio": tail, "fsync_ratio": slow, "p50_ms": p50},
    )


def _beside_the_slow(bench: Bench, requests: Path) -> Row:
    """Compare the slowest hundredth of answers with that beside slow clients, in turns."""
    plan, port = bench.plan, bench.servers.tokenizer.port
    pairs: list[tuple[float, float]] = []
    for _ in range(plan.rounds):
        alone = bench.ours(requests, plan.sessions)
        with pinned(LOAD_CORE), slow_clients(port, plan.slow):
            pairs.append((bench.ours(requests, plan.sessions).p99, alone.p99))
    times = [middle(each[side] for each in pairs) / 1000 for side in (0, 1)]
    name = f"detokenize, p99 beside {plan.slow} slow clients, against p99 without them"
    said = f"{times[0]:.1f} to {times[1]:.1f} ms"
    return at_most(name, ratio(pairs), 2, said, beside_ms=times[0], alone_ms=times[1])


async def _tokenize(bench: Bench) -> list[Row]:
    plan, port = bench.plan, bench.servers.tokenizer.operator_port
    bodies: list[tuple[Browser, object]] = [
        (who, {"session": who.session, "values": [sealed("123-45-6789")]})
        for _ in range(4)
        for who, _ in bench.browsers
    ]
    ours = await bench.requests("store", "/tokenize", bodies)
    rounds: list[tuple[Load, Load]] = []
    disk: list[float] = []
    groups: list[int] = []
    for _ in range(plan.rounds):
        disk += fsync_seconds(bench.servers.folder, 50)
        before = counted(port, COMMITS, "le")
        stored = bench.ours(ours, plan.clients)
        groups.append(_median_group(before, counted(port, COMMITS, "le")))
        rounds.append((stored, bench.plain(ours.with_suffix(".plain"), plan.clients)))
    least = middle(groups)
    return [
        _against(f"tokenize, {plan.clients} clients", 0.30, rounds, disk),
        Row(
            name="rows of one commit under that load, at the median",
            measured=f"at least {least:.0f}",
            target="≥ 16",
            met=least >= 16,
            figures={"value": least},
        ),
    ]


def _median_group(before: dict[str, float], after: dict[str, float]) -> int:
    """Give the least number of operations that the median commit can have held.

    The histogram's buckets are counts of commits up to a size; the median's bucket begins above the
    one before it.
    """
    commits = {size: after[size] - before.get(size, 0) for size in sorted(after, key=float)}
    lower = 0
    for size, up_to in commits.items():
        if up_to >= commits["+Inf"] / 2:
            break
        lower = int(float(size))
    return lower + 1


async def _grants(bench: Bench) -> list[Row]:
    """Grant one token, and many, in turns: one call after the other, each a commit of its own."""
    tokens = bench.browsers[0][1]
    one, many = _granting(bench, "grant-one", tokens[:1]), _granting(bench, "grant-many", tokens)
    pairs = [(bench.ours(many, 1).p50, bench.ours(one, 1).p50) for _ in range(bench.plan.rounds)]
    times = [middle(each[side] for each in pairs) / 1000 for side in (0, 1)]
    name = f"grant create, {len(tokens)} tokens, against 1, one call after the other"
    said = f"{times[0]:.2f} to {times[1]:.2f} ms"
    return [at_most(name, ratio(pairs), 2, said, many_ms=times[0], one_ms=times[1])]


def _granting(bench: Bench, name: str, tokens: list[str]) -> Path:
    """Write grants of tokens, each to a session that has none."""
    servers = bench.servers
    credential = servers.parties.credentials[PAYROLL].token(servers.parties.clock())
    headers = {"authorization": f"Bearer {credential}"}
    bodies = [{"session": reference(), "tokens": tokens} for _ in range(bench.plan.calls)]
    made = [written("/grants", servers.host, headers, msgspec.json.encode(x)) for x in bodies]
    return keep(made, servers.folder / name)
