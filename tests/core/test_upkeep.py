"""Upkeep: what is dropped, destroyed, erased, given back and locked anew, and what is logged."""

import pytest

from lunasec.tokenizer.core.audit import Entry
from lunasec.tokenizer.core.changes import (
    Change,
    DestroyKey,
    DropRecord,
    ReplaceKey,
    SetErased,
    Sweep,
)
from lunasec.tokenizer.core.grants import GRANT_SECONDS
from lunasec.tokenizer.core.ledger import (
    Batch,
    Condition,
    Destroyed,
    ErasedBefore,
    ErasedSince,
    Facts,
    Found,
    UnverifiedBefore,
    Want,
)
from lunasec.tokenizer.core.operation import Operation
from lunasec.tokenizer.core.upkeep import (
    DestroyKeys,
    DropDestroyed,
    DropEnded,
    EraseUnverified,
    Relock,
    UndoErase,
)
from lunasec.tokenizer.core.wrapped import Wrapped
from tests.stores.made_up import APPLICATION, NOW, OTHER, key, name, record

BATCH = (
    Found(record=record(1)),
    Found(record=record(2, application=OTHER)),
    Found(record=record(3)),
)


def entry(action: str, actor: str, application: str, *numbers: int) -> Entry:
    """Say what the log holds of some records of one application."""
    return Entry(
        at=NOW,
        application=application,
        action=action,
        outcome="allowed",
        actor=actor,
        records=tuple(name(number).hex() for number in numbers),
    )


def test_what_ended_is_dropped() -> None:
    """Grants and tombstones at once, sessions as long as a store grant lives, handles in 10 min."""
    operation = DropEnded(now=NOW)
    assert operation.want() == Want(application="")
    decision = operation.decide(Facts())
    assert (decision.answer, decision.entries) == (None, ())
    assert decision.changes == (Sweep(NOW, NOW - GRANT_SECONDS, NOW - 600),)


@pytest.mark.parametrize(
    ("operation", "condition", "changes", "action", "actor"),
    [
        (
            DestroyKeys(now=NOW, erase_delay=100, limit=5),
            ErasedBefore(NOW - 100),
            (DestroyKey(name(1)), DestroyKey(name(2)), DestroyKey(name(3))),
            "token.destroy",
            "upkeep",
        ),
        (
            EraseUnverified(before=7, now=NOW, limit=5),
            UnverifiedBefore(7),
            (SetErased(name(1), NOW), SetErased(name(2), NOW), SetErased(name(3), NOW)),
            "token.erase",
            "operator",
        ),
        (
            UndoErase(application=APPLICATION, since=7, now=NOW, limit=5),
            ErasedSince(APPLICATION, 7),
            (SetErased(name(1), None), SetErased(name(2), None), SetErased(name(3), None)),
            "token.unerase",
            "operator",
        ),
        (
            DropDestroyed(limit=5),
            Destroyed(),
            (DropRecord(name(1)), DropRecord(name(2)), DropRecord(name(3))),
            None,
            None,
        ),
    ],
)
def test_a_batch_is_done_and_logged(
    operation: Operation[int],
    condition: Condition,
    changes: tuple[Change, ...],
    action: str | None,
    actor: str | None,
) -> None:
    """Each asks for a batch, does all of it, and logs it under the application it was of."""
    assert operation.want() == Want(
        application="", batch=Batch(condition=condition, limit=5, skip=0, contents=False)
    )
    decision = operation.decide(Facts(batch=BATCH))
    assert (decision.answer, decision.changes) == (3, changes)
    logged: tuple[Entry, ...] = ()
    if action is not None and actor is not None:
        logged = (entry(action, actor, APPLICATION, 1, 3), entry(action, actor, OTHER, 2))
    assert decision.entries == logged
    nothing = operation.decide(Facts())
    assert (nothing.answer, nothing.changes, nothing.entries) == (0, (), ())


OLD, NEW = key(1), key(1, epoch=2, wrapped=b"n" * 88)
RENAMED = key(9, lookup_version=2, epoch=2)


def relock(*keys: tuple[Wrapped, Wrapped]) -> Relock:
    """Lock records anew."""
    return Relock(application=APPLICATION, keys=keys, now=NOW)


def test_a_key_gets_new_locks() -> None:
    """What is as it was read is replaced, also under a new name, which the log tells."""
    operation = relock((OLD, NEW), (key(2), RENAMED))
    assert operation.want() == Want(application=APPLICATION, records=((name(1),), (name(2),)))
    decision = operation.decide(Facts(found=(*BATCH[:1], Found(record=record(2)))))
    assert decision.answer == 2
    assert decision.changes == (ReplaceKey(name(1), NEW), ReplaceKey(name(2), RENAMED))
    assert decision.entries == (
        entry("key.relock", "upkeep", APPLICATION, 1, 2),
        entry("key.rename", "upkeep", APPLICATION, 2, 9),
    )


@pytest.mark.parametrize(
    "now_there",
    [
        Found(),
        Found(record=record(1, key=NEW)),
        Found(record=record(1, key=key(1, wrapped=b""))),
        Found(record=record(1, key=key(1, commitment=bytes(32)))),
    ],
)
def test_what_changed_meanwhile_stays(now_there: Found) -> None:
    """A record that is gone, destroyed or already locked anew is left as it is."""
    decision = relock((OLD, NEW)).decide(Facts(found=(now_there,)))
    assert (decision.answer, decision.changes, decision.entries) == (0, (), ())


def test_a_destroyed_key_never_comes_back() -> None:
    """Not even where the key was read after it was destroyed."""
    gone = key(1, wrapped=b"")
    decision = relock((gone, NEW)).decide(Facts(found=(Found(record=record(1, key=gone)),)))
    assert (decision.answer, decision.changes) == (0, ())
