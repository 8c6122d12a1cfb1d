"""Real proxies that present a certificate to the tokenizer; one token opens it with that alone."""

import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from examples.proxies.fronts import CERTIFIED, PORTS
from lunasec.encoding import to_base64url
from tests.authorities import Authority
from tests.deployments import LUNASEC
from tests.http.parties import SCRIPTED, code
from tests.processes import free_ports, running, wait_for_status
from tests.proxies.scene import ISSUER, deciding

SECURE = "secure.lunasec.localhost"
CONFIGURATION = """
[applications.payroll.provider]
preset = "oathkeeper"
issuer = "{issuer}"
jwks = "http://127.0.0.1:{oathkeeper}/.well-known/jwks.json"
client_certificate = "required"

[proxy_listener]
listen = "127.0.0.1:{line}"
tls_certificate = "tokenizer.pem"
tls_key = "tokenizer.key"
client_ca = "proxies.pem"
"""
SESSION = to_base64url(bytes(32))


NOT_REACHED = {**{each: {502, 503} for each in CERTIFIED}, "traefik": {500, 502}}
"""What each says of a tokenizer that does not know it, or that it does not know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Certified:
    """Who asks whom: the proxy, and the tokenizer around it."""

    front: str
    ports: dict[str, int]

    @property
    def host(self) -> str:
        """Where browsers find the tokenizer."""
        return f"{SECURE}:{self.ports['secure']}"

    def asks(self, port: str, **headers: str) -> httpx.Response:
        """Ask for a session, at the proxy or around it."""
        own = {**SCRIPTED, "host": self.host, "lunasec-application": "payroll", **headers}
        address = f"http://127.0.0.1:{self.ports[port]}/session/ensure"
        return httpx.post(address, json={"session": SESSION}, headers=own, trust_env=False)

    def decided(self, **headers: str) -> httpx.Response:
        """Ask what the proxy asks: log in, or have a request decided."""
        path = "/decisions/" if headers else "/proxy/log-in/ada"
        address = f"http://127.0.0.1:{self.ports['oathkeeper']}{path}"
        return httpx.get(address, headers={"host": self.host, **headers}, trust_env=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """What every one of them is in front of, and who signs for whom."""

    folder: Path
    ports: dict[str, int]
    authorities: dict[str, Authority]


@pytest.fixture(scope="module")
def certifying(tmp_path_factory: pytest.TempPathFactory) -> Generator[Behind]:
    """Run a tokenizer that demands a certificate, and what the proxies ask."""
    folder = tmp_path_factory.mktemp("certified")
    signing = {name: Authority(folder=folder, name=name) for name in ("proxies", "servers")}
    for each in signing.values():
        each.publish()
    signing["servers"].signs("tokenizer")
    names = (*PORTS, "operator")
    ports = dict(zip(names, free_ports(len(names)), strict=True))
    _configure(folder, ports)
    serve: list[str | Path] = [LUNASEC, "serve", "--config", folder / "lunasec.toml"]
    with (
        deciding(folder, ports),
        running(serve, folder=folder, ready={ports["tokenizer"]: "/lunasec.js"}),
    ):
        yield Behind(folder=folder, ports=ports, authorities=signing)


@pytest.fixture(params=[(front, by) for front in CERTIFIED for by in ("proxies", "servers")])
def certified(
    request: pytest.FixtureRequest, certifying: Behind
) -> Generator[tuple[Certified, bool]]:
    """Run a proxy whose certificate the right authority signed, or another."""
    (front, signed_by), folder, ports = request.param, certifying.folder, certifying.ports
    certifying.authorities[signed_by].signs("proxy")
    with running_before(front, folder, ports) as started:
        yield started, signed_by == "proxies"


@contextmanager
def running_before(front: str, folder: Path, ports: dict[str, int]) -> Generator[Certified]:
    """Run a proxy until the block ends."""
    with running(CERTIFIED[front].command(folder, ports), folder=folder, ready={}):
        # Nobody is logged in there; Traefik listens before it has read where what goes.
        wait_for_status(ports["secure"], f"http://{SECURE}:{ports['secure']}/", 401)
        yield Certified(front=front, ports=ports)


def _configure(folder: Path, ports: dict[str, int]) -> None:
    config = folder / "lunasec.toml"
    config.write_text(
        f'[tokenizer]\norigin = "http://{SECURE}:{ports["secure"]}"\n'
        f'listen = "127.0.0.1:{ports["tokenizer"]}"\n'
        f'operator_listen = "127.0.0.1:{ports["operator"]}"\n'
    )
    origin = f"http://app.lunasec.localhost:{ports['app']}"
    added: list[str | Path] = [
        LUNASEC,
        "app",
        "add",
        "payroll",
        "--origin",
        origin,
        "--config",
        config,
    ]
    subprocess.run(added, check=True, stdout=subprocess.DEVNULL)
    with config.open("a") as file:
        file.write(CONFIGURATION.format(issuer=ISSUER, **ports))


def test_t2b_one_token_opens_with_the_certificate_alone(
    certified: tuple[Certified, bool],
) -> None:
    """Through the proxy it is judged; replayed around it, or through one of no name, it is not."""
    running, known = certified
    cookie = running.decided().headers["set-cookie"].partition(";")[0]
    answer = running.asks("secure", cookie=cookie)
    if known:
        assert (answer.status_code, code(answer)) == (409, "session_changed"), answer.text
    else:
        assert answer.status_code in NOT_REACHED[running.front]
    token = running.decided(cookie=cookie).headers["authorization"]
    replayed = running.asks("tokenizer", authorization=token)
    assert (replayed.status_code, code(replayed)) == (401, "not_proxied")
    assert "another listener" in replayed.json()["detail"]


@pytest.mark.parametrize("front", CERTIFIED)
def test_t2b_a_proxy_tells_nothing_to_another_tokenizer(
    front: str, certifying: Behind, tmp_path: Path
) -> None:
    """Whose certificate nobody vouches for is sent no token, whatever it would answer."""
    authorities, ports = certifying.authorities, certifying.ports
    pair, other = authorities["proxies"].signs("proxy"), authorities["proxies"].publish()
    for path, name in ((pair.certificate, ""), (pair.key, ""), (other, "servers.pem")):
        (tmp_path / (name or path.name)).write_bytes(path.read_bytes())
    with running_before(front, tmp_path, ports) as certified:
        cookie = certified.decided().headers["set-cookie"].partition(";")[0]
        assert certified.asks("secure", cookie=cookie).status_code in NOT_REACHED[front]
