"""A new lookup key renames records as they are read; nothing gets lost or stays behind."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from lunasec.tokenizer.cipher import Cipher
from lunasec.tokenizer.core.keyset import Keyset, lookup_rotated
from lunasec.tokenizer.core.ledger import Action, Found, Want
from lunasec.tokenizer.core.tokens import Token
from lunasec.tokenizer.ports import Store
from lunasec.tokenizer.stores.memory import MemoryStore
from lunasec.tokenizer.stores.sqlite import SqliteStore
from tests.crypto.records import keyset
from tests.stores.made_up import ALICE, APPLICATION, BACK_END, BOB, NOW
from tests.stores.whole import Whole, sealed

OLD = keyset()
NEW = lookup_rotated(OLD, NOW)


@pytest.fixture(params=["memory", "sqlite"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[Store]:
    """Make each store."""
    made: Store = MemoryStore() if request.param == "memory" else SqliteStore(tmp_path / "l.db")
    yield made
    await made.close()


async def under(store: Store, keys: Keyset, token: Token, reference: str = ALICE) -> Found:
    """Give what is stored under the newest name that those keys have for a token."""
    newest = Cipher(keys).record_ids(token)[:1]
    want = Want(application=APPLICATION, records=(newest,), grants_of=reference)
    return (await store.look(want)).found[0]


async def test_reading_moves_a_record_with_all_its_grants(store: Store) -> None:
    """Stored under version 1, read under 2: one record, one name, every session's grants."""
    before, after = Whole(store, OLD), Whole(store, NEW)
    frame = await before.log_in()
    [token] = await before.vault.tokenize(frame, [sealed()])
    for reference, reads in ((ALICE, 3), (BOB, None)):
        await before.grants.create(BACK_END, reference, [token], expires_in=600, max_reads=reads)
    assert await after.grants.verify(BACK_END, ALICE, [token], Action.STORE) == (True,)
    assert (await under(store, NEW, token)).record is None
    assert await after.readable(frame, [token]) == [True]
    assert (await under(store, OLD, token)).record is None
    found = await under(store, NEW, token)
    assert found.record is not None
    assert (found.record.key.lookup_version, found.record.verified_at) == (2, NOW)
    assert found.grant is not None
    assert found.grant.reads_left == 2
    assert (await under(store, NEW, token, BOB)).grant is not None
    assert await after.grants.verify(BACK_END, ALICE, [token], Action.STORE) == (True,)
    assert [await after.readable(frame, [token]) for _ in range(3)] == [[True], [True], [False]]


async def test_a_record_that_moves_while_its_read_waits(store: Store) -> None:
    """Released under its old name and moved by another read meanwhile, it opens all the same."""
    before, after = Whole(store, OLD), Whole(store, NEW)
    frame = await before.log_in()
    tokens = await before.tokens(frame)

    async def read_elsewhere(_: object) -> None:
        assert await after.readable(frame, tokens) == [True]

    opened = await after.vault.detokenize(frame, tokens, decided=read_elsewhere)
    assert [each is not None for each in opened] == [True]
    assert (await under(store, OLD, tokens[0])).record is None


async def test_many_tokens_move_in_one_read(store: Store) -> None:
    """A batch of old and new tokens, one twice and one ungranted, is read and moved in order."""
    before, after = Whole(store, OLD), Whole(store, NEW)
    frame = await before.log_in()
    one, other = await before.tokens(frame, 2)
    [shut] = await before.vault.tokenize(frame, [sealed()])
    [new] = await after.tokens(frame)
    read = await after.readable(frame, [one, shut, new, one, other])
    assert read == [True, False, True, True, True]
    names = [(await under(store, NEW, each)).record for each in (one, other, shut, new)]
    assert [each is not None for each in names] == [True, True, False, True]
    assert (await under(store, OLD, shut)).record is not None


@pytest.mark.parametrize("moved", [False, True])
@pytest.mark.parametrize("reference", [ALICE, None])
async def test_revoking_works_under_either_name(
    store: Store,
    moved: bool,  # noqa: FBT001 - a parameter
    reference: str | None,
) -> None:
    """A grant made under the old name is taken back before and after the move, for one or all."""
    before, after = Whole(store, OLD), Whole(store, NEW)
    frame = await before.log_in()
    [token] = await before.tokens(frame)
    if moved:
        assert await after.readable(frame, [token]) == [True]
    await after.grants.revoke(BACK_END, reference, [token])
    assert await after.readable(frame, [token]) == [False]
    assert (await under(store, OLD, token)).grant is None
    assert (await under(store, NEW, token)).grant is None


@pytest.mark.parametrize("moved", [False, True])
async def test_erasing_works_under_either_name(
    store: Store,
    moved: bool,  # noqa: FBT001 - a parameter
) -> None:
    """What is erased under one name is not there under the other, and does not move any more."""
    before, after = Whole(store, OLD), Whole(store, NEW)
    frame = await before.log_in()
    [token] = await before.tokens(frame)
    if moved:
        assert await after.readable(frame, [token]) == [True]
    assert await after.erasures.erase(BACK_END, [token]) == 1
    assert await after.readable(frame, [token]) == [False]
    found = [(await under(store, keys, token)).record for keys in (OLD, NEW)]
    assert [each is not None for each in found] == [not moved, moved]
    assert all(each.erased_at == NOW for each in found if each)
