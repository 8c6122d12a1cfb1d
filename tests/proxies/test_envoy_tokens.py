"""What Envoy's `jwt_authn` and the tokenizer behind it let in, and what a client makes up."""

import json
import subprocess
import time
from collections.abc import Generator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from examples.proxies.fronts import SIGNED_IN
from lunasec.references import proxied_session_id, session_reference
from tests.http.parties import SCRIPTED
from tests.processes import free_ports, running, wait_for_status
from tests.proxies.apache import Identified
from tests.proxies.echoes import ask
from tests.proxies.envoy import CALLBACK, Visitor

ROOT = Path(__file__).parents[2]
KEYS = ROOT / "node_modules/oidc-provider/lib/consts/dev_keystore.js"
"""What the provider signs with, known to all: with it a test can sign anything."""

SHOW = f'import all from "{KEYS}"; console.log(JSON.stringify(all.keys))'
LOGIN = "envoy.filters.http.oauth2\n"
OTHER = RSAKey.generate_key(2048, {"kid": "keystore-CHANGE-ME"})
UNFIT: dict[str, tuple[dict[str, Any], int]] = {
    "over": ({"iat": -900, "exp": -300}, 401),
    "without an end": ({"exp": None}, 401),
    "for the application": ({"aud": "{application}"}, 403),
    "for another": ({"aud": "envoy"}, 403),
    "for nobody": ({"aud": None}, 403),
    "of another issuer": ({"iss": "http://another.lunasec.localhost"}, 401),
    "not yet": ({"nbf": 900}, 401),
}
"""What both refuse, and how Envoy says so."""

INSIDE: dict[str, dict[str, Any]] = {
    "for both": {"aud": ["{application}", "{secure}"]},
    "without a session": {"sid": None},
    "of nobody": {"sub": ""},
    "of a guest": {"sub": "guest"},
    "for a day": {"exp": 90000},
    "of tomorrow": {"iat": 900},
}
"""What Envoy lets through, and the tokenizer does not."""


@pytest.fixture(scope="module")
def judging(envoy: Identified) -> Generator[int]:
    """Run the same Envoy without its log-in, so that `jwt_authn` judges what a client brings."""
    app, secure = free_ports(2)
    own = envoy.folder / "judging"
    own.mkdir()
    command = SIGNED_IN.command(own, envoy.ports)
    for path in (envoy.folder / "envoy").glob("*.secret"):
        (own / path.name).write_bytes(path.read_bytes())
    text = (own / "envoy.yaml").read_text()
    text = text.replace(LOGIN, f"{LOGIN}                    disabled: true\n")
    for name, port in (("app", app), ("secure", secure)):
        text = text.replace(f"port_value: {envoy.ports[name]}", f"port_value: {port}")
    (own / "envoy.yaml").write_text(text)
    with running(command, folder=own, ready={}):
        wait_for_status(secure, f"{envoy.secure}/lunasec.js", 200)
        yield secure


@pytest.fixture(scope="module")
def key() -> RSAKey:
    """Give the provider's own key."""
    node: list[str | Path] = ["node", "--input-type=module", "-e", SHOW]
    told = subprocess.check_output(node)
    [found] = [each for each in json.loads(told) if each["kty"] == "RSA"]
    return RSAKey.import_key(found)


def _signed(envoy: Identified, key: RSAKey | OctKey, algorithm: str = "RS256", **said: Any) -> str:  # noqa: ANN401 - JSON
    """Sign an access token as the provider does; times are counted from now."""
    now = int(time.time())
    claims: dict[str, Any] = {"iss": envoy.issuer, "aud": envoy.secure, "sub": "ada", "sid": "s-1"}
    claims |= {"iat": 0, "exp": 300, "client_id": "envoy", "jti": "j-1"} | said
    for name in ("iat", "exp", "nbf"):
        if claims.get(name) is not None:
            claims[name] += now
    text = json.dumps({name: each for name, each in claims.items() if each is not None})
    text = text.replace("{application}", envoy.application).replace("{secure}", envoy.secure)
    header = {"alg": algorithm, "kid": "keystore-CHANGE-ME", "typ": "at+jwt"}
    return "Bearer " + jwt.encode(header, json.loads(text), key, algorithms=[algorithm])


def _ensured(
    envoy: Identified, port: int, name: str, *fields: tuple[str, str], query: str = ""
) -> tuple[int, dict[str, Any]]:
    """Ask, as a frame, for ada's session of that name; give status and answer."""
    session = session_reference("payroll", proxied_session_id(envoy.issuer, name), "ada")
    host = ("Host", envoy.secure.removeprefix("http://"))
    own = [host, ("Lunasec-Application", "payroll"), *SCRIPTED.items(), *fields]
    sent = json.dumps({"session": session}).encode()
    status, _, body = ask(port, f"/session/ensure{query}", own, sent)
    return status, json.loads(body) if body.startswith("{") else {}


def _refused(answer: tuple[int, dict[str, Any]]) -> bool:
    status, said = answer
    return (status, said.get("code")) == (401, "not_proxied")


def test_the_provider_s_token_is_let_in(envoy: Identified, judging: int, key: RSAKey) -> None:
    """By Envoy, and by the tokenizer, in the session that it names."""
    good = ("Authorization", _signed(envoy, key))
    for port in (judging, envoy.ports["tokenizer"]):
        status, answer = _ensured(envoy, port, "s-1", good)
        assert (status, answer.get("active")) == (200, True), answer
        assert _ensured(envoy, port, "s-2", good)[0] == 409


@pytest.mark.parametrize(("said", "status"), UNFIT.values(), ids=UNFIT)
def test_t25_what_is_unfit_is_refused_by_both(
    envoy: Identified, judging: int, key: RSAKey, said: dict[str, Any], status: int
) -> None:
    """Envoy does not pass it on; around Envoy, the tokenizer refuses it."""
    token = ("Authorization", _signed(envoy, key, **said))
    assert _ensured(envoy, judging, "s-1", token) == (status, {})
    assert _refused(_ensured(envoy, envoy.ports["tokenizer"], "s-1", token))


@pytest.mark.parametrize("said", INSIDE.values(), ids=INSIDE)
def test_t25_what_envoy_lets_through_is_still_judged(
    envoy: Identified, judging: int, key: RSAKey, said: dict[str, Any]
) -> None:
    """It knows nothing of sessions, nor that a token for two is for neither."""
    token = ("Authorization", _signed(envoy, key, **said))
    assert _refused(_ensured(envoy, judging, "s-1", token))


def test_t25_what_another_key_signed_is_refused_by_both(
    envoy: Identified, judging: int, key: RSAKey
) -> None:
    """Another's, none, and the provider's public key taken for a secret."""
    header, payload, _ = _signed(envoy, key).removeprefix("Bearer ").split(".")
    none = "eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0"
    public = OctKey.generate_key(256)
    for each in (
        _signed(envoy, OTHER),
        _signed(envoy, public, "HS256"),
        f"Bearer {header}.{payload}.",
        f"Bearer {none}.{payload}.",
    ):
        assert _ensured(envoy, judging, "s-1", ("Authorization", each)) == (401, {})
        around = _ensured(envoy, envoy.ports["tokenizer"], "s-1", ("Authorization", each))
        assert _refused(around)


def test_t25_a_token_elsewhere_is_none(envoy: Identified, judging: int, key: RSAKey) -> None:
    """Not in the query, not in another header, not in the payload that Envoy could write."""
    token = _signed(envoy, key)
    bare = token.removeprefix("Bearer ")
    assert _ensured(envoy, judging, "s-1", query=f"?access_token={bare}")[0] == 401
    for name in ("X-Authorization", "X-Jwt-Payload", "Proxy-Authorization", "Cookie"):
        assert _ensured(envoy, judging, "s-1", (name, token))[0] == 401
    doubled = [("Authorization", token), ("authorization", _signed(envoy, key, sub="eve"))]
    assert _ensured(envoy, judging, "s-1", *doubled)[0] == 401


def test_t25_a_client_s_own_token_is_replaced(envoy: Identified, key: RSAKey) -> None:
    """Where Envoy logs users in, a good one opens nothing, with a session or without."""
    ada, port = Visitor(user="ada"), envoy.ports["secure"]
    ada.follow(f"{envoy.application}/")
    good = ("Authorization", _signed(envoy, key))
    for sent in ([good], [good, ("authorization", good[1])]):
        assert _ensured(envoy, port, "s-1", *sent)[0] == 401
        status, answer = _ensured(envoy, port, "s-1", *sent, ada.cookie(envoy.secure))
        assert (status, answer["code"]) == (409, "session_changed")


def test_t25_what_the_application_is_sent_opens_nothing(envoy: Identified) -> None:
    """Neither its token nor a cookie; none of Envoy's gets there."""
    ada = Visitor(user="ada")
    stolen = json.loads(ada.follow(f"{envoy.application}/headers"))
    assert "cookie" not in stolen
    token = ("Authorization", stolen["authorization"])
    for port in (envoy.ports["tokenizer"], envoy.ports["secure"]):
        assert _ensured(envoy, port, "s-1", token)[0] == 401
    sealed = ada.cookie(envoy.application)
    assert _ensured(envoy, envoy.ports["secure"], "s-1", sealed)[0] == 401


def test_t2b_a_log_in_made_out_to_the_other_gets_nowhere(envoy: Identified) -> None:
    """A page has its visitor follow a log-in of eve's for the tokenizer, and tells her the code.

    What comes of it at the application's listener goes no further, and is sealed for no other,
    whatever host she asks there for.
    """
    eve, ada = Visitor(user="eve"), Visitor(user="ada")
    here, there = (quote(each, safe="") for each in (envoy.application, envoy.secure))
    for host in (envoy.application, envoy.secure):
        eve.cookies.clear()
        begun = eve.follow(f"{envoy.application}/headers", f"{envoy.secure}/proxy/log-in")
        forged = begun.replace(f"resource={here}", f"resource={there}")
        assert forged != begun
        came = ada.follow(forged, f"{envoy.application}{CALLBACK}")
        assert eve.asks(came, host=host.removeprefix("http://"))[0] == 302
        assert "__Host-Token" in eve.cookie(envoy.application)[1]
        if host == envoy.application:
            assert eve.asks(f"{envoy.application}/headers")[0] == 403
        sealed = eve.cookie(envoy.application)
        assert _ensured(envoy, envoy.ports["secure"], "s-1", sealed) == (401, {})


def test_t2b_a_code_of_the_other_s_log_in_gets_nowhere(envoy: Identified) -> None:
    """A page has its visitor bring it the code of a log-in that eve began at the tokenizer's host.

    She has all that belongs to it there, and Envoy the client's secret: the provider refuses, since
    the code was sent to another address. To its own it would do, and there no page sees it.
    """
    here, there = (
        quote(f"{each}{CALLBACK}", safe="") for each in (envoy.application, envoy.secure)
    )
    for side, ended in ((envoy.application, 401), (envoy.secure, 302)):
        eve, ada = Visitor(user="eve"), Visitor(user="ada")
        begun = eve.follow(f"{envoy.secure}/frame/payroll/coordinator", f"{envoy.issuer}/auth")
        if side == envoy.application:
            begun = begun.replace(f"redirect_uri={there}", f"redirect_uri={here}")
        came = ada.follow(begun, f"{side}{CALLBACK}?code=")
        assert eve.asks(came.replace(side, envoy.secure))[0] == ended
        assert ("__Host-Token" in eve.cookie(envoy.secure)[1]) == (ended == 302)
