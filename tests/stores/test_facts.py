"""One suite for every store, continued: which facts are found, and which are not."""

import pytest

from lunasec.tokenizer.core.changes import (
    PutGrant,
    PutSession,
    RevokeGrants,
    SetErased,
    Sweep,
)
from lunasec.tokenizer.core.ledger import (
    Action,
    Batch,
    EpochBefore,
    Facts,
    Found,
    UnverifiedBefore,
    Want,
)
from tests.stores.conftest import AnyStore
from tests.stores.made_up import (
    ALICE,
    APPLICATION,
    BOB,
    COOKIE,
    NOW,
    OTHER,
    Apply,
    ciphertext,
    found,
    grant,
    key,
    name,
    put_record,
    record,
    session,
)

ONE = Want(application=APPLICATION, records=((name(1),),), grants_of=ALICE, session=COOKIE)


async def test_applications_are_kept_apart(store: AnyStore) -> None:
    """Another application finds nothing under the same ids, and revokes nothing by them."""
    await store.transact(
        Apply(
            put_record(1),
            PutGrant(grant(1)),
            PutGrant(grant(1, application=OTHER)),
            PutSession(session()),
        )
    )
    foreign = Want(
        application=OTHER,
        records=((name(1),),),
        grants_of=ALICE,
        sessions_of=(ALICE,),
        references=(ALICE,),
    )
    assert await store.look(foreign) == Facts(found=(Found(),))
    await store.transact(Apply(RevokeGrants(OTHER, None, (name(1),)), application=OTHER))
    assert (await store.look(ONE)).found == (found(1),)


async def test_a_grant_is_of_one_session_and_one_action(store: AnyStore) -> None:
    """Grants of another session, record or action are not found with a record."""
    await store.transact(
        Apply(
            put_record(1),
            put_record(2),
            PutGrant(grant(1, reference=BOB)),
            PutGrant(grant(1, action=Action.STORE)),
            PutGrant(grant(2)),
        )
    )
    assert (await store.look(ONE)).found == (found(1, grant=None, ciphertext=None),)


async def test_a_token_is_found_under_each_of_its_ids(store: AnyStore) -> None:
    """Older lookup keys give older ids; the first id that is there counts, in the order asked."""
    await store.transact(Apply(put_record(1), put_record(2), PutGrant(grant(2))))
    want = Want(
        application=APPLICATION,
        records=((name(9), name(1)), (name(2), name(8)), (name(8), name(9)), (name(2), name(1))),
        grants_of=ALICE,
    )
    two = found(2, ciphertext=None)
    assert (await store.look(want)).found == (Found(record=record(1)), two, Found(), two)


@pytest.mark.parametrize("count", [1, 2, 3, 10, 11, 99, 100, 101, 250])
async def test_however_many_are_asked_for_each_is_answered(store: AnyStore, count: int) -> None:
    """Any number of tokens is answered in order, those asked for twice twice."""
    even = range(0, 250, 2)
    await store.transact(Apply(*map(put_record, even), *[PutGrant(grant(n)) for n in even]))
    numbers = [*reversed(range(count)), 0]
    ids = tuple((name(number),) for number in numbers)
    want = Want(application=APPLICATION, records=ids, grants_of=ALICE)
    kept = [each.record for each in (await store.look(want)).found]
    assert kept == [None if number % 2 else record(number) for number in numbers]
    fetch = Want(application=APPLICATION, grants_of=ALICE, contents=ids)
    contents = tuple(None if number % 2 else ciphertext(number) for number in numbers)
    assert (await store.look(fetch)).contents == contents


async def test_contents_are_of_what_may_be_read(store: AnyStore) -> None:
    """A ciphertext is found for a record with a grant that was not erased, under any of its ids."""
    others = {
        2: grant(2, reference=BOB),
        3: grant(3, action=Action.STORE),
        4: grant(4, application=OTHER),
    }
    await store.transact(
        Apply(
            *map(put_record, range(1, 6)),
            PutGrant(grant(1)),
            *map(PutGrant, others.values()),
            PutGrant(grant(5)),
            SetErased(name(5), NOW),
        )
    )
    ids = (*(((name(each)),) for each in range(1, 7)), (name(9), name(1)), (name(2), name(1)))
    want = Want(application=APPLICATION, grants_of=ALICE, contents=ids)
    one = ciphertext(1)
    assert (await store.look(want)).contents == (one, None, None, None, None, None, one, one)
    elsewhere = Want(application=OTHER, grants_of=ALICE, contents=ids)
    assert (await store.look(elsewhere)).contents == (None,) * 8


async def test_batches_skip_and_end(store: AnyStore) -> None:
    """A batch has at most so many records after the first few, oldest epoch first."""
    made = [put_record(n, key=key(n, epoch=1 + n % 3), created_at=NOW + n) for n in range(1, 8)]
    await store.transact(Apply(*made, SetErased(name(7), NOW)))
    condition = EpochBefore(3)
    batch = Batch(condition=condition, limit=2, skip=1, contents=True)
    facts = await store.look(
        Want(application="", batch=batch, count=UnverifiedBefore(NOW + 5), wraps_of=2)
    )
    assert [each.ciphertext for each in facts.batch] == [ciphertext(6), ciphertext(1)]
    assert [each.record.key.epoch for each in facts.batch if each.record] == [1, 2]
    assert (facts.count, facts.wraps) == (4, 3)


async def test_what_ended_is_swept_away(store: AnyStore) -> None:
    """Sessions, handles, grants and tombstones go at their own times, and nothing else does."""
    await store.transact(
        Apply(
            PutSession(session(expires_at=NOW)),
            put_record(1),
            PutGrant(grant(1, expires_at=NOW + 1)),
            PutGrant(grant(2, expires_at=NOW)),
        )
    )
    await store.transact(Apply(Sweep(NOW, NOW - 1, NOW)))
    facts = await store.look(ONE)
    assert facts.session is not None
    assert facts.found == (found(1, grant=grant(1, expires_at=NOW + 1)),)
    await store.transact(Apply(Sweep(NOW + 1, NOW, NOW)))
    assert await store.look(ONE) == Facts(found=(found(1, grant=None, ciphertext=None),))


async def test_a_count_has_a_bound(store: AnyStore) -> None:
    """Counted is up to a number, where one is said."""
    await store.transact(Apply(*[put_record(each) for each in range(60, 64)]))
    for most, counted in ((None, 4), (3, 3), (0, 0), (9, 4)):
        want = Want(application="", count=UnverifiedBefore(NOW + 99), count_up_to=most)
        assert (await store.look(want)).count == counted
