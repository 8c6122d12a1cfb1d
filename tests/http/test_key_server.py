"""Behind a key server that is down, slow or mute, an answer comes before the server's would."""

import asyncio
import json
import time
from collections.abc import AsyncGenerator, Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, get_args

import httpx
import pytest
import pytest_asyncio
from joserfc.jwk import KeySet, RSAKey

from lunasec.jose import fetched, fetching
from lunasec.jose.fetched import FRESH_SECONDS, STALE_SECONDS
from tests.http.key_server import STEP_SECONDS, Fault, KeyServer, key_server
from tests.http.parties import code
from tests.http.proxies import PROVIDER, Behind, behind

SECONDS: Final = 4
"""Two, and what a busy machine adds; who waited for the server would wait for five."""

faults = pytest.mark.parametrize("fault", get_args(Fault))


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A tokenizer behind a proxy whose keys are at an address."""

    proxied: Behind
    server: KeyServer

    async def enters(self, subject: str) -> httpx.Response:
        """Let somebody in whose token was never seen, and get an answer in time."""
        async with asyncio.timeout(SECONDS):
            return await self.proxied.browser(subject).asks("/session/ensure")


@pytest.fixture
def server() -> Generator[KeyServer]:
    """Serve keys on loopback."""
    with key_server() as made:
        yield made


@pytest_asyncio.fixture
async def scene(server: KeyServer, tmp_path: Path) -> AsyncGenerator[Scene]:
    """Put a tokenizer behind a proxy with that server."""
    text = PROVIDER.replace('"proxy.jwks.json"', f'"{server.address}"')
    async with behind(tmp_path, text) as proxied:
        server.keys = (tmp_path / "proxy.jwks.json").read_bytes()
        yield Scene(proxied=proxied, server=server)
        server.over.set()


@faults
async def test_t24_known_keys_serve_at_once(
    scene: Scene, fault: Fault, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Keys of minutes ago serve everybody while newer ones are looked for, once."""
    monkeypatch.setattr(fetched, "WAIT_SECONDS", SECONDS)
    assert (await scene.enters("ada")).json()["active"] is True
    scene.server.fault = fault
    scene.proxied.parties.clock.now += FRESH_SECONDS + 60
    begun = time.monotonic()
    answers = await asyncio.gather(*(scene.enters(f"user-{each}") for each in range(20)))
    assert [each.json()["active"] for each in answers] == [True] * 20
    assert time.monotonic() - begun < SECONDS
    async with asyncio.timeout(SECONDS):
        while scene.server.asked < 2:  # noqa: ASYNC110 - it is asked in a thread
            await asyncio.sleep(0.01)
    await scene.enters("bob")
    assert scene.server.asked == 2


@faults
async def test_t24_without_keys_the_answer_is_no(scene: Scene, fault: Fault) -> None:
    """Who was never let in is not kept waiting for that, and with keys they get in."""
    scene.server.fault = fault
    for answer in await asyncio.gather(*(scene.enters(f"user-{each}") for each in range(20))):
        assert (answer.status_code, code(answer)) == (503, "unavailable")
    assert scene.server.asked == 1


@faults
async def test_t24_keys_of_yesterday_are_none(scene: Scene, fault: Fault) -> None:
    """After a day without newer ones nobody gets in, and hears it in time."""
    await scene.enters("ada")
    scene.server.fault = fault
    scene.proxied.parties.clock.now += STALE_SECONDS
    assert code(await scene.enters("bob")) == "unavailable"


@faults
async def test_t24_an_unknown_key_waits_for_a_while(scene: Scene, fault: Fault) -> None:
    """A token of a key that may be new is refused in time where that can't be found out."""
    await scene.enters("ada")
    scene.server.fault = fault
    scene.proxied.parties.clock.now += 60
    stranger = scene.proxied.browser("bob")
    stranger.proxy.key = RSAKey.generate_key(2048, {"kid": "new"})
    async with asyncio.timeout(SECONDS):
        assert code(await stranger.asks("/session/ensure")) == "not_proxied"


async def test_newer_keys_are_there_for_who_comes_next(scene: Scene) -> None:
    """What is fetched beside an answer counts from then on, without being asked for again."""
    await scene.enters("ada")
    parties, proxy = scene.proxied.parties, scene.proxied.proxy
    old, new = proxy.key, RSAKey.generate_key(2048, {"kid": "new"})
    scene.server.keys = json.dumps(KeySet([old, new]).as_dict(private=False)).encode()
    parties.clock.now += FRESH_SECONDS + 60
    assert (await scene.enters("bob")).json()["active"] is True
    proxy.key = new
    assert (await scene.enters("eve")).json()["active"] is True
    assert scene.server.asked == 2


@faults
def test_t24_one_time_for_a_whole_answer(
    server: KeyServer, fault: Fault, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However a server spreads its bytes, what asks it has an end."""
    monkeypatch.setattr(fetching, "PATIENCE_SECONDS", 3 * STEP_SECONDS)
    server.fault = fault
    begun = time.monotonic()
    with pytest.raises(OSError, match=r".+"):
        fetching.read(server.address)
    assert time.monotonic() - begun < SECONDS
