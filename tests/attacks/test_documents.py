"""T10 to T14 where the browser keeps no cookies: the handle and the secret of a document."""

import asyncio
from itertools import product
from pathlib import Path

import pytest

from lunasec.encoding import to_base64url
from lunasec.tokenizer.core.sessions import (
    HANDLE_SECONDS,
)
from lunasec.tokenizer.stores.memory import MemoryStore
from lunasec.tokenizer.stores.sqlite import SqliteStore
from tests.attacks.test_login_csrf import DESTINATIONS, MODES
from tests.http.keyed import Keyed, document_handle, keyed, page, refusals, secret_in
from tests.http.local import Local, local
from tests.http.parties import UNKNOWN, code, sealed

SSN = "219-09-9999"


async def test_a_page_without_cookies(parties: Local) -> None:
    """It stores and reads as any other, and no cookie is ever set or sent."""
    ada = await keyed(parties)
    [token] = await ada.store(SSN)
    await parties.grant(ada.session, [token])
    assert await ada.read(token) == [SSN]
    active = await ada.asks("/session/ensure")
    assert active.json()["active"]
    assert (await ada.asks("/session/ensure", renew=True)).json() == {"active": False}
    assert "set-cookie" not in active.headers
    assert ada.cookies == {}


async def test_t14_a_document_is_opened_once(parties: Local) -> None:
    """Each handle opens one document, for nobody to keep, and each secret registers one key."""
    ada = page(parties)
    handle = await document_handle(parties, ada.session)
    opened = await ada.loads(handle)
    assert opened.headers["cache-control"] == "no-store"
    assert opened.headers["referrer-policy"] == "no-referrer"
    assert "frame-ancestors http://app.lunasec" in opened.headers["content-security-policy"]
    assert "access-control-allow-origin" not in opened.headers
    secret, _ = secret_in(opened)
    assert code(await ada.loads(handle)) == "handle_invalid"
    assert code(await ada.loads(secret)) == "handle_invalid"
    assert await refusals(parties, "session.document") == [
        "used handle",
        "handle for something else",
    ]
    # The secret was presented, if in the wrong place: it is used up.
    assert code(await ada.registers(secret)) == "handle_invalid"
    fresh = await ada.secret()
    assert (await ada.registers(fresh)).status_code == 200
    assert code(await ada.registers(fresh, key=to_base64url(page(parties).point))) == (
        "handle_invalid"
    )


@pytest.mark.parametrize("kind", ["memory", "sqlite"])
async def test_t14_a_hundred_documents_at_once_are_one(tmp_path: Path, kind: str) -> None:
    """Of a hundred presentations of a handle, one opens; of a hundred keys with its secret, one."""
    store = MemoryStore() if kind == "memory" else SqliteStore(tmp_path / "lunasec.db")
    async with local(tmp_path, store) as parties:
        ada = page(parties)
        handle = await document_handle(parties, ada.session)
        loaded = await asyncio.gather(*(ada.loads(handle) for _ in range(100)))
        [opened] = [each for each in loaded if each.status_code == 200]
        assert {code(each) for each in loaded if each is not opened} == {"handle_invalid"}
        secret, _ = secret_in(opened)
        tabs = [
            Keyed(parties=parties, application="payroll", session=ada.session) for _ in range(100)
        ]
        registered = await asyncio.gather(*(each.registers(secret) for each in tabs))
        assert sum(each.status_code == 200 for each in registered) == 1
        assert sum([await each.lives() for each in tabs]) == 1


async def test_t14_handle_and_secret_die_within_a_minute(parties: Local) -> None:
    """Each works in its last second and not in the next, and neither after a log-out."""
    for age, opens in ((HANDLE_SECONDS - 1, True), (HANDLE_SECONDS, False)):
        ada = page(parties)
        handle = await document_handle(parties, ada.session)
        secret = await ada.secret()
        parties.clock.now += age
        assert ((await ada.loads(handle)).status_code == 200) == opens
        assert ((await ada.registers(secret)).status_code == 200) == opens
    ada = page(parties)
    handle, secret = await document_handle(parties, ada.session), await ada.secret()
    await parties.told("/session/end", session=ada.session)
    assert code(await ada.loads(handle)) == "handle_invalid"
    assert code(await ada.registers(secret)) == "handle_invalid"


async def test_t14_looking_at_a_document_is_no_presentation(parties: Local) -> None:
    """`HEAD` uses nothing up, and of two handles in one address neither is presented."""
    ada = page(parties)
    handles = [await document_handle(parties, ada.session) for _ in range(2)]
    address = "/frame/payroll/coordinator"
    looked = await parties.client.head(address, params={"handle": handles[0]})
    assert looked.headers["cache-control"].startswith("private")
    both = await parties.client.get(address, params={"handle": handles})
    assert code(both) == "handle_invalid"
    assert (await ada.loads(handles[0])).status_code == 200


async def test_t11_only_a_frame_opens_a_document(parties: Local) -> None:
    """Of all kinds of request, only a frame's navigation gets a secret; all use the handle up."""
    ada = page(parties)
    for destination, mode in product(DESTINATIONS, MODES):
        handle = await document_handle(parties, ada.session)
        stated = {"sec-fetch-dest": destination, "sec-fetch-mode": mode}
        headers = {name: value for name, value in stated.items() if value is not None}
        response = await parties.client.get(
            "/frame/payroll/coordinator", params={"handle": handle}, headers=headers
        )
        if (destination, mode) == ("iframe", "navigate"):
            assert secret_in(response)[1] == ada.session
        else:
            assert code(response) == "handle_invalid", (destination, mode)
        parties.clock.now += 10  # the budget of refused handles
        assert code(await ada.loads(handle)) == "handle_invalid"


async def test_t11_handles_are_for_one_purpose(parties: Local) -> None:
    """A document's handle sets no cookie, and a redirect's opens no document; both are used up."""
    browser, ada = parties.browser(), page(parties)
    state = await browser.state()
    for_document = await document_handle(parties, browser.session)
    for_browser = await parties.handle(state, ada.session)
    followed = await browser.follow(for_document)
    assert code(followed) == "handle_invalid"
    assert "set-cookie" not in followed.headers
    assert code(await ada.loads(for_browser)) == "handle_invalid"
    assert code(await ada.loads(for_document)) == "handle_invalid"
    assert code(await browser.follow(for_browser)) == "handle_invalid"


async def test_t11_planted_handle_serves_no_page_but_its_own(parties: Local) -> None:
    """Under the victim's page the attacker's document registers nothing, and the page learns it.

    Were his key there all the same, it would show and store nothing in the victim's session.
    """
    ada, mallory = await keyed(parties), page(parties)
    [planted] = await (await keyed(parties, session=mallory.session)).store("the attacker's")
    await parties.grant(mallory.session, [planted])
    secret = await mallory.secret()
    under = Keyed(parties=parties, application="payroll", session=ada.session, key=mallory.key)
    assert code(await under.registers(secret)) == "session_changed"
    assert code(await mallory.registers(secret)) == "handle_invalid"
    await mallory.log_in()
    for path, body in (
        ("/detokenize", {"tokens": [planted]}),
        ("/tokenize", {"values": [sealed("the victim's")]}),
        ("/tokens/describe", {"tokens": [planted]}),
        ("/session/ensure", {}),
    ):
        assert code(await under.asks(path, **body)) == "no_session"
        # Signed in his own session, for the page of the victim's.
        under.counter = mallory.counter = mallory.counter + 1
        told = await mallory.post(path, {**body, "session": ada.session})
        assert told.json().get("code", told.json().get("active")) in {"session_changed", False}
    assert await ada.lives()


async def test_t12_no_key_is_for_two_applications(parties: Local) -> None:
    """A document, a secret and a key of one application open nothing at another's address."""
    ada = page(parties)
    handle = await document_handle(parties, ada.session)
    elsewhere = Keyed(parties=parties, application="clinic", session=ada.session, key=ada.key)
    assert code(await elsewhere.loads(handle)) == "handle_invalid"
    assert code(await elsewhere.registers(await ada.secret())) == "handle_invalid"
    await ada.log_in()
    assert code(await elsewhere.asks("/detokenize", tokens=[UNKNOWN])) == "no_session"


async def test_t13_a_key_is_registered_once(parties: Local) -> None:
    """Nobody gets a session for a key that has one, and points that are no keys get none."""
    ada = await keyed(parties)
    mallory = page(parties)
    secret = await mallory.secret()
    again = await mallory.registers(secret, key=to_base64url(ada.point))
    assert code(again) == "handle_invalid"
    assert (await parties.audit())[-1]["reason"] == "key that has a session"
    assert code(await mallory.registers(secret)) == "handle_invalid"  # it is used up
    assert await ada.lives()
    for wrong in (bytes(65), b"\4" + bytes(64), ada.point[:-1] + bytes([ada.point[-1] ^ 1])):
        secret = await mallory.secret()
        assert code(await mallory.registers(secret, key=to_base64url(wrong))) == "handle_invalid"
        assert code(await mallory.registers(secret)) == "handle_invalid"


async def test_t10_a_stolen_handle_is_worth_one_session(parties: Local) -> None:
    """Who comes second with a document's handle gets nothing, and it is on record.

    Bound to nothing, it opens for whoever comes first within its minute: said in the docs. The
    session that he gets ends with the victim's, at log-out.
    """
    ada = page(parties)
    handle = await document_handle(parties, ada.session)
    thief = Keyed(parties=parties, application="payroll", session=ada.session)
    secret, _ = secret_in(await thief.loads(handle))
    assert (await thief.registers(secret)).status_code == 200
    assert code(await ada.loads(handle)) == "handle_invalid"
    assert await refusals(parties, "session.document") == ["used handle"]
    assert await thief.lives()
    await parties.told("/session/end", session=ada.session)
    assert not await thief.lives()


async def test_t11_only_header_sessions_register_with_the_handle(tmp_path: Path) -> None:
    """There the scripts have the handle in hand; elsewhere it opens a document alone."""
    for settings, opens in (("", False), ("header_sessions = true", True)):
        async with local(tmp_path, MemoryStore(), payroll=settings) as parties:
            ada = page(parties)
            handle = await document_handle(parties, ada.session)
            elsewhere = Keyed(parties=parties, application="payroll")
            other = await document_handle(parties, ada.session)
            assert ((await ada.registers(handle)).status_code == 200) == opens
            assert await ada.lives() == opens
            assert code(await ada.registers(handle)) == "handle_invalid"
            refused = code(await elsewhere.registers(other))
            assert refused == ("session_changed" if opens else "handle_invalid")
