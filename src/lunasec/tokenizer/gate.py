"""The gate: everything that reads or changes the ledger comes through here, once."""

from collections import Counter
from typing import Final, TypeVar

from lunasec.errors import LunaSecError, TooManyRequests, Unavailable
from lunasec.tokenizer.core.operation import Operation
from lunasec.tokenizer.ports import Store
from lunasec.tokenizer.time_limits import within

T = TypeVar("T")

ANSWER_SECONDS: Final = 2
"""The store answers in milliseconds; after this it is down, and whoever waits should hear of it."""

WAITING_LIMIT: Final = 1024
"""Operations of one application that may wait for the store; more would starve the others."""

BATCH: Final = 100
"""Records in one step, so that requests pass between two of them."""


class Gate:
    """Writes each decision down durably; then lets through, or refuses."""

    def __init__(self, store: Store) -> None:
        """Stand before `store`."""
        self._store = store
        self._waiting: Counter[str] = Counter()

    async def admit(self, operation: Operation[T]) -> T:
        """Return the operation's answer, or raise its refusal; both are in the audit log by then.

        Operations that wait at the same moment are committed together by the store, so that one
        `fsync` serves them all. Each has its own outcome.

        Raises: the operation's own refusals; `TooManyRequests` when its application has too many
        waiting; `Unavailable` when nothing could be written, or the store did not answer in time:
        what was not begun by then is never done, and of the rest nobody is told.
        """
        application = operation.want().application
        if self._waiting[application] >= WAITING_LIMIT:
            raise TooManyRequests(retry_after=1)
        self._waiting[application] += 1
        try:
            with within(ANSWER_SECONDS):
                answer = await self._store.transact(operation)
        except TimeoutError as error:
            raise Unavailable from error
        finally:
            self._waiting[application] -= 1
        if isinstance(answer, LunaSecError):
            raise answer
        return answer


async def admit_all(gate: Gate, batch: Operation[int]) -> int:
    """Repeat a batch, of at least `BATCH`, until one is not full; return how much was done.

    Raises: as `admit` does; what was done by then stays done.
    """
    total, done = 0, BATCH
    while done >= BATCH:
        done = await gate.admit(batch)
        total += done
    return total
