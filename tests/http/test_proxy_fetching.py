"""Where an auth proxy's keys come from: the one address, or the file, that is configured."""

import socket
import threading
from collections.abc import Generator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from lunasec import proxy
from lunasec.errors import ConfigurationInvalid
from lunasec.jose import fetching
from lunasec.tokenizer.providers import ProviderTable, check


class Site(BaseHTTPRequestHandler):
    """Answers a set, a redirect to it, too much, and nothing."""

    def do_GET(self) -> None:
        """Answer by the path."""
        self.server.paths.append(self.path)  # type: ignore[attr-defined]
        if self.path == "/moved":
            self.send_response(302)
            self.send_header("Location", "/keys")
            self.end_headers()
            return
        self.send_response(404 if self.path == "/gone" else 200)
        self.end_headers()
        self.wfile.write(b"x" * (fetching.LARGEST + 1) if self.path == "/large" else b"{}")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
        """Say nothing."""


@pytest.fixture
def site() -> Generator[HTTPServer]:
    """Serve on loopback."""
    server = HTTPServer(("127.0.0.1", 0), Site)
    server.paths = []  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_t22_the_configured_address_and_no_other(site: HTTPServer) -> None:
    """A redirect is not followed, and neither an error nor too much is taken for a key set."""
    address = f"http://127.0.0.1:{site.server_port}"
    assert fetching.read(f"{address}/keys?v=1") == b"{}"
    for path in ("/moved", "/gone", "/large"):
        with pytest.raises(OSError, match="answer"):
            fetching.read(address + path)
    assert site.paths == ["/keys?v=1", "/moved", "/gone", "/large"]  # type: ignore[attr-defined]


def test_t22_a_name_of_this_machine_that_leads_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is taken for this machine, and asked over plain http, has to be this machine."""

    def look_up(*_: object, **__: object) -> list[object]:
        return [(2, 1, 6, "", ("93.184.215.14", 80))]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    with pytest.raises(OSError, match="private address"):
        fetching.read("http://proxy.localhost/keys")


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.7", "169.254.169.254", "::1", "fd00::1"])
def test_t22_a_name_that_leads_inside(
    site: HTTPServer, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    """Where the name of a host outside gives a private address, nothing is asked there."""
    found = [(2, 1, 6, "", (address, site.server_port))]

    def look_up(*_: object, **__: object) -> list[object]:
        return [*found]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    with pytest.raises(OSError, match="private address"):
        fetching.read(f"https://keys.example.com:{site.server_port}/keys")
    assert site.paths == []  # type: ignore[attr-defined]


@pytest.mark.parametrize("scheme", ["http", "ftp", "file"])
def test_t22_nothing_is_taken_over_an_open_line(
    site: HTTPServer, monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    """Keys of another machine come by https alone, whichever side is configured with them."""

    def look_up(*_: object, **__: object) -> list[object]:
        return [(2, 1, 6, "", ("127.0.0.1", site.server_port))]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    with pytest.raises(OSError, match="https"):
        fetching.read(f"{scheme}://keys.example.com:{site.server_port}/keys")
    assert site.paths == []  # type: ignore[attr-defined]


def test_a_path_is_a_file(tmp_path: Path) -> None:
    """What is no address is read where it is, as a text too."""
    (tmp_path / "keys.json").write_bytes(b"{}")
    assert fetching.read(str(tmp_path / "keys.json")) == b"{}"


def test_t22_a_name_is_looked_up_once(site: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was judged is what is connected to: a name that changes in between leads nowhere."""
    asked: list[str] = []

    def look_up(host: str, *_: object, **__: object) -> list[object]:
        asked.append(host)
        return [(2, 1, 6, "", ("127.0.0.1", site.server_port))]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    fetching.read(f"http://proxy.localhost:{site.server_port}/keys")
    assert [host for host in asked if host == "proxy.localhost"] == ["proxy.localhost"]


def test_all_addresses_are_tried_in_order(
    site: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A machine that has no way to the first address of a name takes the next one."""
    names = {"proxy.localhost": ["127.0.0.9", "127.0.0.1"]}
    connected: list[str] = []
    connect = socket.create_connection

    def look_up(host: str, *_: object, **__: object) -> list[object]:
        found = names.get(host, [host])
        return [(socket.AF_INET, 1, 6, "", (each, site.server_port)) for each in found]

    def note(address: tuple[str, int], timeout: float) -> socket.socket:
        connected.append(address[0])
        return connect(address, timeout)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    monkeypatch.setattr(socket, "create_connection", note)
    assert fetching.read(f"http://proxy.localhost:{site.server_port}/keys") == b"{}"
    assert connected == ["127.0.0.9", "127.0.0.1"]


SOURCES = {
    "a port that is no number": "https://proxy.example.com:44x/keys",
    "a port that is too large": "https://proxy.example.com:70000/keys",
    "port 0": "https://proxy.example.com:0/keys",
    "no host": "https:///keys",
    "plain http elsewhere": "http://proxy.example.com/keys",
    "another scheme": "ftp://proxy.example.com/keys",
    "a password": "https://user:word@proxy.example.com/keys",
    "a fragment": "https://proxy.example.com/keys#1",
    "the key id as a host": "https://{kid}.example.com/keys",
    "the key id in a query": "https://proxy.example.com/keys?kid={kid}",
    "the key id twice": "https://proxy.example.com/{kid}/{kid}",
    "the key id as a folder": "keys/{kid}/key.pem",
}


@pytest.mark.parametrize("jwks", SOURCES.values(), ids=SOURCES)
def test_t22_a_place_that_keys_can_not_come_from(jwks: str, tmp_path: Path) -> None:
    """It is refused when it is configured, on either side, and not when the first user comes."""
    with pytest.raises(ConfigurationInvalid, match=r"\.jwks: "):
        proxy.oathkeeper(issuer="https://proxy.example.com", audience="a", jwks=jwks)
    table = ProviderTable(preset="oathkeeper", issuer="https://proxy.example.com", jwks=jwks)
    with pytest.raises(ConfigurationInvalid, match=r"provider\.jwks: "):
        check("provider", table, "https://secure.example.com", tmp_path)
