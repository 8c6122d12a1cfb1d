"""Looks for one order in which all could have happened, each thing while it was asked for.

The algorithm is Wing and Gong's, with Lowe's memory of what was tried, as in Porcupine.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

State = int | None
"""When the grant ends; None where there is none."""

UNKNOWN: Final = math.inf
"""When something ended of which nobody was told whether it happened."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """One thing that a client asked for, when, and what it heard.

    `began` and `ended` are times of the test; `earliest` and `latest` what the tokenizer's clock
    may have said meanwhile. `value` is when a grant is to end, or whether a read was allowed.
    """

    what: Literal["grant", "revoke", "read"]
    value: int
    began: float
    ended: float
    earliest: int
    latest: int

    def follow(self, state: State) -> tuple[bool, State]:
        """Say whether it could happen in a state, and what the state is afterwards."""
        match self.what:
            case "grant":
                return True, self.value
            case "revoke":
                return True, None
            case "read":
                could_be = state is not None and (
                    self.earliest < state if self.value else self.latest < state
                )
                return could_be == bool(self.value), state


class _Event:
    """A call or its return, in a list from which both can be lifted and put back."""

    __slots__ = ("after", "before", "number", "returned")

    def __init__(self, number: int, returned: "_Event | None") -> None:
        """A call knows its return."""
        self.number = number
        self.returned = returned
        self.before: _Event | None = None
        self.after: _Event | None = None

    def lift(self) -> None:
        """Take a call and its return out."""
        for each in (self, self.returned):
            if each is not None:
                if each.before:
                    each.before.after = each.after
                if each.after:
                    each.after.before = each.before

    def put_back(self) -> None:
        """Put them where they were."""
        for each in (self.returned, self):
            if each is not None:
                if each.before:
                    each.before.after = each
                if each.after:
                    each.after.before = each


def _events(history: Sequence[Done]) -> _Event:
    marks: list[tuple[float, int, _Event]] = []
    for number, each in enumerate(history):
        returned = _Event(number, None)
        marks += [(each.began, 0, _Event(number, returned)), (each.ended, 1, returned)]
    head = last = _Event(-1, None)
    for _, _, event in sorted(marks, key=lambda mark: mark[:2]):
        last.after, event.before = event, last
        last = event
    return head


def linearizable(history: Sequence[Done], state: State = None) -> bool:
    """Say whether the history of one token's grant has such an order, beginning with `state`."""
    head, done = _events(history), 0
    tried: set[tuple[int, State]] = set()
    path: list[tuple[_Event, State]] = []
    event = head.after
    while head.after is not None:
        if event is not None and event.returned is not None:  # a call: try it now
            possible, following = history[event.number].follow(state)
            after = (done | 1 << event.number, following)
            if possible and after not in tried:
                tried.add(after)
                path.append((event, state))
                done, state = after
                event.lift()
                event = head.after
            else:
                event = event.after
        elif not path:  # a return that nothing before explains
            return False
        else:  # the last one tried was wrong
            event, state = path.pop()
            done &= ~(1 << event.number)
            event.put_back()
            event = event.after
    return True
