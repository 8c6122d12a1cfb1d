"""How often: refused reads, failed bootstraps, new values, grants, erasures.

Every budget slows and none shuts out. What nobody can spend but the one whom it concerns refuses
when it is used up; what strangers can spend only takes away the audit entry of what would have been
refused anyway, so that nobody can fill the disk with them, or lock somebody else out.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

import structlog

from lunasec.errors import TooManyRequests
from lunasec.tokenizer.http.metrics import Metrics
from lunasec.tokenizer.settings import Application

SESSION_REFUSALS: Final = 100
"""Refused tokens a session in ten seconds: a page that shows a hundred foreign tokens, once."""

APPLICATION_REFUSALS: Final = 2000
"""The same for all sessions of an application, against a guesser with many sessions."""

UNPROVEN: Final = 200
"""Refused handles, and refused cookies, of an application in ten seconds: each costs a durable
entry in the audit log, and anybody can send them."""

SESSION_BYTES: Final = 16 * 2**20
"""Sealed bytes that one session stores in a minute: some two hundred of the longest values."""

APPLICATION_BYTES: Final = 256 * 2**20
"""The same for all sessions of an application: a disk has to last until somebody has looked."""

TEMPORARY_VALUES: Final = 600
"""Values of all temporary sessions of an application in a minute: anybody can open a sign-up page,
and ten people a second do not."""

TEMPORARY_BYTES: Final = 8 * 2**20
"""The same in sealed bytes."""

SHORT: Final = 10
MINUTE: Final = 60
HOUR: Final = 3600

Key = tuple[str, ...]

Counts = tuple[int, int, int]
"""The number of a window, the count of the one before it, and its own."""

log = structlog.get_logger("lunasec.budgets")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """What a session stores in one request."""

    application: str
    reference: str
    temporary: bool
    values: int
    size: int


@dataclass(slots=True, kw_only=True)
class Window:
    """Counts over a sliding window, by key: this window's count, and what is left of the last.

    An approximation that needs two numbers a key (Cloudflare's, 2017): it assumes that the last
    window was used up evenly.
    """

    seconds: int
    _counts: dict[Key, Counts] = field(default_factory=dict[Key, Counts])
    _swept: int = 0

    def used(self, key: Key, now: int) -> int:
        """Say how much was used in the seconds up to now."""
        last, current = self._at(key, now // self.seconds)
        rest = self.seconds - now % self.seconds
        return current + last * rest // self.seconds

    def add(self, key: Key, cost: int, now: int) -> None:
        """Count `cost` more."""
        index = now // self.seconds
        self._sweep(index)
        last, current = self._at(key, index)
        index = max(index, self._counts.get(key, (index, 0, 0))[0])
        self._counts[key] = (index, last, current + cost)

    def _at(self, key: Key, index: int) -> tuple[int, int]:
        then, last, current = self._counts.get(key, (index, 0, 0))
        # A clock that went back changes nothing: `then` is not left for an earlier window.
        if index <= then:
            return last, current
        return (current, 0) if index == then + 1 else (0, 0)

    def _sweep(self, index: int) -> None:
        """Forget, once a window, the keys that count nothing any more."""
        if index > self._swept:
            self._swept = index
            self._counts = {key: at for key, at in self._counts.items() if at[0] >= index - 1}


class Budgets:
    """This process's counts."""

    def __init__(self, applications: Mapping[str, Application], metrics: Metrics) -> None:
        """Start with nothing counted."""
        self._applications = applications
        self._metrics = metrics
        self._refusals = Window(seconds=SHORT)
        self._unproven = Window(seconds=SHORT)
        self._values = Window(seconds=MINUTE)
        self._grants = Window(seconds=MINUTE)
        self._erases = Window(seconds=HOUR)
        self._alarms = Window(seconds=MINUTE)

    def check_refusals(self, application: str, reference: str, now: int) -> None:
        """Turn a session away that was refused too often, before any work is done.

        Unknown, ungranted and foreign tokens count alike, so the limit tells nobody which it was.
        Where the application's budget is used up, only those wait who had a part in it.

        Raises: `TooManyRequests`.
        """
        own = self._refusals.used((application, reference), now)
        every = self._refusals.used((application,), now)
        if own >= SESSION_REFUSALS or (own and every >= APPLICATION_REFUSALS):
            self._refuse("refused reads", application, SHORT, now)

    def charge_refusals(self, application: str, reference: str, refused: int, now: int) -> None:
        """Count refused tokens: up to the limit, so that what is over it lengthens no wait."""
        if refused:
            own = self._refusals.used((application, reference), now)
            counted = min(refused, max(0, SESSION_REFUSALS - own))
            self._refusals.add((application, reference), counted, now)
            self._refusals.add((application,), counted, now)

    def has_unproven_left(self, what: str, application: str, now: int) -> bool:
        """Say whether one more refused handle, or cookie, may cost an entry in the audit log."""
        left = self._unproven.used((what, application), now) < UNPROVEN
        if not left:
            self._alarm(what, application, now)
        return left

    def charge_unproven(self, what: str, application: str, now: int) -> None:
        """Count a refused handle, or a refused cookie."""
        self._unproven.add((what, application), 1, now)

    def check_values(self, stored: Stored, now: int) -> None:
        """Turn a session away that stores too much: nobody types that fast.

        Strangers share one budget, which a sign-up page gives them; users are not held up by it.

        Raises: `TooManyRequests`.
        """
        for key, limit, _ in self._of(stored):
            if self._values.used(key, now) >= limit:
                self._refuse("values", stored.application, MINUTE, now)

    def charge_values(self, stored: Stored, now: int) -> None:
        """Count values that a session stored, and their bytes."""
        for key, _, cost in self._of(stored):
            self._values.add(key, cost, now)

    def _of(self, stored: Stored) -> Iterator[tuple[Key, int, int]]:
        """Give each budget that `stored` draws on: its key, its limit, and what it takes."""
        own, every = (stored.application, stored.reference), stored.application
        limit = self._applications[stored.application].values_per_minute
        yield (*own, "values"), limit, stored.values
        yield (*own, "bytes"), SESSION_BYTES, stored.size
        yield (every, "bytes"), APPLICATION_BYTES, stored.size
        if stored.temporary:
            yield (every, "temporary values"), TEMPORARY_VALUES, stored.values
            yield (every, "temporary bytes"), TEMPORARY_BYTES, stored.size

    def charge_grants(self, application: str, tokens: int, now: int) -> None:
        """Count tokens that an application grants; a stolen server can't grant the whole store.

        Raises: `TooManyRequests`.
        """
        limit = self._applications[application].grants_per_minute
        if self._grants.used((application,), now) + tokens > limit:
            self._refuse("grants", application, MINUTE, now)
        self._grants.add((application,), tokens, now)

    def charge_erases(self, application: str, tokens: int, now: int) -> None:
        """Count tokens that an application erases.

        Raises: `TooManyRequests`.
        """
        limit = self._applications[application].erases_per_hour
        if self._erases.used((application,), now) + tokens > limit:
            self._refuse("erases", application, HOUR, now)
        self._erases.add((application,), tokens, now)

    def _refuse(self, budget: str, application: str, seconds: int, now: int) -> None:
        self._alarm(budget, application, now)
        raise TooManyRequests(retry_after=seconds // 10)

    def _alarm(self, budget: str, application: str, now: int) -> None:
        """Tell the operator, once a minute for each budget and application."""
        self._metrics.alarm(budget, application)
        if not self._alarms.used((budget, application), now):
            self._alarms.add((budget, application), 1, now)
            log.warning("budget used up", budget=budget, application=application)
