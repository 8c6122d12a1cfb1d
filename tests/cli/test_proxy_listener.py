"""`[proxy_listener]`: what is refused at start, and what `lunasec check` says of it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from lunasec.errors import ConfigurationInvalid
from lunasec.tokenizer import settings
from tests.authorities import Authority
from tests.cli.checking import advice, move_ports
from tests.cli.invocation import Outcome, lunasec
from tests.cli.serving import running_server
from tests.http.local import ORIGIN, configured
from tests.http.proxies import ISSUER, PROVIDER, AuthProxy

AT = Path("/srv/lunasec.toml")
LINE = """
[proxy_listener]
listen = "127.0.0.1:0"
tls_certificate = "tokenizer.pem"
tls_key = "tokenizer.key"
client_ca = "proxies.pem"
"""
REQUIRED = f'{PROVIDER}client_certificate = "required"\n'
APPLICATION = """
[applications.payroll]
origins = ["http://app.lunasec.localhost:1"]
keys = "payroll.jwks.json"
"""
WRONG = [
    (LINE.replace(":0", ":8001"), 'listen: got "127.0.0.1:8001", where the tokenizer listens'),
    (LINE.replace("127.0.0.1:0", "proxy"), 'listen: got "proxy", wants an IP address and a port'),
    (LINE.replace("client_ca", "client_cas"), "Did you mean client_ca?"),
    (LINE.partition("client_ca")[0], "client_ca: got nothing, wants the path of a PEM file"),
    (REQUIRED, 'client_certificate: got "required", and there is nowhere to present one'),
    (PROVIDER + "client_certificate = true\n", 'client_certificate: got true, wants "required"'),
]


@pytest.mark.parametrize(("lines", "said"), WRONG)
def test_wrong_configuration_says_what_to_write(lines: str, said: str) -> None:
    """A listener that can't be, and a certificate that nobody could present."""
    text = f'[tokenizer]\norigin = "{ORIGIN}"\n{APPLICATION}{lines}'
    with pytest.raises(ConfigurationInvalid) as refused:
        settings.parse(text.encode(), AT)
    assert said in refused.value.detail


def prepared(folder: Path, lines: str = REQUIRED + LINE) -> Path:
    """Write a configuration and all files that it names."""
    configured(folder, payroll=lines)
    move_ports(folder)
    proxies, servers = (Authority(folder=folder, name=each) for each in ("proxies", "servers"))
    proxies.publish()
    servers.signs("tokenizer")
    AuthProxy(folder=folder).publish()
    return folder


def _no_authority(folder: Path) -> None:
    (folder / "proxies.pem").unlink()


def _no_pem(folder: Path) -> None:
    (folder / "proxies.pem").write_text("x")


def _no_key(folder: Path) -> None:
    (folder / "tokenizer.key").unlink()


DAMAGE = [
    (_no_authority, "proxy_listener.client_ca: "),
    (_no_pem, "wants one certificate or several, in PEM"),
    (_no_key, "proxy_listener.tls_key: "),
]


@pytest.mark.parametrize(("damage", "said"), DAMAGE)
@pytest.mark.parametrize("command", ["serve", "check --offline"])
def test_what_can_not_be_read_is_said(
    tmp_path: Path, damage: Callable[[Path], None], said: str, command: str
) -> None:
    """With its setting, at a start and in a check; nothing is made."""
    damage(prepared(tmp_path))
    done = lunasec(*command.split(), cwd=tmp_path)
    assert said in (done.refusal if command == "serve" else done.out)
    assert done.code != 0
    assert not (tmp_path / "data").exists()


def test_a_start_says_where_it_listens(tmp_path: Path) -> None:
    """Beside the other two listeners, and only where there is one."""
    with running_server(prepared(tmp_path)) as serving:
        [listening] = [each for each in serving.lines if each["event"] == "listening"]
        assert str(listening["proxy_listen"]).startswith("127.0.0.1:")
        serving.stop()


def check(folder: Path, provider: str) -> Outcome:
    """Check a configuration with this provider."""
    return lunasec("check", "--offline", cwd=prepared(folder, provider))


def passed_on(audience: str) -> str:
    """Configure a proxy that passes on what an identity provider signed."""
    lines = f'[applications.payroll.provider]\npreset = "oauth2-proxy"\nissuer = "{ISSUER}"\n'
    return f'{lines}jwks = "proxy.jwks.json"\naudience = "{audience}"\n'


SHARED = "what the proxy sends to the application may open the tokenizer"


def test_t2b_a_token_that_may_be_the_application_s_too(tmp_path: Path) -> None:
    """Neither an audience of its own nor a certificate: a doubt, with both ways out."""
    done = check(tmp_path, passed_on("client"))
    said = advice(done, "!", SHARED)
    assert f"this one with the aud {ORIGIN}" in said
    assert "[proxy_listener], and client_certificate =" in said
    assert done.code == 0


IAP = """
[applications.payroll.provider]
preset = "google-iap"
issuer = "https://cloud.google.com/iap"
jwks = "https://www.gstatic.com/iap/verify/public_key-jwk"
audience = "/projects/1/global/backendServices/2"
"""


@pytest.mark.parametrize(
    ("provider", "said"),
    [
        (PROVIDER, f"its proxy's tokens are made out to the tokenizer: {ORIGIN}"),
        (passed_on("secure.lunasec.localhost"), "are made out to the tokenizer: secure.lunasec"),
        (IAP, "are made out to the tokenizer: /projects/1/global/backendServices/2"),
        (f'{passed_on("client")}client_certificate = "required"\n{LINE}', "certificate alone"),
    ],
)
def test_what_keeps_them_apart_is_said(tmp_path: Path, provider: str, said: str) -> None:
    """An own audience, a name of the proxy's own for its upstream, or its certificate."""
    done = check(tmp_path, provider)
    assert SHARED not in done.out
    assert said in done.out


def test_a_listener_that_nobody_has_to_come_through(tmp_path: Path) -> None:
    """It alone protects nothing: an application has to demand it."""
    done = check(tmp_path, PROVIDER + LINE)
    assert 'client_certificate = "required"' in advice(done, "!", "no application's proxy has to")
