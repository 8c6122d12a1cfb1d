"""What an operator can count: nothing in it is about one person, token or session."""

import collections
from collections.abc import Iterable
from typing import Final, TypeVar

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from lunasec.errors import LunaSecError
from lunasec.tokenizer.core.audit import Entry, Head
from lunasec.tokenizer.core.ledger import Facts, Want
from lunasec.tokenizer.core.operation import Decision, Operation
from lunasec.tokenizer.ports import Store

T = TypeVar("T")

MEDIA_TYPE: Final = CONTENT_TYPE_LATEST
SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5)
"""Buckets from a read on a fast disk to beyond the two seconds in which everything is answered."""

GROUPS: Final = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)
"""Operations that one commit served: powers of two up to the writer's limit."""


class Metrics:
    """The counters of one tokenizer. Labels are routes, codes and configured names, never ids."""

    def __init__(self) -> None:
        """Start at zero."""
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self._answered: dict[tuple[str, int, str], tuple[Counter, Histogram]] = {}
        self._decided: dict[tuple[str, str, str], Counter] = {}
        self._requests = Counter(
            "lunasec_requests",
            "Requests by route, status and problem code.",
            ("route", "status", "code"),
            registry=self._registry,
        )
        self._seconds = Histogram(
            "lunasec_request_seconds",
            "Time to an answer.",
            ("route",),
            buckets=SECONDS,
            registry=self._registry,
        )
        self._decisions = Counter(
            "lunasec_decisions",
            "What was decided about tokens, sessions and grants, as in the audit log.",
            ("action", "outcome", "reason"),
            registry=self._registry,
        )
        self._alarms = Counter(
            "lunasec_budget_refusals",
            "Requests that met a budget that was used up.",
            ("budget", "application"),
            registry=self._registry,
        )
        self._groups = Histogram(
            "lunasec_commit_operations",
            "Operations that one commit served.",
            buckets=GROUPS,
            registry=self._registry,
        )
        self._stored, self._read = (
            Counter(f"lunasec_file_bytes_{what}", f"{said} of files.", registry=self._registry)
            for what, said in (("stored", "Bytes kept"), ("read", "Bytes given out"))
        )
        self._uploads = Gauge(
            "lunasec_uploads", "Uploads that are not finished.", registry=self._registry
        )
        self._damaged = Counter(
            "lunasec_damaged_records",
            "Damaged records that somebody asked for.",
            registry=self._registry,
        )
        self._unverified = Gauge(
            "lunasec_unverified_tokens",
            "Tokens older than an hour that no application ever verified; counted up to 100000.",
            registry=self._registry,
        )
        self._audit = Gauge(
            "lunasec_audit_sequence", "Entries in the audit log.", registry=self._registry
        )

    def answered(self, route: str, status: int, code: str, seconds: float) -> None:
        """Count a request."""
        key = route, status, code
        found = self._answered.get(key)
        if found is None:
            found = self._requests.labels(route, str(status), code), self._seconds.labels(route)
            self._answered[key] = found
        count, times = found
        count.inc()
        times.observe(seconds)

    def decided(self, entries: Iterable[Entry]) -> None:
        """Count what was written into the audit log: tokens where there are some, else entries."""
        for each in entries:
            if not each.reasons:
                self._count(each, each.reason, max(1, len(each.records)))
                continue
            for reason, count in collections.Counter(each.reasons).items():
                self._count(each, reason, count)

    def _count(self, entry: Entry, reason: str, tokens: int) -> None:
        key = entry.action, entry.outcome, reason
        found = self._decided.get(key)
        if found is None:
            found = self._decided[key] = self._decisions.labels(*key)
        found.inc(tokens)

    def committed(self, operations: int) -> None:
        """Count a commit, and the operations that it served. Called from the writer's thread."""
        self._groups.observe(operations)

    def alarm(self, budget: str, application: str) -> None:
        """Count a request that met a budget that was used up."""
        self._alarms.labels(budget, application).inc()

    def damaged(self) -> None:
        """Count a damaged record that somebody asked for."""
        self._damaged.inc()

    def stored(self, size: int) -> None:
        """Count the bytes of a segment that was kept."""
        self._stored.inc(size)

    def read(self, size: int) -> None:
        """Count bytes of a segment that were given out."""
        self._read.inc(size)

    def text(self, head: Head, uploads: int, unverified: int = 0) -> bytes:
        """Write everything in Prometheus's format."""
        self._unverified.set(unverified)
        self._audit.set(head.sequence)
        self._uploads.set(uploads)
        return generate_latest(self._registry)


class Counted:
    """A store whose decisions are counted, once they are durable."""

    def __init__(self, store: Store, metrics: Metrics) -> None:
        """Stand before `store`."""
        self._store = store
        self._metrics = metrics

    async def transact(self, operation: Operation[T]) -> T | LunaSecError:
        """Pass an operation on, and count the entries that it left."""
        kept = _Kept(operation)
        answer = await self._store.transact(kept)
        self._metrics.decided(kept.entries)
        return answer

    async def look(self, want: Want) -> Facts:
        """Pass it on."""
        return await self._store.look(want)

    async def head(self) -> Head:
        """Pass it on."""
        return await self._store.head()

    async def close(self) -> None:
        """Pass it on."""
        await self._store.close()


class _Kept(Operation[T]):
    """An operation that remembers the entries of its last decision."""

    def __init__(self, operation: Operation[T]) -> None:
        self._operation, self._want = operation, operation.want()
        self.entries: tuple[Entry, ...] = ()

    def want(self) -> Want:
        return self._want

    def decide(self, facts: Facts) -> Decision[T]:
        decision = self._operation.decide(facts)
        self.entries = decision.entries
        return decision
