"""A proxy that can't sign for the tokenizer alone proves itself by its certificate, and only so.

Its application is sent the very tokens that the tokenizer takes: here it replays them.
"""

import ssl
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from lunasec.cli import transport
from lunasec.tokenizer.http.proxied import ThroughProxy
from tests.authorities import Authority, Pair
from tests.http.local import ORIGIN, read
from tests.http.parties import CLINIC, SCRIPTED, Browser, code, sealed
from tests.http.proxies import PROVIDER, Behind, ProxiedBrowser, behind
from tests.http.sockets import served

SSN = "219-09-9999"
REQUIRED = f"""{PROVIDER}
client_certificate = "required"

[proxy_listener]
listen = "127.0.0.1:0"
tls_certificate = "tokenizer.pem"
tls_key = "tokenizer.key"
client_ca = "proxies.pem"
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """The proxy's line to the tokenizer, the public one, and who signs for whom."""

    proxied: Behind
    port: int
    public: str
    proxies: Authority
    servers: Authority
    trusted: Path
    proxy: Pair

    async def asks(
        self, who: ProxiedBrowser, pair: Pair | None, path: str, **body: object
    ) -> httpx.Response:
        """Ask for somebody over the proxy's line, with a certificate or without one."""
        trusting = ssl.create_default_context(cafile=self.trusted)
        if pair is not None:
            trusting.load_cert_chain(pair.certificate, pair.key)
        async with httpx.AsyncClient(verify=trusting, trust_env=False) as client:
            address = f"https://127.0.0.1:{self.port}{path}"
            stated = {"session": who.session, **body}
            return await client.post(address, json=stated, headers=headers(who))


def headers(who: ProxiedBrowser) -> Mapping[str, str]:
    """Give what the proxy passes on, as the application may have seen it too."""
    frame = {"host": ORIGIN.removeprefix("http://"), "lunasec-application": who.application}
    return {**SCRIPTED, **frame, **who.proof()}


@pytest_asyncio.fixture
async def line(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncGenerator[Line]:
    """Serve a tokenizer on both listeners; parametrized, `client_ca` is the proxy's certificate."""
    proxies, servers = (Authority(folder=tmp_path, name=each) for each in ("proxies", "servers"))
    _, proxy = servers.signs("tokenizer"), proxies.signs("proxy")
    client_ca = proxy.certificate if hasattr(request, "param") else proxies.publish()
    lines = REQUIRED.replace("proxies.pem", client_ca.name)
    async with AsyncExitStack() as stack:
        proxied = await stack.enter_async_context(behind(tmp_path, lines))
        listener = read(tmp_path).proxy_listener
        assert listener is not None
        app, tls = proxied.parties.tokenizer.app, transport.proxies_context(listener)
        port = await stack.enter_async_context(served(ThroughProxy(app), tls))
        public = await stack.enter_async_context(served(app))
        yield Line(
            proxied=proxied,
            port=port,
            public=f"http://127.0.0.1:{public}",
            proxies=proxies,
            servers=servers,
            trusted=servers.publish(),
            proxy=proxy,
        )


async def stored(line: Line, who: ProxiedBrowser) -> str:
    """Set up a session through the proxy, store a value, and grant it."""
    ensured = await line.asks(who, line.proxy, "/session/ensure")
    assert ensured.json()["active"] is True, ensured.text
    kept = await line.asks(who, line.proxy, "/tokenize", values=[sealed(SSN)])
    [token] = kept.json()["tokens"]
    await line.proxied.parties.grant(who.session, [token])
    return str(token)


async def test_the_proxy_presents_its_certificate(line: Line) -> None:
    """Through it, all is as ever: a session, a value, and the value back."""
    ada = line.proxied.browser()
    token = await stored(line, ada)
    answer = await line.asks(ada, line.proxy, "/detokenize", tokens=[token])
    assert "ciphertext" in answer.json()["values"][0]


@pytest.mark.parametrize("path", ["/session/ensure", "/tokenize", "/detokenize", "/files"])
async def test_t25_a_token_is_replayed_at_the_public_listener(line: Line, path: str) -> None:
    """The right token of a live session: a 401 that says that it did not come through the proxy."""
    ada = line.proxied.browser()
    await stored(line, ada)
    body: dict[str, object] = {"session": ada.session, "tokens": [], "values": []}
    async with httpx.AsyncClient(base_url=line.public, trust_env=False) as thief:
        answer = await thief.post(path, json=body, headers=headers(ada))
    assert (answer.status_code, code(answer)) == (401, "not_proxied")
    assert "another listener" in answer.json()["detail"]


async def test_t25_a_segment_is_sent_around_the_proxy(line: Line) -> None:
    """Bytes of files come in the same way as all else."""
    ada = line.proxied.browser()
    own = {**headers(ada), "lunasec-session": ada.session}
    own["content-type"] = "application/octet-stream"
    async with httpx.AsyncClient(base_url=line.public, trust_env=False) as thief:
        answer = await thief.put(f"/files/{'A' * 43}/0", content=b"x", headers=own)
    assert (answer.status_code, code(answer)) == (401, "not_proxied")


async def test_t2b_no_certificate_opens_no_line(line: Line) -> None:
    """Without one, with another authority's, with one that anybody could make: no answer at all."""
    ada, folder = line.proxied.browser(), line.proxies.folder / "elsewhere"
    folder.mkdir()
    same_name = Authority(folder=folder, name="proxies").signs("proxy")
    for pair in (None, line.servers.signs("application"), same_name):
        with pytest.raises(httpx.TransportError):
            await line.asks(ada, pair, "/session/ensure")
    assert (await line.asks(ada, line.proxy, "/session/ensure")).is_success


@pytest.mark.parametrize("line", ["pinned"], indirect=True)
async def test_t2b_a_proxy_is_trusted_by_its_own_certificate(line: Line) -> None:
    """Its certificate in `client_ca`, and the application's of the same authority gets nowhere."""
    ada = line.proxied.browser()
    assert (await line.asks(ada, line.proxy, "/session/ensure")).is_success
    with pytest.raises(httpx.TransportError):
        await line.asks(ada, line.proxies.signs("application"), "/session/ensure")


async def test_a_certificate_is_no_token(line: Line) -> None:
    """Who has the proxy's certificate is a proxy, and nobody's session."""
    ada = line.proxied.browser(sid="")
    answer = await line.asks(ada, line.proxy, "/session/ensure")
    assert (answer.status_code, code(answer)) == (401, "not_proxied")


async def test_others_of_the_same_tokenizer(line: Line) -> None:
    """An application without a proxy is served as ever, where it always was."""
    parties = line.proxied.parties
    browser = Browser(parties=parties, application=CLINIC)
    await browser.log_in()
    assert await browser.lives()
