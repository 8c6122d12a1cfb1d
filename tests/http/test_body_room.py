"""Large bodies find room in memory, or are told to come again; small ones always do."""

import asyncio
import json
import secrets
from typing import Any

import pytest

from lunasec.encoding import to_base64url
from lunasec.tokenizer.core.operation import Operation
from lunasec.tokenizer.core.stream import SEGMENT_BYTES, sealed_size
from lunasec.tokenizer.gate import Gate
from lunasec.tokenizer.http.bodies import SMALL_BODY, STRANGERS, Bodies
from lunasec.tokenizer.http.places import Room
from tests.http.keyed import Keyed, keyed
from tests.http.local import Local
from tests.http.parties import Browser, reference, sealed
from tests.http.sending import plan, segment_headers
from tests.http.sockets import ENSURE, Connection, connected, request, still_serves
from tests.http.test_files import LARGE

MIB = 2**20
LITTLE = Room(whole=4 * MIB, application=3 * MIB, holder=MIB, first=0)


@pytest.fixture
def bodies(parties: Local) -> Bodies:
    """Leave room for one large body of each holder, and three of an application."""
    services = parties.tokenizer.services
    made = Bodies(services.metrics, LITTLE)
    object.__setattr__(services, "bodies", made)
    return made


def taken(bodies: Bodies) -> int:
    """Say how much is held."""
    count: int = vars(bodies)["_taken"][()]
    return count


def stalling(headers: dict[str, str], size: int = MIB) -> bytes:
    """Write a request whose body stops half-way."""
    whole = request("/tokenize", headers, b" " * size)
    return whole[: -size // 2]


def typed(browser: Browser) -> dict[str, str]:
    """Say who sends values."""
    return segment_headers(browser, **{"content-type": "application/json"})


async def refusal(connection: Connection) -> tuple[int, str, str]:
    """Read a refusal: its status, its code, and when to come again."""
    answer = await connection.answer()
    return answer.status, json.loads(answer.body)["code"], answer.headers["retry-after"]


@pytest.mark.usefixtures("hurried")
async def test_t24_bodies_of_strangers_share_little_room(
    parties: Local, port: int, bodies: Bodies
) -> None:
    """Who has no session finds no room while others like him send; all who have one do."""
    user, values = await parties.visitor(), [sealed("x" * 50_000)]
    async with connected(port) as first, connected(port) as second, connected(port) as third:
        first.send(stalling(ENSURE))
        await asyncio.sleep(0.1)
        assert taken(bodies) == MIB
        # A cookie that was made up is none.
        stranger = {**ENSURE, "Cookie": f"__Host-lunasec-payroll={reference()}"}
        second.send(stalling(stranger, SMALL_BODY + 2))
        assert await refusal(second) == (503, "unavailable", "1")
        assert await still_serves(port)
        third.send(stalling(stranger, SMALL_BODY))
        assert (await user.asks("/tokenize", values=values)).status_code == 200
        assert (
            await parties.ask("/tokens/describe", session=user.session, tokens=["x" * 9999])
        ).status_code == 400
        assert (await first.answer()).status == 408
    assert taken(bodies) == 0
    assert STRANGERS not in vars(bodies)["_taken"]


@pytest.mark.usefixtures("hurried")
async def test_t24_a_session_takes_no_other_ones_room(
    parties: Local, port: int, bodies: Bodies
) -> None:
    """One who sends many large bodies at once has one of them read; another one's is, too."""
    loud, quiet = await parties.visitor(), await parties.visitor()
    async with connected(port) as first, connected(port) as second:
        first.send(stalling(typed(loud)))
        await asyncio.sleep(0.1)
        second.send(stalling(typed(loud)))
        assert await refusal(second) == (503, "unavailable", "1")
        values = [sealed("x" * 50_000)]
        assert (await quiet.asks("/tokenize", values=values)).status_code == 200
        assert (await first.answer()).status == 408
    assert taken(bodies) == 0
    alarms = parties.tokenizer.services.metrics.text(await parties.tokenizer.store.head(), 0)
    assert b'lunasec_budget_refusals_total{application="payroll",budget="bodies"} 1.0' in alarms


async def test_t24_body_is_held_until_the_answer(
    parties: Local, bodies: Bodies, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was read stays counted while its request waits for its turn, and for the disk."""
    browser, seen = await parties.visitor(), list[int]()
    admit = Gate.admit

    async def noted(gate: Gate, operation: Operation[Any]) -> object:
        seen.append(taken(bodies))
        return await admit(gate, operation)

    monkeypatch.setattr(Gate, "admit", noted)
    await browser.store("x" * 50_000)
    assert seen[0] > 50_000
    assert taken(bodies) == 0


def signed_segment(ada: Keyed, upload: str, data: bytes, *, forged: bool = False) -> bytes:
    """Write the signed request that sends the first segment."""
    path = f"/files/{upload}/0"
    ada.counter += 1
    signature = ada.signature(path, data, ada.counter, method="PUT")
    if forged:
        signature = f"{to_base64url(secrets.token_bytes(32))}{signature[43:]}"
    headers = segment_headers(ada, **{"lunasec-signature": signature})
    return request(path, headers, data, method="PUT")


async def test_t24_signed_segment_has_a_place_before_it_is_read(parties: Local, port: int) -> None:
    """A signed segment is kept; until all of it is there it has a place, as others have."""
    ada = await keyed(parties)
    upload = await plan(ada, sealed_size(len(LARGE)))
    data = signed_segment(ada, upload, secrets.token_bytes(SEGMENT_BYTES))
    uploads = vars(parties.tokenizer.services.uploads)["_taken"]
    async with connected(port) as connection:
        connection.send(data[:-1])
        await asyncio.sleep(0.2)
        assert uploads["payroll", ada.session] == 1
        connection.send(data[-1:])
        assert (await connection.answer()).status == 204
    assert not uploads
    answer = await ada.asks("/files/missing", upload=upload)
    assert answer.json() == {"missing": [[1, 2]]}


async def test_t24_signature_of_no_session_is_refused_unread(parties: Local, port: int) -> None:
    """A key that was made up is told so before a byte of its segment is waited for."""
    ada = await keyed(parties)
    upload = await plan(ada, sealed_size(len(LARGE)))
    data = signed_segment(ada, upload, secrets.token_bytes(SEGMENT_BYTES), forged=True)
    async with connected(port) as connection:
        connection.send(data[: -SEGMENT_BYTES // 2])
        answer = await connection.answer()
        assert (answer.status, json.loads(answer.body)["code"]) == (401, "no_session")
    assert not vars(parties.tokenizer.services.uploads)["_taken"]
