"""One suite for every store, continued: log-outs, and whose sessions they end."""
# pyright: reportPrivateUsage=false

from pathlib import Path

from lunasec.tokenizer.core.changes import (
    EndReference,
    PutLogOut,
    PutSession,
    RenewSession,
    Sweep,
    UseLogOutToken,
)
from lunasec.tokenizer.core.ledger import Facts, Want
from lunasec.tokenizer.stores.sqlite import SqliteStore
from tests.stores.conftest import AnyStore
from tests.stores.lines import execute
from tests.stores.made_up import ALICE, APPLICATION, BOB, COOKIE, NOW, OTHER, Apply, name, session

ONES = {"session_id": "one", "user_id": "ada", "login": 7}
SESSIONS = (
    session(secret_hash=name(3), session_id="two", user_id="ada", reference=BOB),
    session(secret_hash=name(1), **ONES),
    session(secret_hash=name(2), session_id="one", user_id="bob"),
    session(secret_hash=name(4), **ONES, application=OTHER),
    session(secret_hash=name(5)),
)


async def under(store: AnyStore, name: str, application: str = APPLICATION) -> list[bytes]:
    """Find the sessions of an auth proxy's session or user."""
    facts = await store.look(Want(application=application, sessions_under=name))
    return [each.secret_hash for each in facts.sessions]


async def test_sessions_are_found_by_proxied_session_or_user(store: AnyStore) -> None:
    """Of one application, in the order of their names; those that no proxy vouches for are none."""
    await store.transact(Apply(*map(PutSession, SESSIONS)))
    assert await under(store, "one") == [name(1), name(2)]
    assert await under(store, "ada") == [name(1), name(3)]
    assert await under(store, "one", OTHER) == [name(4)]
    assert await under(store, "") == await under(store, "zoe") == []
    both = Want(application=APPLICATION, sessions_of=(BOB,), sessions_under="ada")
    assert [each.secret_hash for each in (await store.look(both)).sessions] == [name(1), name(3)]


async def test_they_are_found_without_looking_through_others(
    sqlite: SqliteStore, tmp_path: Path
) -> None:
    """By an index for each kind of id, however many sessions an application has."""
    traced: list[str] = []
    sqlite._reader.set_trace_callback(traced.append)
    await under(sqlite, "one")
    sqlite._reader.set_trace_callback(None)
    plans = [
        str(execute(tmp_path / "lunasec.db", f"EXPLAIN QUERY PLAN {each}"))
        for each in traced
        if each.startswith("SELECT")
    ]
    found = [
        name for name in ("sessions_proxied", "sessions_user") for plan in plans if name in plan
    ]
    assert (len(plans), found) == (2, ["sessions_proxied", "sessions_user"])


async def test_a_session_keeps_what_it_was_entered_with(store: AnyStore) -> None:
    """All of it comes back; a renewal changes the log-in and the times."""
    kept = session(**ONES)
    await store.transact(Apply(PutSession(kept)))
    want = Want(application=APPLICATION, session=COOKIE)
    assert (await store.look(want)).session == kept
    await store.transact(Apply(RenewSession(COOKIE, NOW, NOW + 9, 5)))
    renewed = session(**{**ONES, "login": 5}, created_at=NOW, expires_at=NOW + 9)
    assert (await store.look(want)).session == renewed


async def test_log_outs_are_found_by_name(store: AnyStore) -> None:
    """Of one application; of two of the same name the later times count."""
    await store.transact(
        Apply(
            PutLogOut(APPLICATION, ALICE, NOW, NOW + 9),
            PutLogOut(APPLICATION, "ada", NOW + 2, NOW + 3),
            PutLogOut(APPLICATION, "ada", NOW + 1, NOW + 5),
        )
    )
    for application, found in ((APPLICATION, (NOW + 2, NOW)), (OTHER, ())):
        want = Want(application=application, log_outs=("ada", "zoe", ALICE))
        assert await store.look(want) == Facts(log_outs=found)
    await store.transact(Apply(Sweep(NOW + 4, 0, 0)))
    want = Want(application=APPLICATION, log_outs=("ada",))
    assert await store.look(want) == Facts(log_outs=(NOW + 2,))
    await store.transact(Apply(Sweep(NOW + 5, 0, 0)))
    assert await store.look(want) == Facts()


async def test_a_used_token_is_known(store: AnyStore) -> None:
    """By its application, and until its time is over; to use it again changes nothing."""
    use = UseLogOutToken(APPLICATION, name(1), NOW + 5)
    await store.transact(Apply(use, use))
    for application, number, used in ((APPLICATION, 1, True), (OTHER, 1, False), (OTHER, 2, False)):
        want = Want(application=application, log_out_token=name(number))
        assert (await store.look(want)).log_out_token_used is used
    want = Want(application=APPLICATION, log_out_token=name(1))
    for at, used in ((NOW + 4, True), (NOW + 5, False)):
        await store.transact(Apply(Sweep(at, 0, 0)))
        assert (await store.look(want)).log_out_token_used is used


async def test_what_ends_need_not_stay_away(store: AnyStore) -> None:
    """Without a time, the reference's sessions go, and it is not refused."""
    await store.transact(Apply(PutSession(session()), EndReference(APPLICATION, ALICE, None)))
    want = Want(application=APPLICATION, session=COOKIE, references=(ALICE,))
    assert await store.look(want) == Facts()
