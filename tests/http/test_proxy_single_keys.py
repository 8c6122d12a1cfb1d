"""Keys of which each has an address of its own, as AWS publishes those of its load balancers."""

import asyncio
import uuid
from pathlib import Path

import pytest
from joserfc.jwk import ECKey

from lunasec.errors import NotProxied, Unavailable
from lunasec.jose import fetching
from lunasec.jose.fetched import MOST_TRIES, STALE_SECONDS
from lunasec.jose.proxied import ProxyTokens
from lunasec.tokenizer.providers import ProviderTable, check
from tests.http.proxies import ISSUER, AuthProxy

NOW = 1_900_000_000
ORIGIN = "https://secure.example.com"
ADDRESS = "https://keys.example.com/v1/{kid}"
KEY = ECKey.generate_key("P-256", {"kid": str(uuid.uuid4())})


class Site:
    """Has a PEM at each address, and notes which are asked for."""

    def __init__(self, *keys: ECKey) -> None:
        """Publish these."""
        self.pems = {ADDRESS.replace("{kid}", key.kid or ""): _pem(key) for key in keys}
        self.asked: list[str | Path] = []
        self.told: list[str] = []
        self.down = False

    def __call__(self, source: str | Path) -> bytes:
        """Answer the key."""
        self.asked.append(source)
        if self.down:
            raise OSError("unreachable")
        if str(source) not in self.pems:
            raise FileNotFoundError("the answer is 404")
        return self.pems[str(source)]


def _pem(key: ECKey) -> bytes:
    return key.as_pem(private=False)


def tokens(site: Site, denied_keys: list[str] | None = None) -> ProxyTokens:
    """Make what verifies."""
    table = ProviderTable(
        preset="oathkeeper", issuer=ISSUER, jwks=ADDRESS, denied_keys=denied_keys or []
    )
    return ProxyTokens(check("provider", table, ORIGIN, Path("/")), site, site.told.append)


def signed(key: ECKey = KEY, now: int = NOW, kid: str | None = None) -> str:
    """Sign a token, which may name another key."""
    named = key if kid is None else ECKey.import_key(key.as_dict(private=True), {"kid": kid})
    return AuthProxy(folder=Path("/"), key=named, audience=ORIGIN).token(now, sub="ada", sid="s-1")


async def test_each_key_is_fetched_once_a_day() -> None:
    """By its id, when the first token names it."""
    site = Site(KEY)
    proxy = tokens(site)
    for second in range(0, 500, 100):
        await proxy.verify(signed(now=NOW + second), now=NOW + second)
    assert site.asked == [ADDRESS.replace("{kid}", KEY.kid or "")]
    site.down = True
    later = NOW + STALE_SECONDS
    with pytest.raises(Unavailable):
        await proxy.verify(signed(now=later), now=later)
    assert site.told == ["unreachable"]


@pytest.mark.parametrize(
    "kid",
    ["../keys", "a/b", "a%2fb", "..", ".", "a.pem", "a?b", "a#b", "a b", "\u0430", "a" * 129, "\\"],
    ids=range(12),
)
async def test_t22_a_key_id_that_leads_elsewhere(kid: str) -> None:
    """Nothing is asked for where an id is more than a name."""
    site = Site(KEY)
    with pytest.raises(NotProxied):
        await tokens(site).verify(signed(kid=kid), now=NOW)
    assert site.asked == []


async def test_a_key_that_is_not_there() -> None:
    """A made-up id is nobody's, and does not keep those away that are there."""
    site = Site(KEY)
    proxy = tokens(site)
    with pytest.raises(NotProxied):
        await proxy.verify(signed(kid="another"), now=NOW)
    assert site.told == ["the answer is 404"]
    assert (await proxy.verify(signed(), now=NOW)).subject == "ada"


async def test_made_up_ids_find_an_end() -> None:
    """Only so many keys are looked for in ten seconds."""
    site = Site(KEY)
    proxy = tokens(site)
    for each in range(MOST_TRIES):
        with pytest.raises(NotProxied):
            await proxy.verify(signed(kid=f"made-up-{each}"), now=NOW)
    with pytest.raises(Unavailable):
        await proxy.verify(signed(), now=NOW)
    assert len(site.asked) == MOST_TRIES
    assert (await proxy.verify(signed(now=NOW + 10), now=NOW + 10)).subject == "ada"


async def test_a_stolen_key_is_denied_at_once() -> None:
    """It is not even asked for."""
    site = Site(KEY)
    with pytest.raises(NotProxied):
        await tokens(site, denied_keys=[KEY.kid or ""]).verify(signed(), now=NOW)
    assert site.asked == []


async def test_what_is_no_public_key() -> None:
    """A private key, another kind and a text are none."""
    for pem in (KEY.as_pem(private=True), _pem(ECKey.generate_key("P-384")), b"<html>", b"{}"):
        site = Site(KEY)
        site.pems = dict.fromkeys(site.pems, pem)
        with pytest.raises(Unavailable):
            await tokens(site).verify(signed(), now=NOW)
        assert len(site.told) == 1


async def test_files_of_keys(tmp_path: Path) -> None:
    """The same from a folder; whoever wrote the token names no other file of it."""
    (tmp_path / f"{KEY.kid}.pem").write_bytes(_pem(KEY))
    table = ProviderTable(preset="oathkeeper", issuer=ISSUER, jwks="{kid}.pem")
    told: list[str] = []
    provider = check("provider", table, ORIGIN, tmp_path)
    proxy = ProxyTokens(provider, fetching.read, told.append)
    assert (await proxy.verify(signed(), now=NOW)).subject == "ada"
    with pytest.raises(NotProxied):
        await proxy.verify(signed(kid="absent"), now=NOW)
    assert told == ["No such file or directory"]


async def test_a_key_is_fetched_once_however_many_ask_for_it() -> None:
    """A page sends many requests before the first key is there; each of them is let in."""
    site = Site(KEY)
    proxy = tokens(site)
    asked = [proxy.verify(signed(), now=NOW) for _ in range(2 * MOST_TRIES)]
    named = await asyncio.gather(*asked)
    assert {each.subject for each in named} == {"ada"}
    assert len(site.asked) == 1


async def test_who_leaves_takes_the_key_from_nobody() -> None:
    """A request that is given up while a key is fetched is not what the others waited for."""
    site = Site(KEY)
    proxy = tokens(site)
    leaver = asyncio.ensure_future(proxy.verify(signed(), now=NOW))
    stayer = asyncio.ensure_future(proxy.verify(signed(), now=NOW))
    await asyncio.sleep(0)
    leaver.cancel()
    assert (await stayer).subject == "ada"
    assert len(site.asked) == 1
