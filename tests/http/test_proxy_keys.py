"""An auth proxy's keys: fetched once, rotated, denied, and stale for a while."""

import asyncio
import json
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import KeySet as Published
from joserfc.jwk import RSAKey

from lunasec.errors import NotProxied, Unavailable
from lunasec.jose import Claims, proxied, verify
from lunasec.jose.fetched import FRESH_SECONDS, STALE_SECONDS, WAIT_SECONDS
from lunasec.jose.proxied import ProxyTokens
from lunasec.tokenizer.providers import ProviderTable, check
from tests.http.proxies import ISSUER, AuthProxy, Key

NOW = 1_900_000_000
ORIGIN = "https://secure.example.com"
OLD, NEW = (RSAKey.generate_key(2048, {"kid": name}) for name in ("old", "new"))


class Issuer:
    """Publishes keys, and counts who asks; without keys it can't be reached."""

    def __init__(self, *keys: Key) -> None:
        """Begin with these keys."""
        self.keys, self.asked = keys, 0
        self.told: list[str] = []

    def __call__(self, _source: str | Path) -> bytes:
        """Answer the set."""
        self.asked += 1
        if not self.keys:
            raise OSError("unreachable")
        return json.dumps(Published([*self.keys]).as_dict(private=False)).encode()


class Slow(Issuer):
    """Keeps whoever asks waiting while it is not `going`."""

    def __init__(self, *keys: Key) -> None:
        """Begin with these keys, and without delay."""
        super().__init__(*keys)
        self.going = threading.Event()
        self.going.set()

    def __call__(self, source: str | Path) -> bytes:
        """Answer the set, when it is time."""
        assert self.going.wait(60)
        return super().__call__(source)


def tokens(issuer: Issuer, **more: Any) -> ProxyTokens:  # noqa: ANN401 - settings
    """Make what verifies the tokens of one proxy."""
    table = ProviderTable(
        preset="oathkeeper", issuer=ISSUER, jwks="https://proxy.example.com/keys", **more
    )
    provider = check("provider", table, ORIGIN, Path("/"))
    return ProxyTokens(provider, issuer, issuer.told.append)


def signed(key: Key, now: int = NOW, **claims: Any) -> str:  # noqa: ANN401 - JSON
    """Sign a token of somebody's."""
    proxy = AuthProxy(folder=Path("/"), key=key, audience=ORIGIN)
    return proxy.token(now, sub="ada", sid="s-1", **claims)


async def test_a_set_is_fetched_once() -> None:
    """Any number of tokens, at any number of moments within minutes, cost one fetch."""
    issuer = Issuer(OLD)
    proxy = tokens(issuer)
    for second in range(0, 500, 100):
        named = await proxy.verify(signed(OLD, NOW + second), now=NOW + second)
        assert named.subject == "ada"
    assert issuer.asked == 1


async def test_one_fetch_is_under_way_for_all() -> None:
    """Whoever comes while keys are fetched waits for those, with a known key and an unknown one."""
    issuer = Slow(OLD)
    proxy = tokens(issuer)
    issuer.going.clear()
    many = [proxy.verify(signed(OLD, life=each), now=NOW) for each in range(50)]
    waiting = asyncio.gather(*many)
    await asyncio.sleep(0.05)
    issuer.going.set()
    assert len(await waiting) == 50
    assert issuer.asked == 1


async def test_verified_tokens_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """The signature of a token is checked once, however often it comes."""
    checked: list[str] = []

    def check_and_note(text: str, **more: Any) -> Claims:  # noqa: ANN401 - passed on
        checked.append(text)
        return verify(text, **more)

    monkeypatch.setattr(proxied, "verify", check_and_note)
    proxy, text = tokens(Issuer(OLD)), signed(OLD)
    await proxy.verify(text, now=NOW)  # the keys come with it
    checked.clear()
    for second in range(5):
        assert (await proxy.verify(text, now=NOW + second)).subject == "ada"
    assert checked == []
    await proxy.verify(signed(OLD, note="another"), now=NOW)
    assert len(checked) == 1


async def test_a_new_key_is_looked_for() -> None:
    """An unknown key id leads to one fetch, and to no more for a while, whatever is asked."""
    issuer = Issuer(OLD)
    proxy = tokens(issuer)
    await proxy.verify(signed(OLD), now=NOW)
    for _ in range(5):
        with pytest.raises(NotProxied):
            await proxy.verify(signed(NEW), now=NOW + 20)
    assert issuer.asked == 2
    issuer.keys = (NEW,)
    await proxy.verify(signed(NEW, NOW + 40), now=NOW + 40)
    assert issuer.asked == 3
    # The old one was taken away while its tokens are under way.
    await proxy.verify(signed(OLD, NOW + 40), now=NOW + 40)


async def test_a_key_that_was_taken_away_is_not_kept_for_ever() -> None:
    """After the longest life of a token it is unknown."""
    issuer = Issuer(OLD, NEW)
    proxy = tokens(issuer, longest_life=3600)
    await proxy.verify(signed(OLD), now=NOW)
    issuer.keys = (NEW,)
    later = NOW + 3601
    with pytest.raises(NotProxied):
        await proxy.verify(signed(OLD, later), now=later)


async def test_nobody_waits_twice_for_a_slow_key_server() -> None:
    """Keys that may all have been taken away are worth waiting for, once; then they serve."""
    issuer = Slow(OLD)
    proxy = tokens(issuer, longest_life=60)
    await proxy.verify(signed(OLD), now=NOW)
    issuer.going.clear()
    later = NOW + FRESH_SECONDS
    took: list[float] = []
    for each in range(3):
        begun = time.monotonic()
        await proxy.verify(signed(OLD, later, note=each), now=later)
        took.append(time.monotonic() - begun)
    issuer.going.set()
    assert took[0] >= WAIT_SECONDS > 5 * max(took[1:])
    assert issuer.asked == 1


async def test_a_stolen_key_is_denied_at_once() -> None:
    """What the configuration denies counts for nothing, though the issuer lists it."""
    proxy = tokens(Issuer(OLD, NEW), denied_keys=["old"])
    await proxy.verify(signed(NEW), now=NOW)
    with pytest.raises(NotProxied):
        await proxy.verify(signed(OLD), now=NOW)


async def test_an_issuer_that_is_down() -> None:
    """The last set serves for a day; without one, and after that, nobody gets in."""
    down = Issuer()
    with pytest.raises(Unavailable):
        await tokens(down).verify(signed(OLD), now=NOW)
    assert down.told == ["unreachable"]
    issuer = Issuer(OLD)
    proxy = tokens(issuer)
    await proxy.verify(signed(OLD), now=NOW)
    issuer.keys = ()
    last = NOW + STALE_SECONDS - 1
    await proxy.verify(signed(OLD, last), now=last)
    with pytest.raises(Unavailable):
        await proxy.verify(signed(OLD, last + 1), now=last + 1)


async def test_keys_that_are_not_for_us_are_passed_over() -> None:
    """Keys for encryption or of other kinds may stand beside; a private one refuses the set."""
    listed = Published([OLD]).as_dict(private=False)["keys"]
    others: list[dict[str, Any]] = [
        {"kid": "e", "kty": "RSA", "use": "enc", "n": "AQAB", "e": "AQAB"},
        {"kty": "x"},
    ]

    class Odd(Issuer):
        def __call__(self, _source: str | Path) -> bytes:
            return json.dumps({"keys": [*others, *listed]}).encode()

    issuer = Odd()
    await tokens(issuer).verify(signed(OLD), now=NOW)
    others.append({"kid": "p", **OLD.as_dict(private=True)})
    with pytest.raises(Unavailable):
        await tokens(issuer).verify(signed(OLD), now=NOW)
    assert issuer.told == ["Key 3 of the set is private or symmetric."]
