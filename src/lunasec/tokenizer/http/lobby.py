"""The lobby: the open connections of one listener, of which the longest waiting makes way."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Final

CONNECTIONS: Final = 4096
"""Open connections of one listener, counted from the moment that they are accepted."""


class Lobby:
    """Who is there, and which of them only wait: for a handshake, for headers, for a request.

    Waiting costs its client nothing, so it is what a flood does. Whoever waits longest is closed
    in favor of the next one: a person's request is read long before its turn comes.
    """

    def __init__(self) -> None:
        """Start empty."""
        self._guests: dict[object, Callable[[], object]] = {}
        self._waiting: OrderedDict[object, None] = OrderedDict()

    def enter(self, guest: object, close: Callable[[], object]) -> None:
        """Count a connection, which waits from now on. Where all are busy, it is itself closed.

        Who is there already is closed in another way from now on, and has waited for as long.
        """
        is_new = guest not in self._guests
        self._guests[guest] = close
        if not is_new:
            return
        self._waiting[guest] = None
        if len(self._guests) > CONNECTIONS:
            self._close(next(iter(self._waiting)))

    def work(self, guest: object) -> None:
        """Leave a connection alone: its request is being read and answered."""
        self._waiting.pop(guest, None)

    def wait(self, guest: object) -> None:
        """Know that a connection has had its answer, and waits from now on."""
        if guest in self._guests:
            self._waiting[guest] = None
            self._waiting.move_to_end(guest)

    def leave(self, guest: object) -> None:
        """Count a connection no longer."""
        self._guests.pop(guest, None)
        self._waiting.pop(guest, None)

    def _close(self, guest: object) -> None:
        close = self._guests[guest]
        self.leave(guest)
        close()
