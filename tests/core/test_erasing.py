"""Erasing a person: all that was made for one, a batch at a time."""

import pytest

from lunasec.tokenizer.core.changes import SetErased
from lunasec.tokenizer.core.erasing import Erased, EraseSubject
from lunasec.tokenizer.core.ledger import Batch, Facts, Found, OfSubject, Want
from tests.core.decided import logged, whole
from tests.stores.made_up import APPLICATION, NOW, name, record


def erase() -> EraseSubject:
    """Let an application erase what was made for Alice, five at once."""
    return EraseSubject(application=APPLICATION, actor="key-1", subject="alice", now=NOW, limit=5)


def test_it_asks_for_what_is_left() -> None:
    """A batch of the subject's, within the application, and nothing of what they hold."""
    batch = Batch(condition=OfSubject(APPLICATION, "alice"), limit=5)
    assert erase().want() == Want(application=APPLICATION, batch=batch)


@pytest.mark.parametrize("there", [(), (1,), (3, 1, 2)])
def test_all_of_a_batch_is_erased(there: tuple[int, ...]) -> None:
    """What went meanwhile is no matter; that nothing was left is written down, too."""
    batch = (Found(), *(Found(record=record(each, subject="alice")) for each in there))
    entry = logged(
        "subject.erase",
        actor="key-1",
        session="",
        subject="alice",
        records=tuple(name(each).hex() for each in there),
    )
    changes = tuple(SetErased(name(each), NOW) for each in there)
    decision = erase().decide(Facts(batch=batch))
    assert whole(decision) == (Erased(erased=len(there), kept=0), changes, (entry,))
