"""The ledger's own rules: what counts as destroyed, and which changes must survive a rollback."""

import asyncio
from typing import get_args

import pytest

from lunasec.tokenizer.core import changes
from lunasec.tokenizer.core.changes import DESTROYS, TAKES_AWAY, Change
from lunasec.tokenizer.core.cookieless import CountSigned
from lunasec.tokenizer.core.grants import judge
from lunasec.tokenizer.core.identity import Proxied
from lunasec.tokenizer.core.ledger import Action, Session, Want
from lunasec.tokenizer.core.log_out import EndProxied, LogOut
from lunasec.tokenizer.core.proxied import Enter
from lunasec.tokenizer.core.sessions import Redeem
from lunasec.tokenizer.core.values import ReadValues
from lunasec.tokenizer.core.verdicts import Allowed
from lunasec.tokenizer.stores.memory import MemoryStore
from tests.stores.made_up import (
    ALICE,
    APPLICATION,
    BOB,
    COOKIE,
    FRAME,
    NOW,
    Apply,
    grant,
    handle,
    key,
    name,
    put_record,
    record,
    session,
    upload,
)


def test_a_record_is_destroyed_with_its_key() -> None:
    """Without a locked key nobody can read it; with one, somebody might."""
    assert record(1, key=key(1, wrapped=b"")).destroyed
    assert not record(1).destroyed


def test_every_change_is_sorted() -> None:
    """Whatever takes away or destroys is a change that stores know."""
    assert set(TAKES_AWAY) | set(DESTROYS) <= set(get_args(Change))
    assert not set(TAKES_AWAY) & set(DESTROYS)


VISITOR = Proxied(
    application=APPLICATION,
    reference=BOB,
    issuer="https://proxy.example.com",
    subject="bob",
    session_id="one",
    user_id="bob",
    login=NOW,
)
LOG_OUT = LogOut(application=APPLICATION, token_hash=name(9), token_until=NOW, key_id="key")

# One of each kind, against a store in which a session may read record 1 and store record 2.
MADE: list[Change] = [
    changes.PutSession(session(secret_hash=name(50))),
    changes.ShortenSession(COOKIE, NOW),
    changes.RenewSession(COOKIE, NOW, NOW + 900),
    changes.CountRequest(name(5), 1, b"\1"),
    changes.PutHandle(handle(handle_hash=name(51))),
    changes.UseHandle(name(2)),
    changes.EndReference(APPLICATION, ALICE, NOW + 9),
    changes.PutLogOut(APPLICATION, VISITOR.user_id, NOW, NOW + 9),
    changes.UseLogOutToken(APPLICATION, name(9), NOW + 9),
    changes.MoveStoreGrants(APPLICATION, ALICE, BOB),
    changes.AdoptRecords(APPLICATION, ALICE, "alice"),
    put_record(52),
    changes.PutUpload(upload(53)),
    changes.EndUpload(name(5)),
    changes.DropUpload(name(5)),
    changes.PutGrant(grant(3)),
    changes.NarrowGrant(grant(1, expires_at=NOW)),
    changes.CountRead(grant(1)),
    changes.RevokeGrants(APPLICATION, None, (name(1),)),
    changes.MarkVerified(name(1), NOW),
    changes.SetErased(name(1), NOW),
    changes.ReplaceKey(name(1), key(1, epoch=2)),
    changes.DestroyKey(name(4)),
    changes.DropRecord(name(4)),
    changes.DropAudit(0),
    changes.Sweep(NOW, NOW, NOW),
]


def test_one_of_each_change_is_tried() -> None:
    """The list above leaves none out."""
    assert {type(each) for each in MADE} == set(get_args(Change))


@pytest.mark.parametrize("change", MADE, ids=lambda change: type(change).__name__)
def test_what_takes_away_is_marked(change: Change) -> None:
    """After exactly these changes an older copy of the store would say yes where this says no."""
    assert asyncio.run(_takes_away(change)) == isinstance(change, TAKES_AWAY)


async def _takes_away(change: Change) -> bool:
    store = MemoryStore()
    await store.transact(
        Apply(
            changes.PutSession(session()),
            changes.PutSession(session(secret_hash=name(5), reference=BOB, public_key=b"a key")),
            changes.PutHandle(handle()),
            put_record(1),
            put_record(2),
            put_record(3),
            put_record(4, erased_at=NOW - 1),
            changes.PutUpload(upload(5)),
            changes.PutGrant(grant(1, reads_left=1)),
            changes.PutGrant(grant(2, action=Action.STORE)),
        )
    )
    before = await _yes(store)
    await store.transact(Apply(change))
    return bool(before - await _yes(store))


async def _yes(store: MemoryStore) -> set[str]:
    """Return all that the store says yes to."""
    read = ReadValues(caller=FRAME, records=((name(1),),), now=NOW)
    redeem = Redeem(
        application=APPLICATION,
        handle_hash=name(2),
        state="s" * 43,
        fetched=True,
        cookie_hash=None,
        secret_hash=name(60),
        now=NOW,
    )
    count = CountSigned(application=APPLICATION, key_name=name(5), counter=1, genuine=True, now=NOW)
    enter = Enter(who=VISITOR, pinned=BOB, now=NOW)
    log_out = EndProxied(log_out=LOG_OUT, now=NOW)
    released = read.decide(await store.look(read.want())).answer
    ids = (name(2),)
    keep = Want(application=APPLICATION, records=(ids,), grants_of=ALICE, action=Action.STORE)
    [kept] = (await store.look(keep)).found
    said = {
        "read": isinstance(released, tuple) and None not in released,
        "redeem": isinstance(redeem.decide(await store.look(redeem.want())).answer, Session),
        "count": count.decide(await store.look(count.want())).answer is None,
        "enter": isinstance(enter.decide(await store.look(enter.want())).answer, Session),
        "log out": log_out.decide(await store.look(log_out.want())).answer is None,
        "store": isinstance(judge(kept, ids, NOW), Allowed),
    }
    return {question for question, yes in said.items() if yes}
