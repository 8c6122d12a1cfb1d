"""T10, T13, T14, T21, T24 where the browser keeps no cookies: the key, and what it signs."""

import asyncio
from pathlib import Path

import httpx
import pytest
from msgspec.structs import replace
from starlette.datastructures import Headers

from lunasec.encoding import to_base64url
from lunasec.tokenizer.core.sessions import (
    OVERLAP_SECONDS,
    RENEW_AFTER,
    SESSION_SECONDS,
)
from lunasec.tokenizer.core.signed import Signature
from lunasec.tokenizer.http.budgets import UNPROVEN
from lunasec.tokenizer.http.services import FrameRequest
from lunasec.tokenizer.stores.memory import MemoryStore
from lunasec.tokenizer.stores.sqlite import SqliteStore
from spec.request_vectors import name_of
from tests.http.keyed import Keyed, document_handle, keyed, new_key, page, refusals
from tests.http.local import Local, local
from tests.http.parties import UNKNOWN, code

SSN = "219-09-9999"


async def test_t10_key_dies_as_a_cookie_does(parties: Local) -> None:
    """Within 15 minutes, 30 s after a renewal, and at log-out at once."""
    ada = await keyed(parties)
    parties.clock.now += SESSION_SECONDS - 1
    assert await ada.lives()
    parties.clock.now += 1
    assert not await ada.lives()
    bob = await keyed(parties)
    parties.clock.now += RENEW_AFTER
    old = Keyed(
        parties=parties, application="payroll", session=bob.session, key=bob.key, counter=50
    )
    await bob.log_in(renew=True)
    parties.clock.now += OVERLAP_SECONDS - 1
    assert await old.lives()
    assert await bob.lives()
    parties.clock.now += 1
    assert not await old.lives()
    assert await bob.lives()
    await parties.told("/session/end", session=bob.session)
    assert not await bob.lives()


async def test_t10_no_chain_of_documents_outlives_the_applications_session(parties: Local) -> None:
    """A renewal does not begin the time anew that the application's session has left."""
    ada = page(parties)
    await ada.log_in(expires_in=1000)
    parties.clock.now += RENEW_AFTER
    await ada.log_in(renew=True, expires_in=3600)
    parties.clock.now += 399
    assert await ada.lives()
    parties.clock.now += 1
    assert not await ada.lives()


async def sent(ada: Keyed, token: str) -> tuple[bytes, str]:
    """Give a request that reads a token, and its signature."""
    ada.counter += 1
    content = b'{"session":"%s","tokens":["%s"]}' % (ada.session.encode(), token.encode())
    return content, ada.signature("/detokenize", content, ada.counter)


async def replayed(ada: Keyed, path: str, content: bytes, signature: str) -> httpx.Response:
    """Send it once more."""
    return await ada.send(path, content, **{"lunasec-signature": signature})


@pytest.mark.parametrize("kind", ["memory", "sqlite"])
async def test_t14_a_signed_request_counts_once(tmp_path: Path, kind: str) -> None:
    """Of a hundred copies at once, one is answered; the rest are on record, after a restart too."""
    path = tmp_path / "lunasec.db"
    async with local(tmp_path, MemoryStore() if kind == "memory" else SqliteStore(path)) as parties:
        ada = await keyed(parties)
        [token] = await ada.store(SSN)
        await parties.grant(ada.session, [token])
        request = await sent(ada, token)
        answers = await asyncio.gather(
            *(replayed(ada, "/detokenize", *request) for _ in range(100))
        )
        [read] = [each for each in answers if each.status_code == 200]
        assert {code(each) for each in answers if each is not read} == {"no_session"}
        if kind == "memory":
            assert await refusals(parties, "session.request") == ["replayed request"] * 99
            return
    async with local(tmp_path, SqliteStore(path)) as parties:
        ada.parties = parties
        assert code(await replayed(ada, "/detokenize", *request)) == "no_session"
        assert (await replayed(ada, "/detokenize", *await sent(ada, token))).status_code == 200


async def test_t14_requests_may_overtake_each_other(parties: Local) -> None:
    """Thirty that arrive in the wrong order all count, each once."""
    ada = await keyed(parties)
    requests = [await sent(ada, UNKNOWN) for _ in range(30)]
    for request in reversed(requests):
        assert (await replayed(ada, "/detokenize", *request)).status_code == 200
    for request in requests:
        assert code(await replayed(ada, "/detokenize", *request)) == "no_session"


async def test_t14_signature_is_for_one_request(parties: Local) -> None:
    """On another path, method, body, counter, key or session it is worth nothing, and on record."""
    ada, bob = await keyed(parties), await keyed(parties)
    content, signature = await sent(ada, UNKNOWN)
    name, counter, value = signature.split(".")
    other = bob.session.encode()
    for path, body, stated in (
        ("/tokens/describe", content, signature),
        ("/detokenize?", content.replace(b'"tokens"', b' "tokens"'), signature),
        ("/detokenize?a", content, signature),
        ("/detokenize", content + b" ", signature),
        ("/detokenize", content.replace(ada.session.encode(), other), signature),
        ("/detokenize", content, f"{name}.{int(counter) + 1}.{value}"),
        ("/detokenize", content, f"{to_base64url(name_of(bob.point))}.{counter}.{value}"),
        ("/detokenize", content, f"{name}.{counter}.{'A' * 86}"),
    ):
        assert code(await replayed(ada, path, body, stated)) == "no_session", (path, stated)
    assert await refusals(parties, "session.request") == ["wrong signature"] * 8
    # None of them used the counter up.
    assert (await replayed(ada, "/detokenize", content, signature)).status_code == 200


async def test_t13_cookie_and_signature_are_not_mixed(parties: Local) -> None:
    """With a signature the cookies are as good as absent, whoever's, and whatever it says."""
    ada, victim = await keyed(parties), await parties.visitor()
    [token] = await victim.store(SSN)
    await parties.grant(victim.session, [token])
    ada.cookies = dict(victim.cookies)
    assert await ada.read(token) == [None]
    assert await ada.lives()
    # The victim's page, signed by the other: neither session's.
    ada.session = victim.session
    assert code(await ada.asks("/detokenize", tokens=[token])) == "no_session"
    signature = ada.signature("/detokenize", b"", 99)
    for stated in (signature, "", "x", f"{signature}, {signature}"):
        answer = await victim.asks("/detokenize", tokens=[token])
        assert answer.status_code == 200
        with_both = await victim.post(
            "/detokenize",
            {"session": victim.session, "tokens": [token]},
            **{"lunasec-signature": stated},
        )
        assert code(with_both) in {"no_session", "malformed_request"}, stated
    # And the name of a key is no cookie.
    victim.cookies = {"__Host-lunasec-payroll": to_base64url(name_of(ada.point))}
    assert code(await victim.asks("/detokenize", tokens=[token])) == "no_session"


async def test_t24_made_up_signatures_fill_no_log(parties: Local) -> None:
    """While many come, they cost no entry each; who has a key notices nothing."""
    ada, thief = await keyed(parties), page(parties)
    for _ in range(UNPROVEN + 50):
        assert not await thief.lives()
    assert len(await refusals(parties, "session.request")) == UNPROVEN
    assert await ada.lives()
    thief.key = new_key()
    assert not await thief.lives()


async def test_t21_a_signature_is_no_way_round_the_guards(parties: Local) -> None:
    """A signed request has to come from our own document like any other."""
    ada = await keyed(parties)
    for changed in (
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-dest": "iframe"},
        {"content-type": "text/plain"},
        {"lunasec-application": "nobody"},
        {"origin": "http://app.lunasec.localhost:1"},
    ):
        refused = await ada.post("/detokenize", {"session": ada.session, "tokens": []}, **changed)
        assert refused.status_code in {403, 404, 415}, changed
    handle = await document_handle(parties, ada.session)
    elsewhere = await ada.loads(handle, host="evil.example")
    assert code(elsewhere) == "cross_origin_refused"


def test_t13_name_of_a_key_proves_nothing(parties: Local) -> None:
    """Until its signature was proven, a request is nobody's, whatever key it names."""
    signature = Signature(key_name=name_of(b"a key"), counter=1, value=bytes(64))
    application = parties.tokenizer.services.settings.applications["payroll"]
    frame = FrameRequest(
        application=application, cookie=None, headers=Headers({}), signature=signature
    )
    assert frame.caller("r" * 43).session_hash is None
    assert replace(frame, proven=True).caller("r" * 43).session_hash == signature.key_name
