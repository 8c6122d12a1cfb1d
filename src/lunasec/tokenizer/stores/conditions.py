"""Conditions by which upkeep finds records, in SQLite's dialect of SQL."""

from typing import Any, Final

from lunasec.tokenizer.core import conditions

# Each begins with what its index begins with (schema/sqlite.sql), so that none reads the table.
WHERE: Final = {
    conditions.ErasedBefore: ("erased_at < ? AND wrapped <> x''", "erased_at, rowid"),
    conditions.ErasedSince: (
        "erased_at >= ?2 AND application = ?1 AND wrapped <> x''",
        "erased_at, rowid",
    ),
    conditions.Destroyed: ("erased_at IS NOT NULL AND wrapped = x''", "erased_at, rowid"),
    conditions.UnverifiedBefore: (
        "created_at < ? AND verified_at IS NULL AND erased_at IS NULL",
        "created_at, rowid",
    ),
    conditions.OfSubject: (
        "application = ? AND subject = ? AND erased_at IS NULL",
        "rowid",
    ),
    conditions.EpochBefore: ("epoch < ? AND wrapped <> x''", "epoch, rowid"),
}


def parameters(condition: conditions.Condition) -> tuple[Any, ...]:
    """Give what the places of its `WHERE` stand for."""
    match condition:
        case conditions.ErasedBefore(at) | conditions.UnverifiedBefore(at):
            return (at,)
        case conditions.ErasedSince(application, at):
            return application, at
        case conditions.Destroyed():
            return ()
        case conditions.OfSubject(application, subject):
            return application, subject
        case conditions.EpochBefore(epoch):
            return (epoch,)
