"""Refused reads: how many tokens a session may be refused, however many requests ask at once."""

import asyncio
from collections import Counter, deque
from contextlib import suppress
from types import TracebackType
from typing import Final, Self

from lunasec.errors import NotGranted, TooManyRequests
from lunasec.tokenizer.http.budgets import Budgets
from lunasec.tokenizer.ports import Clock
from lunasec.tokenizer.time_limits import within

WAITING: Final = 64
"""Requests of one session that may wait for its others; a page sends a handful."""

WAIT_SECONDS: Final = 2
"""As long as the store has for an answer (`gate.ANSWER_SECONDS`)."""

Key = tuple[str, str]


class Refusals:
    """Who may ask now. What is under way counts as refused until it is known not to be.

    A session that has more under way than it may still be refused waits for its own answers: an
    honest one gets all of them, one after the other; a guesser learns in time what he used up.
    """

    def __init__(self, budgets: Budgets, clock: Clock) -> None:
        """Start with nothing under way."""
        self._budgets, self._clock = budgets, clock
        self._under_way: Counter[Key] = Counter()
        self._lanes: dict[Key, deque[_Waiting]] = {}

    def reserve(self, application: str, reference: str, tokens: int) -> "Reservation":
        """Have a block ask for so many tokens, and count those that it was refused.

        Raises, as the block begins: `TooManyRequests`.
        """
        return Reservation(self, (application, reference), tokens)

    async def begin(self, key: Key, tokens: int) -> None:
        """Hold `tokens`, as soon as there is room for one of them.

        Raises: `TooManyRequests` where the budget is used up, or the others take too long.
        """
        left = self._budgets.check_refusals(*key, self._clock())
        under_way = self._under_way.get(key, 0)
        if not under_way or (under_way < left and key not in self._lanes):
            self._under_way[key] = under_way + tokens
            return
        await self._wait(key, tokens)
        try:
            self._budgets.check_refusals(*key, self._clock())
        except TooManyRequests:
            self.end(key, tokens, refused=0)
            raise

    def end(self, key: Key, tokens: int, *, refused: int) -> None:
        """Give back what was held, count what was refused, and let the next ones go on."""
        if refused:
            self._budgets.charge_refusals(*key, refused, self._clock())
        self._under_way[key] -= tokens
        lane = self._lanes.get(key)
        while lane and (not self._under_way[key] or self._has_room(key)):
            first = lane.popleft()
            if not first.turn.done():  # or it is about to leave
                self._under_way[key] += first.tokens
                first.turn.set_result(None)
        if not lane:
            self._lanes.pop(key, None)
        if not self._under_way[key]:
            del self._under_way[key]

    async def _wait(self, key: Key, tokens: int) -> None:
        lane = self._lanes.setdefault(key, deque())
        if len(lane) >= WAITING:
            raise TooManyRequests(retry_after=1)
        waiting = _Waiting(tokens)
        lane.append(waiting)
        try:
            with within(WAIT_SECONDS):
                await waiting.turn
        except BaseException as error:
            self._leave(key, waiting)
            if isinstance(error, TimeoutError):
                raise TooManyRequests(retry_after=1) from None
            raise

    def _leave(self, key: Key, waiting: "_Waiting") -> None:
        """Ask for nothing after all, and give back a turn that came at this very moment."""
        if waiting.turn.done() and not waiting.turn.cancelled():
            self.end(key, waiting.tokens, refused=0)
            return
        lane = self._lanes.get(key, deque())
        with suppress(ValueError):
            lane.remove(waiting)
        if not lane:
            self._lanes.pop(key, None)

    def _has_room(self, key: Key) -> bool:
        return self._under_way[key] < self._budgets.refusals_left(*key, self._clock())


class _Waiting:
    __slots__ = ("tokens", "turn")

    def __init__(self, tokens: int) -> None:
        self.tokens = tokens
        self.turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()


class Reservation:
    """Tokens that a block asks for, until they are `answered`. A class, as in `turns.py`."""

    __slots__ = ("_key", "_refusals", "_tokens")

    def __init__(self, refusals: Refusals, key: Key, tokens: int) -> None:
        """Hold nothing yet."""
        self._refusals, self._key, self._tokens = refusals, key, tokens

    async def __aenter__(self) -> Self:
        """Wait until there is room."""
        await self._refusals.begin(self._key, self._tokens)
        return self

    def answered(self, *, refused: int) -> None:
        """Count what was refused; nothing is held any more."""
        tokens, self._tokens = self._tokens, 0
        self._refusals.end(self._key, tokens, refused=refused)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        """Count a block's own refusal, where nothing was answered."""
        if self._tokens:
            self.answered(refused=1 if isinstance(error, NotGranted) else 0)
