"""Bodies: how many bytes of them are in memory at once, over all connections; small ones first."""

from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Final

from lunasec.errors import Unavailable
from lunasec.tokenizer.http.metrics import Metrics
from lunasec.tokenizer.http.places import Room, Taken

SMALL_BODY: Final = 8 * 1024
"""A body that always finds room: on all connections together (`protocol.CONNECTIONS`) they are
32 MiB. A hundred tokens, or a dozen short values."""

BODIES: Final = Room(whole=64 * 2**20, application=32 * 2**20, holder=16 * 2**20, first=8 * 2**20)
"""Bytes of larger ones. Who has no session is one holder with all others who have none."""

STRANGERS: Final = ("", "")
"""Whose a body is while nobody knows whose it is."""

_FREE: Final = nullcontext()


class Bodies:
    """Who may send a large body now; nobody waits for it, since it would be sent meanwhile."""

    def __init__(self, metrics: Metrics, room: Room = BODIES) -> None:
        """Start with nothing in memory."""
        self._taken, self._metrics = Taken(room), metrics

    def hold(self, holder: tuple[str, str], size: int) -> AbstractContextManager[None]:
        """Hold so many bytes for an application's session, or its back end, while a block works.

        Raises, as the block begins: `Unavailable`.
        """
        return _FREE if size <= SMALL_BODY else self._hold(holder, size)

    @contextmanager
    def _hold(self, holder: tuple[str, str], size: int) -> Generator[None]:
        if not self._taken.has_place(*holder, size):
            self._metrics.alarm("bodies", holder[0])
            raise Unavailable("Too many large bodies are under way.", retry_after=1)
        self._taken.change(*holder, size)
        try:
            yield
        finally:
            self._taken.change(*holder, -size)
