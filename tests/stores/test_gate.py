"""The gate: everything passes it once; refusals become errors, and nobody waits in crowds."""

from typing import TypeVar

import pytest

from lunasec.errors import NoSession, Unavailable
from lunasec.tokenizer.core.ledger import Want
from lunasec.tokenizer.core.values import ReadValues
from lunasec.tokenizer.gate import WAITING_LIMIT, Gate
from tests.stores.conftest import AnyStore
from tests.stores.lines import lines
from tests.stores.made_up import APPLICATION, FRAME, NOW, Apply, name, put_record

T = TypeVar("T")


async def test_an_answer_is_returned(store: AnyStore) -> None:
    """What the operation decided comes back, and is in the log by then."""
    assert await Gate(store).admit(Apply(put_record(1), put_record(2))) == 2
    assert len(lines(store)) == 2


async def test_a_refusal_is_raised_once_it_is_logged(store: AnyStore) -> None:
    """The caller gets the operation's own refusal; the log has it before he does."""
    operation = ReadValues(caller=FRAME, records=((name(1),),), now=NOW)
    with pytest.raises(NoSession):
        await Gate(store).admit(operation)
    assert len(lines(store)) == 1


async def test_what_can_not_be_written_is_unavailable(store: AnyStore) -> None:
    """A store that fails refuses, and its place in the queue is free again."""
    gate = Gate(store)
    await gate.admit(Apply(put_record(1)))
    for _ in range(WAITING_LIMIT + 1):
        with pytest.raises(Unavailable):
            await gate.admit(Apply(put_record(1)))
    assert await gate.admit(Apply(put_record(2))) == 1


async def test_looking_passes_no_gate(store: AnyStore) -> None:
    """The gate has one method: there is no way around the log to an effect."""
    assert [each for each in vars(Gate) if not each.startswith("_")] == ["admit"]
    assert (await store.look(Want(application=APPLICATION))).found == ()
