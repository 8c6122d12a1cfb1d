"""How often: refused reads, failed bootstraps, new values, grants, erasures.

Every budget slows and none shuts out. What nobody can spend but the one whom it concerns refuses
when it is used up; what strangers can spend only takes away the audit entry of what would have been
refused anyway, so that nobody can fill the disk with them, or lock somebody else out.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import structlog

from lunasec.errors import TooManyRequests
from lunasec.tokenizer.http.metrics import Metrics
from lunasec.tokenizer.http.windows import Key, Window
from lunasec.tokenizer.settings import Application

SESSION_REFUSALS: Final = 100
"""Refused tokens a session in ten seconds: a page that shows a hundred foreign tokens, once."""

APPLICATION_REFUSALS: Final = 2000
"""The same for all sessions of an application, against a guesser with many sessions."""

UNPROVEN: Final = 200
"""Refused handles, cookies, and sessions of an auth proxy, of an application in ten seconds: each
costs a durable entry in the audit log, and anybody, or who has an account, can send them."""

SESSION_BYTES: Final = 16 * 2**20
"""Sealed bytes that one session stores in a minute: some two hundred of the longest values."""

APPLICATION_BYTES: Final = 256 * 2**20
"""The same for all sessions of an application: a disk has to last until somebody has looked."""

TEMPORARY_VALUES: Final = 600
"""Values of all temporary sessions of an application in a minute: anybody can open a sign-up page,
and ten people a second do not."""

TEMPORARY_BYTES: Final = 8 * 2**20
"""The same in sealed bytes."""

READ_BYTES: Final = 64 * 2**20
"""Sealed bytes that one session reads in a minute: a page of a thousand of the longest values."""

TEMPORARY_FILE_BYTES: Final = 2**30
"""Of files that strangers may begin in an hour together: a sign-up takes a scan or two of each."""

LEAST_FILE: Final = 64 * 1024
"""What the smallest file counts as: it costs a folder, and two entries in the audit log."""

SESSIONS_WORTH: Final = 16
"""How many sessions' files an application's sessions may store together."""

SHORT: Final = 10
MINUTE: Final = 60
HOUR: Final = 3600

log = structlog.get_logger("lunasec.budgets")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """What a session stores in one request."""

    application: str
    reference: str
    temporary: bool
    values: int
    size: int


class Budgets:
    """This process's counts."""

    def __init__(self, applications: Mapping[str, Application], metrics: Metrics) -> None:
        """Start with nothing counted."""
        self._applications = applications
        self._metrics = metrics
        self._refusals = Window(seconds=SHORT)
        self._unproven = Window(seconds=SHORT)
        self._values = Window(seconds=MINUTE)
        self._bytes_read = Window(seconds=MINUTE)
        self._reads = Window(seconds=MINUTE)
        self._files = Window(seconds=HOUR)
        self._grants = Window(seconds=MINUTE)
        self._erases = Window(seconds=HOUR)
        self._alarms = Window(seconds=MINUTE)

    def check_refusals(self, application: str, reference: str, now: int) -> int:
        """Turn a session away that was refused too often, before any work is done.

        Gives how many tokens it may still be refused while others of its are under way. Unknown,
        ungranted and foreign tokens count alike, so the limit tells nobody which it was. Where the
        application's budget is used up, only those wait who had a part in it.

        Raises: `TooManyRequests`.
        """
        own, left = self._refusals_left(application, reference, now)
        if own >= SESSION_REFUSALS or (own and not left):
            self._refuse("refused reads", application, SHORT, now)
        return left

    def refusals_left(self, application: str, reference: str, now: int) -> int:
        """Say how many tokens a session may still be refused while others of its are under way."""
        return self._refusals_left(application, reference, now)[1]

    def _refusals_left(self, application: str, reference: str, now: int) -> tuple[int, int]:
        own = self._refusals.used((application, reference), now)
        every = self._refusals.used((application,), now)
        return own, 0 if every >= APPLICATION_REFUSALS else SESSION_REFUSALS - own

    def charge_refusals(self, application: str, reference: str, refused: int, now: int) -> None:
        """Count refused tokens: up to the limit, so that what is over it lengthens no wait."""
        if refused:
            own = self._refusals.used((application, reference), now)
            counted = min(refused, max(0, SESSION_REFUSALS - own))
            self._refusals.add((application, reference), counted, now)
            self._refusals.add((application,), counted, now)

    def charge_unproven(self, what: str, application: str, now: int) -> bool:
        """Count a refused handle, cookie or session; say whether it may cost an audit entry.

        Counted before the entry is waited for, or many at once would each find room.
        """
        left = self._unproven.used((what, application), now) < UNPROVEN
        if not left:
            self._alarm(what, application, now)
        self._unproven.add((what, application), 1, now)
        return left

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

    def check_bytes_read(self, application: str, reference: str, now: int) -> None:
        """Turn a session away that reads more than a page shows.

        Raises: `TooManyRequests`.
        """
        if self._bytes_read.used((application, reference), now) >= READ_BYTES:
            self._refuse("bytes read", application, MINUTE, now)

    def charge_bytes_read(self, application: str, reference: str, size: int, now: int) -> None:
        """Count sealed bytes that leave to a session."""
        self._bytes_read.add((application, reference), size, now)

    def charge_file(self, stored: Stored, now: int) -> None:
        """Count the bytes of a file before the first of them comes; strangers share one budget.

        Raises: `TooManyRequests`.
        """
        limit = self._applications[stored.application].file_bytes_per_hour
        keys = {(stored.application, stored.reference): limit}
        keys[stored.application, ""] = limit * SESSIONS_WORTH
        if stored.temporary:
            keys[stored.application, "temporary"] = min(limit, TEMPORARY_FILE_BYTES)
        for key, most in keys.items():
            if self._files.used(key, now) >= most:
                self._refuse("files", stored.application, HOUR, now)
        for key in keys:
            self._files.add(key, max(LEAST_FILE, stored.size), now)

    def charge_reads(self, application: str, reference: str, tokens: int, now: int) -> None:
        """Count tokens that a session reads: each leaves its name in the audit log.

        Raises: `TooManyRequests`.
        """
        key = (application, reference)
        if self._reads.used(key, now) + tokens > self._applications[application].reads_per_minute:
            self._refuse("reads", application, MINUTE, now)
        self._reads.add(key, tokens, now)

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
