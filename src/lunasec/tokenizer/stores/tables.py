"""Tables of the reference store: plain dictionaries, of structs that never change."""

from collections.abc import Callable
from typing import Any, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from lunasec.errors import Unavailable
from lunasec.tokenizer.core.ledger import Action, Grant

K = TypeVar("K")
V = TypeVar("V")
S = TypeVar("S", bound=Struct)


def put_new(table: dict[bytes, V], key: bytes, value: V) -> None:
    """Refuse a name that is taken, as a unique column does; random names never are."""
    if key in table:
        raise Unavailable
    table[key] = value


def put_later(table: dict[K, tuple[int, int]], key: K, times: tuple[int, int]) -> None:
    """Keep the later of what was there and what comes, of each of two times."""
    there = table.get(key, times)
    table[key] = (max(there[0], times[0]), max(there[1], times[1]))


def alter(table: dict[bytes, S], name: bytes, **fields: Any) -> None:  # noqa: ANN401 - as `replace` takes them
    """Change fields of what has a name, if it is there."""
    if there := table.get(name):
        table[name] = replace(there, **fields)


def keep(table: dict[K, V], wanted: Callable[[V], bool]) -> None:
    """Drop all that is not wanted."""
    for key in [key for key, value in table.items() if not wanted(value)]:
        del table[key]


def key_of(grant: Grant) -> tuple[str, str, bytes, Action]:
    """Give the primary key of a grant."""
    return grant.application, grant.reference, grant.record_id, grant.action
