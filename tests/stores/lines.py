"""What a store's audit log holds."""
# pyright: reportPrivateUsage=false

import sqlite3
from contextlib import closing
from pathlib import Path

from lunasec.tokenizer.core.audit import START, Head, Link, follow
from lunasec.tokenizer.stores import sqlite_copy
from lunasec.tokenizer.stores.memory import MemoryStore
from lunasec.tokenizer.stores.sqlite import SqliteStore


def links(store: MemoryStore | SqliteStore) -> list[Link]:
    """Return the audit log, line by line."""
    if isinstance(store, SqliteStore):
        return list(sqlite_copy.links(store._path))
    head, made = store._base, list[Link]()
    if head != START:
        made.append(Link(sequence=head.sequence, line="", digest=head.digest))
    for line in store.audit:
        head = follow(head, line)
        made.append(Link(sequence=head.sequence, line=line, digest=head.digest))
    return made


def lines(store: MemoryStore | SqliteStore) -> list[str]:
    """Return the lines of the audit log."""
    return [each.line for each in links(store)]


def end(store: MemoryStore | SqliteStore) -> Head:
    """Return the end of the audit log, as the lines say."""
    last = links(store)[-1:]
    return Head(sequence=last[0].sequence, digest=last[0].digest) if last else START


def execute(path: Path, statement: str) -> list[tuple[object, ...]]:
    """Run a statement on a database behind the store's back."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        return connection.execute(statement).fetchall()
