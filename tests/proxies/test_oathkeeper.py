"""What an Oathkeeper may sign, in each variant, behind real proxies: who is in, and as whom."""

import base64
import json
import secrets
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from examples.proxies.fronts import FRONTS, PORTS
from lunasec.references import proxied_session_id, session_reference
from tests.deployments import LUNASEC
from tests.http.parties import SCRIPTED
from tests.processes import free_ports, running, wait_for_status
from tests.proxies import rules
from tests.proxies.echoes import ask
from tests.proxies.oathkeeper import COOKIE, Oathkeeper
from tests.proxies.scene import ISSUER, PROVIDER, configure, rules_in
from tests.proxies.signed import ANOTHER_S, EC, INJECTED, REFUSED, RSA, TAKEN, Signed


@dataclass(frozen=True, slots=True, kw_only=True)
class Deciding:
    """An Oathkeeper that can be told what to sign, and the proxy that asks it."""

    oathkeeper: Oathkeeper
    rules: list[rules.Rule]
    ports: dict[str, int]

    @property
    def host(self) -> str:
        """Where browsers find the tokenizer."""
        return f"secure.lunasec.localhost:{self.ports['secure']}"

    def signs(self, variant: Signed) -> None:
        """Sign so from now on."""
        self.oathkeeper.key = variant.key
        self.oathkeeper.rules = [
            rules.replaced(each, self._filled(variant.claims), variant.authenticator)
            if each.name == "tokenizer"
            else each
            for each in self.rules
        ]

    def log_in(self, **extra: Any) -> tuple[str, str]:  # noqa: ANN401 - JSON
        """Log ada in; give her cookie, and her session's name."""
        cookie, name = secrets.token_urlsafe(16), secrets.token_urlsafe(16)
        known = {"id": name, "identity": {"id": "ada"}, "auth_time": 1}
        known |= {key: self._filled(each) for key, each in extra.items()}
        self.oathkeeper.people[cookie] = known
        return f"{COOKIE}={cookie}", name

    def ensured(self, name: str, *fields: tuple[str, str]) -> tuple[int, dict[str, Any]]:
        """Ask the proxy, as a frame, for the session of that name; give status and answer."""
        session = session_reference("payroll", proxied_session_id(ISSUER, name), "ada")
        own = [("Host", self.host), ("Lunasec-Application", "payroll"), *SCRIPTED.items()]
        sent = json.dumps({"session": session}).encode()
        status, _, body = ask(self.ports["secure"], "/session/ensure", [*own, *fields], sent)
        return status, json.loads(body) if body.startswith("{") else {}

    def token(self, cookie: str) -> str:
        """Ask Oathkeeper itself for the tokenizer's token."""
        fields = [("Host", self.host), ("Cookie", cookie)]
        _, headers, _ = ask(self.ports["oathkeeper"], "/decisions/session/ensure", fields)
        return headers["authorization"]

    def _filled(self, said: Any) -> Any:  # noqa: ANN401 - JSON
        if not isinstance(said, str):
            return said
        application = f"http://app.lunasec.localhost:{self.ports['app']}"
        said = said.replace("{secure}", f"http://{self.host}")
        return said.replace("{application}", application)


@pytest.fixture(scope="module")
def behind(tmp_path_factory: pytest.TempPathFactory) -> Generator[tuple[Path, Deciding]]:
    """Run a tokenizer, and an Oathkeeper in this process."""
    folder = tmp_path_factory.mktemp("oathkeeper")
    names = (*PORTS, "operator")
    ports: dict[str, int] = dict(zip(names, free_ports(len(names)), strict=True))
    jwks = f"http://127.0.0.1:{ports['oathkeeper']}/.well-known/jwks.json"
    configure(folder, ports, PROVIDER.format(issuer=ISSUER, jwks=jwks))
    shipped = rules.read(rules_in(folder, ports).read_text())
    oathkeeper = Oathkeeper(issuer=ISSUER, rules=shipped, key=RSA, published=[RSA, EC])
    serve: list[str | Path] = [LUNASEC, "serve", "--config", folder / "lunasec.toml"]
    with (
        _serving(oathkeeper, ports["oathkeeper"]),
        running(serve, folder=folder, ready={ports["tokenizer"]: "/lunasec.js"}),
    ):
        yield folder, Deciding(oathkeeper=oathkeeper, rules=shipped, ports=ports)


@pytest.fixture(scope="module", params=["caddy", "envoy"])
def deciding(request: pytest.FixtureRequest, behind: tuple[Path, Deciding]) -> Generator[Deciding]:
    """Put a proxy before them."""
    folder, made = behind
    own = folder / request.param
    own.mkdir()
    command = FRONTS[request.param].command(own, made.ports)
    with running(command, folder=own, ready={}):
        wait_for_status(made.ports["secure"], f"http://{made.host}/", 401)
        yield made


@contextmanager
def _serving(oathkeeper: Oathkeeper, port: int) -> Generator[None]:
    config = uvicorn.Config(
        oathkeeper.application(), host="127.0.0.1", port=port, log_level="critical"
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        wait_for_status(port, "/.well-known/jwks.json", 200)
        yield
    finally:
        server.should_exit = True
        thread.join()


@pytest.mark.parametrize("variant", TAKEN.values(), ids=TAKEN)
def test_whose_it_is_is_in(deciding: Deciding, variant: Signed) -> None:
    """In the session that the token names, and in no other."""
    deciding.signs(variant)
    cookie, name = deciding.log_in(**variant.extra)
    status, answer = deciding.ensured(name, ("Cookie", cookie))
    assert (status, answer.get("active")) == (200, True), answer
    status, answer = deciding.ensured(ANOTHER_S, ("Cookie", cookie))
    assert (status, answer["code"]) == (409, "session_changed")


@pytest.mark.parametrize("variant", REFUSED.values(), ids=REFUSED)
def test_t25_what_says_too_little_is_refused(deciding: Deciding, variant: Signed) -> None:
    """Whatever is missing, or was signed by what anybody who checks could sign with."""
    deciding.signs(variant)
    cookie, name = deciding.log_in(**variant.extra)
    status, answer = deciding.ensured(name, ("Cookie", cookie))
    assert (status, answer.get("code")) == (401, "not_proxied")


@pytest.mark.parametrize("variant", INJECTED.values(), ids=INJECTED)
def test_what_the_recipe_warns_of(deciding: Deciding, variant: Signed) -> None:
    """A user who may choose a name chooses a session with it."""
    deciding.signs(variant)
    cookie, _ = deciding.log_in(**variant.extra)
    status, answer = deciding.ensured(ANOTHER_S, ("Cookie", cookie))
    assert (status, answer.get("active")) == (200, True)


def test_a_token_is_cached_and_outlives_its_key(deciding: Deciding) -> None:
    """For most of its life it is given again, and taken, also after the key was changed."""
    deciding.signs(Signed())
    cookie, name = deciding.log_in()
    before = deciding.token(cookie)
    deciding.signs(Signed(key=EC))
    deciding.oathkeeper.published = [EC]
    try:
        assert deciding.token(cookie) == before
        assert deciding.ensured(name, ("Cookie", cookie))[0] == 200
        [at] = [each for each, (_, token) in deciding.oathkeeper.cached.items() if token in before]
        expires, token = deciding.oathkeeper.cached[at]
        deciding.oathkeeper.cached[at] = expires - 55, token
        head = deciding.token(cookie).removeprefix("Bearer ").partition(".")[0]
        assert json.loads(base64.urlsafe_b64decode(head + "=="))["alg"] == "ES256"
        assert deciding.ensured(name, ("Cookie", cookie))[0] == 200
    finally:
        deciding.oathkeeper.published = [RSA, EC]


@pytest.mark.parametrize("number", [0, 2])
def test_t25_where_not_one_rule_matches_nobody_is_in(deciding: Deciding, number: int) -> None:
    """Oathkeeper's 404 and its 500 let no request through."""
    deciding.signs(Signed())
    cookie, name = deciding.log_in()
    others = [each for each in deciding.oathkeeper.rules if each.name != "tokenizer"]
    [own] = [each for each in deciding.oathkeeper.rules if each.name == "tokenizer"]
    deciding.oathkeeper.rules = [*others, *[own] * number]
    status, answer = deciding.ensured(name, ("Cookie", cookie))
    assert (status >= 400, answer.get("active")) == (True, None)


SPOOFED = {
    "once": ["Authorization"],
    "twice": ["Authorization", "authorization"],
    "in capitals": ["AUTHORIZATION"],
    "by other names": ["X-Authorization", "Proxy-Authorization", "X-Id-Token", "X-Forwarded-User"],
    "with an underscore": ["Authorization_", "_Authorization"],
    "hop by hop": ["Authorization", "Connection"],
}


@pytest.mark.parametrize("names", SPOOFED.values(), ids=SPOOFED)
def test_t25_a_good_token_of_another_is_replaced(deciding: Deciding, names: list[str]) -> None:
    """Sent by a client, it opens nothing, with a session of its own or with none."""
    deciding.signs(Signed())
    (eve, her_s), (cookie, name) = deciding.log_in(), deciding.log_in()
    token = deciding.token(eve)
    fields = [(each, "authorization" if each == "Connection" else token) for each in names]
    assert deciding.ensured(her_s, *fields)[0] in {400, 401}
    status, answer = deciding.ensured(her_s, ("Cookie", cookie), *fields)
    assert (status, answer.get("active")) in {(409, None), (400, None), (401, None)}
    status, answer = deciding.ensured(name, *fields, ("Cookie", cookie))
    assert (status, answer.get("active")) in {(200, True), (400, None), (401, None)}
