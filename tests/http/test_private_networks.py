"""A provider within a private network: reached where the configuration says so, and else not."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

import pytest
from starlette.requests import Request

from lunasec import proxy
from lunasec.cli.checks import auth_proxy, relying
from lunasec.cli.checks.findings import Section
from lunasec.errors import ConfigurationInvalid, LunaSecError
from lunasec.jose import fetching
from lunasec.jose.sources import check_networks
from lunasec.sdk.client import CLOCK
from lunasec.tokenizer.counterparties import Counterparties, counterparties
from lunasec.tokenizer.oidc import conversation
from lunasec.tokenizer.oidc.description import Description
from lunasec.tokenizer.settings import Settings
from tests.http.local import START, configured, read
from tests.http.parties import PAYROLL
from tests.http.proxies import CLIENT, ISSUER, PROVIDER, AuthProxy

INSIDE: Final = "10.1.2.3"
NETWORKS: Final = ["10.1.0.0/16", "fd12::/32"]
CONFIGURED: Final = f"private_networks = {NETWORKS}\n"
ADDRESS: Final = "https://keys.corp.example/keys"

PROXY: Final = PROVIDER.replace('"proxy.jwks.json"', f'"{ADDRESS}"')
LOG_OUTS: Final = PROVIDER + f'logout_audience = "{CLIENT}"\nlogout_jwks = "{ADDRESS}"\n'
OIDC: Final = f"""
[applications.{PAYROLL}.provider]
kind = "oidc"
issuer = "{ISSUER}"
client_id = "{CLIENT}"
"""


class Lines:
    """Where every name leads, and which addresses were called; nobody is there."""

    def __init__(self) -> None:
        """Begin inside."""
        self.leads_to = INSIDE
        self.called: list[str] = []

    def look_up(self, _host: str, port: int, **_: object) -> list[object]:
        """Answer for a name."""
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (self.leads_to, port))]

    def connect(self, address: tuple[str, int], timeout: float) -> socket.socket:
        """Note whom somebody calls."""
        assert timeout
        self.called.append(address[0])
        raise ConnectionRefusedError("nobody is there")


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Lines:
    """Take the network's place."""
    made = Lines()
    monkeypatch.setattr(socket, "getaddrinfo", made.look_up)
    monkeypatch.setattr(socket, "create_connection", made.connect)
    return made


REACHED: Final = {
    INSIDE: True,
    "fd12::7": True,
    "93.184.215.14": True,
    "10.2.0.1": False,
    "192.168.1.1": False,
    "127.0.0.1": False,
    "169.254.169.254": False,
    "::1": False,
    "fd13::7": False,
    "fe80::1%1": False,
    "::ffff:10.1.2.3": False,
}


@pytest.mark.parametrize("address", REACHED)
def test_t22_these_networks_and_no_others(lines: Lines, address: str) -> None:
    """What is configured is reached, and what is public; not the rest of what is private."""
    lines.leads_to = address
    networks = check_networks("here", NETWORKS)
    for ask in (
        lambda: fetching.read(ADDRESS, networks),
        lambda: fetching.post(ADDRESS, b"", {}, networks),
    ):
        with pytest.raises(OSError, match="nobody" if REACHED[address] else "private address"):
            ask()
    assert lines.called == [address] * 2 * REACHED[address]


NO_NETWORKS: Final = (
    "0.0.0.0/0", "10.0.0.0/7", "127.0.0.0/8", "169.254.0.0/16", "93.184.215.0/24",
    "::/0", "::1/128", "fe80::/10", "::ffff:10.0.0.0/104",
)  # fmt: skip


@pytest.mark.parametrize("text", NO_NETWORKS)
def test_t22_what_is_no_private_network(text: str) -> None:
    """This machine, the addresses where clouds hand out credentials, and everybody's, are none."""
    with pytest.raises(ConfigurationInvalid, match="wants private networks, each within 10"):
        check_networks("here", [text])


def test_t22_a_name_of_this_machine_stays_here(lines: Lines) -> None:
    """Whatever is configured: what is asked there goes over plain http."""
    networks = check_networks("here", NETWORKS)
    with pytest.raises(OSError, match="away from this machine"):
        fetching.read("http://proxy.localhost/keys", networks)
    assert lines.called == []


async def _by_the_proxy(parties: Counterparties, token: str) -> object:
    return await parties.proxies[PAYROLL].verify(token, now=START)


async def _by_a_log_out(parties: Counterparties, token: str) -> object:
    return await parties.log_outs[PAYROLL].verify(token, now=START)


async def _by_a_log_in(parties: Counterparties, token: str) -> object:
    return await parties.relying[PAYROLL].names_itself(START + len(token))


async def _by_a_code(parties: Counterparties, token: str) -> object:
    def described(*_: object) -> Description:
        return Description(
            issuer=ISSUER, authorization_endpoint=ISSUER, token_endpoint=ISSUER, jwks_uri=ISSUER
        )

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(conversation, "described", described)
        return await parties.relying[PAYROLL].id_token(code="c", verifier=token, now=START)


async def _by_an_id_token(parties: Counterparties, token: str) -> object:
    return await parties.id_tokens[PAYROLL].verify(token, nonce="n", now=START)


Asking = Callable[[Counterparties, str], Awaitable[object]]
ASKING: Final[Mapping[str, tuple[str, Asking]]] = {
    "a proxy's token": (PROXY, _by_the_proxy),
    "a log-out at its provider": (LOG_OUTS, _by_a_log_out),
    "a log-in": (OIDC, _by_a_log_in),
    "a code": (OIDC, _by_a_code),
    "an ID token": (OIDC, _by_an_id_token),
    "a log-out": (OIDC, _by_a_log_out),
}


def _configured(folder: Path, text: str) -> tuple[Settings, AuthProxy]:
    configured(folder, payroll=text)
    signing = AuthProxy(folder=folder, audience=CLIENT if text.startswith(OIDC) else "")
    signing.audience = signing.audience or read(folder).origin
    signing.publish()
    return read(folder), signing


@pytest.mark.parametrize("more", [CONFIGURED, ""], ids=["configured", "not configured"])
@pytest.mark.parametrize("what", ASKING)
async def test_t22_whatever_a_tokenizer_asks(
    lines: Lines, tmp_path: Path, what: str, more: str
) -> None:
    """Each counterparty that is configured so is reached there, and none that is not."""
    text, ask = ASKING[what]
    settings, signing = _configured(tmp_path, text + more)
    sign = signing.log_out_token if "log-out" in what else signing.token
    token = sign(START, sub="ada", sid="s")
    with suppress(LunaSecError):
        await ask(counterparties(settings), token)
    assert set(lines.called) == ({INSIDE} if more else set())


@pytest.mark.parametrize("networks", [NETWORKS, []], ids=["configured", "not configured"])
async def test_t22_what_an_application_asks(
    lines: Lines, tmp_path: Path, networks: list[str]
) -> None:
    """The session id provider of the SDK does the same."""
    app = "https://app.example.com"
    provider = proxy.oathkeeper(
        issuer=ISSUER, audience=app, jwks=ADDRESS, private_networks=networks
    )
    signing = AuthProxy(folder=tmp_path, audience=app)
    token = signing.token(int(CLOCK()), sub="ada", sid="s")
    header = (b"authorization", b"Bearer " + token.encode())
    with suppress(LunaSecError):
        await provider(Request({"type": "http", "headers": [header]}))
    assert set(lines.called) == ({INSIDE} if networks else set())


@pytest.mark.parametrize("more", [CONFIGURED, ""], ids=["configured", "not configured"])
@pytest.mark.parametrize("text", [PROXY, OIDC], ids=["proxy", "oidc"])
async def test_t22_what_the_check_asks(lines: Lines, tmp_path: Path, text: str, more: str) -> None:
    """`lunasec check` reaches what the server does, and says what stands in the way."""
    settings, _ = _configured(tmp_path, text + more)
    application, section = settings.applications[PAYROLL], Section(title=PAYROLL)
    if application.oidc is not None:
        party = application.oidc
        await asyncio.to_thread(relying.look, section, PAYROLL, party, offline=False)
    else:
        provider = application.provider
        assert provider is not None
        auth_proxy.look(section, settings, application, provider, offline=False)
    assert set(lines.called) == ({INSIDE} if more else set())
    said = " ".join(each.what for each in section.findings)
    assert ("none of private_networks" in said) == (not more)
