"""How often: refused reads, failed bootstraps, grants and erasures. All slow; none shuts out."""

from collections.abc import Mapping
from typing import Final

import structlog
from limits import (
    RateLimitItem,
    RateLimitItemPerHour,
    RateLimitItemPerMinute,
    RateLimitItemPerSecond,
)
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from lunasec.errors import TooManyRequests
from lunasec.tokenizer.settings import Application

SESSION_REFUSALS: Final = RateLimitItemPerSecond(100, 10)
"""Refused tokens a session in ten seconds: a page that shows a hundred foreign tokens, once."""

APPLICATION_REFUSALS: Final = RateLimitItemPerSecond(2000, 10)
"""The same for all sessions of an application, against a guesser with many sessions."""

FAILED_BOOTSTRAPS: Final = RateLimitItemPerSecond(200, 10)
"""Refused handles of an application: each costs a durable entry in the audit log."""

log = structlog.get_logger("lunasec.budgets")


class Budgets:
    """This process's counts. A budget that is used up refuses until its window has moved on."""

    def __init__(self, applications: Mapping[str, Application]) -> None:
        """Start with nothing counted."""
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._grants = {
            name: RateLimitItemPerMinute(each.grants_per_minute)
            for name, each in applications.items()
        }
        self._erases = {
            name: RateLimitItemPerHour(each.erases_per_hour) for name, each in applications.items()
        }

    def check_refusals(self, application: str, reference: str) -> None:
        """Turn a session away that was refused too often, before any work is done.

        Unknown, ungranted and foreign tokens count alike, so the limit tells nobody which it was.

        Raises: `TooManyRequests`.
        """
        self._test(SESSION_REFUSALS, "refusals", application, reference)
        self._test(APPLICATION_REFUSALS, "refusals", application)

    def charge_refusals(self, application: str, reference: str, refused: int) -> None:
        """Count refused tokens."""
        if refused:
            self._spend(SESSION_REFUSALS, refused, "refusals", application, reference)
            self._spend(APPLICATION_REFUSALS, refused, "refusals", application)

    def check_bootstraps(self, application: str) -> None:
        """Turn bootstraps away while too many of an application fail.

        Raises: `TooManyRequests`.
        """
        self._test(FAILED_BOOTSTRAPS, "bootstraps", application)

    def charge_bootstrap(self, application: str) -> None:
        """Count a refused handle."""
        self._spend(FAILED_BOOTSTRAPS, 1, "bootstraps", application)

    def charge_grants(self, application: str, tokens: int) -> None:
        """Count tokens that an application grants; a stolen server can't grant the whole store.

        Raises: `TooManyRequests`.
        """
        self._take(self._grants[application], tokens, "grants", application)

    def charge_erases(self, application: str, tokens: int) -> None:
        """Count tokens that an application erases.

        Raises: `TooManyRequests`.
        """
        self._take(self._erases[application], tokens, "erases", application)

    def _test(self, limit: RateLimitItem, *key: str) -> None:
        if not self._limiter.test(limit, *key):
            raise TooManyRequests(retry_after=1)

    def _spend(self, limit: RateLimitItem, cost: int, *key: str) -> None:
        """Count up to the limit, so that what is over it does not lengthen the wait."""
        left = self._limiter.get_window_stats(limit, *key).remaining
        if left:
            self._limiter.hit(limit, *key, cost=min(cost, left))

    def _take(self, limit: RateLimitItem, cost: int, budget: str, application: str) -> None:
        if not self._limiter.hit(limit, budget, application, cost=cost):
            log.warning("budget used up", budget=budget, application=application)
            raise TooManyRequests(retry_after=limit.get_expiry() // 10)
