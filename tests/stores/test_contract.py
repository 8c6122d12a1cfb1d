"""One suite for every store: each promise of `ports.py`, kept by all of them."""

import asyncio

import pytest

from lunasec.errors import LunaSecError, NoSession, Unavailable
from lunasec.tokenizer.core.audit import START, verify_chain
from lunasec.tokenizer.core.changes import (
    PutGrant,
    PutSession,
)
from lunasec.tokenizer.core.ledger import (
    Facts,
    Found,
    Want,
)
from lunasec.tokenizer.core.operation import Decision
from lunasec.tokenizer.core.values import ReadValues, Release, StoreValues
from tests.stores.conftest import AnyStore
from tests.stores.lines import end, lines, links
from tests.stores.made_up import (
    ALICE,
    APPLICATION,
    COOKIE,
    FRAME,
    NOW,
    Apply,
    ciphertext,
    found,
    grant,
    name,
    put_record,
    session,
)

ONE = Want(application=APPLICATION, records=((name(1),),), grants_of=ALICE, session=COOKIE)


class Broken(Apply):
    """An operation with a mistake: it raises while it decides."""

    def decide(self, facts: Facts) -> Decision[int]:
        """Raise."""
        message = f"a mistake, having found {len(facts.found)}"
        raise ZeroDivisionError(message)


def read(*numbers: int) -> ReadValues:
    """Read records in Alice's session."""
    return ReadValues(caller=FRAME, records=tuple((name(each),) for each in numbers), now=NOW)


async def test_an_empty_store_finds_nothing(store: AnyStore) -> None:
    """Nothing is there, the chain has not begun, and looking leaves no trace."""
    assert await store.look(ONE) == Facts(found=(Found(),))
    assert await store.head() == START
    assert lines(store) == []


async def test_what_was_written_is_found(store: AnyStore) -> None:
    """Every field comes back as it was written."""
    full = put_record(1, metadata=(("a", "é"), ("b", "")), subject="alice", verified_at=NOW)
    given = grant(1, reads_left=3, may_copy=True)
    await store.transact(Apply(PutSession(session()), full, PutGrant(given)))
    facts = await store.look(ONE)
    assert facts.session == session()
    assert facts.found == (Found(record=full.record, grant=given),)
    await store.transact(Apply(PutGrant(grant(1))))
    assert (await store.look(ONE)).found[0].grant == grant(1)


async def test_each_operation_sees_the_one_before(store: AnyStore) -> None:
    """One order holds for everybody: a grant with ten reads is read ten times, by whomever."""
    await store.transact(
        Apply(PutSession(session()), put_record(1), PutGrant(grant(1, reads_left=10)))
    )
    answers = await asyncio.gather(*[store.transact(read(1)) for _ in range(64)])
    released = [each for each in answers if isinstance(each, tuple) and each[0] is not None]
    assert len(released) == 10
    assert (await store.look(ONE)).found == (found(1, grant=grant(1, reads_left=0)),)


async def test_a_refusal_is_returned_and_logged(store: AnyStore) -> None:
    """A refusal is an answer like any other, and its entry is in the log by then."""
    answer = await store.transact(read(1))
    assert isinstance(answer, NoSession)
    [line] = lines(store)
    assert '"outcome":"refused"' in line
    assert '"reason":"no_session"' in line


async def test_the_log_is_one_chain(store: AnyStore) -> None:
    """Entries follow one another in the order of the operations, and the head is their end."""
    for number in range(5):
        await store.transact(Apply(put_record(number), PutGrant(grant(number))))
    assert await store.head() == end(store) == verify_chain(links(store), None)
    assert (await store.head()).sequence == 10


async def test_what_fails_half_way_has_changed_nothing(store: AnyStore) -> None:
    """An operation whose last change can't be written leaves neither changes nor entries."""
    await store.transact(Apply(put_record(1)))
    before, written = await store.head(), lines(store)
    failing = Apply(PutSession(session()), put_record(2), PutGrant(grant(1)), put_record(1))
    with pytest.raises(Unavailable):
        await store.transact(failing)
    assert await store.look(ONE) == Facts(found=(found(1, grant=None, ciphertext=None),))
    two = Want(application=APPLICATION, records=((name(2),),), wraps_of=1)
    assert await store.look(two) == Facts(found=(Found(),), wraps=1)
    assert (await store.head(), lines(store)) == (before, written)


async def test_each_member_of_a_group_has_its_own_outcome(store: AnyStore) -> None:
    """Among operations that wait together, one that fails or raises is alone in it."""
    await store.transact(Apply(put_record(1)))
    good, failing = Apply(put_record(2)), Apply(put_record(3), put_record(1))
    once, twice = Apply(put_record(4)), Apply(put_record(4))
    outcomes = await asyncio.gather(
        store.transact(good),
        store.transact(failing),
        store.transact(Broken()),
        store.transact(read(1)),
        store.transact(once),
        store.transact(twice),
        return_exceptions=True,
    )
    kinds = [type(each).__name__ for each in outcomes]
    assert kinds == ["int", "Unavailable", "ZeroDivisionError", "NoSession", "int", "Unavailable"]
    there = await store.look(
        Want(application=APPLICATION, records=tuple((name(n),) for n in (2, 3, 4)))
    )
    assert [each.record is not None for each in there.found] == [True, False, True]
    assert len(lines(store)) == 4
    assert verify_chain(links(store), None) == await store.head()


async def test_who_stopped_waiting_delays_nobody(store: AnyStore) -> None:
    """A request that was cancelled is done or not done, whole, and the others are answered."""
    tasks = [asyncio.ensure_future(store.transact(Apply(put_record(n)))) for n in range(32)]
    await asyncio.sleep(0)
    for task in tasks[::2]:
        task.cancel()
    answers = await asyncio.gather(*tasks, return_exceptions=True)
    assert answers[1::2] == [1] * 16
    await store.transact(Apply(put_record(99)))
    ids = tuple((name(n),) for n in range(32))
    kept = (await store.look(Want(application=APPLICATION, records=ids))).found
    assert sum(each.record is not None for each in kept) == len(lines(store)) - 1
    assert all(each.record is not None for each in kept[1::2])


async def test_a_closed_store_answers_nothing(store: AnyStore) -> None:
    """After closing there is a refusal, and nobody waits for ever."""
    await store.close()
    with pytest.raises(Unavailable):
        await store.transact(Apply(put_record(1)))
    with pytest.raises(Unavailable):
        await store.look(ONE)


async def test_storing_and_reading_go_together(store: AnyStore) -> None:
    """The core's own operations run on every store alike."""
    await store.transact(Apply(PutSession(session())))
    values = (put_record(1), put_record(2))
    kept = await store.transact(
        StoreValues(caller=FRAME, values=values, expires_at=NOW + 900, now=NOW)
    )
    assert kept is None
    await store.transact(Apply(PutGrant(grant(1))))
    answer = await store.transact(read(1, 2, 3))
    assert not isinstance(answer, LunaSecError)
    assert [each.record.record_id for each in answer if isinstance(each, Release)] == [name(1)]
    assert answer[1:] == (None, None)
    want = Want(application=APPLICATION, grants_of=ALICE, contents=((name(1),), (name(2),)))
    assert (await store.look(want)).contents == (ciphertext(1), None)
