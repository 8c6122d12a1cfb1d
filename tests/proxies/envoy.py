"""A tokenizer and an application behind Envoy, which logs users in at a real identity provider."""

import json
import re
import secrets
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode, urljoin, urlsplit

from examples.proxies import apache
from examples.proxies.fronts import PORTS, SIGNED_IN
from tests.processes import free_ports, running, wait_for_status
from tests.proxies.apache import Identified
from tests.proxies.scene import configure, origins, serve_both

CLIENT = "envoy"
CALLBACK = "/proxy/callback"
PROVIDER = """
[applications.payroll.provider]
preset = "envoy"
issuer = "{issuer}"
audience = "{audience}"
jwks = "{jwks}"
logout_audience = "{client}"
"""
PROMPT = re.compile(r'action="([^"]+)".*?name="prompt" value="(\w+)"', re.DOTALL)
STEPS = 12
"""More than any log-in takes."""


@dataclass(slots=True, kw_only=True)
class Visitor:
    """A browser without pages: it keeps each host's cookies, and fills the provider's forms in."""

    user: str
    cookies: dict[str, dict[str, str]] = field(default_factory=dict[str, dict[str, str]])

    def cookie(self, address: str) -> tuple[str, str]:
        """Give the header that it sends there."""
        kept = self.cookies.get(urlsplit(address).hostname or "", {})
        return "Cookie", "; ".join(f"{name}={value}" for name, value in kept.items())

    def follow(self, address: str, until: str = "\n") -> str:
        """Log in along the way; give the first address that begins so, or the last one's body."""
        for _ in range(STEPS):
            _, location, body = self.asks(address)
            if (asked := PROMPT.search(body)) is not None:
                address = asked[1]
                sent = {"prompt": asked[2], "login": self.user, "password": "any"}
                _, location, body = self.asks(address, sent)
            if location is None:
                return body
            address = urljoin(address, location)
            if address.startswith(until):
                return address
        raise AssertionError(address)

    def asks(
        self, address: str, form: dict[str, str] | None = None, host: str = ""
    ) -> tuple[int, str | None, str]:
        """Ask once, of whichever host; give the status, where it leads, and the body."""
        parts = urlsplit(address)
        headers = dict([("Host", host or parts.netloc), self.cookie(address)])
        headers |= {"Content-Type": "application/x-www-form-urlencoded"} if form else {}
        connection = HTTPConnection("127.0.0.1", parts.port, timeout=10)
        try:
            path = parts._replace(scheme="", netloc="").geturl()
            method, body = ("POST", urlencode(form)) if form else ("GET", None)
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            kept = self.cookies.setdefault(parts.hostname or "", {})
            for each in answer.headers.get_all("set-cookie") or ():
                name, _, value = each.partition(";")[0].partition("=")
                kept[name] = value
            return answer.status, answer.headers["location"], answer.read().decode()
        finally:
            connection.close()


@contextmanager
def running_envoy(folder: Path) -> Generator[Identified]:
    """Start all of it."""
    names = (*PORTS, "operator")
    ports: dict[str, int] = dict(zip(names, free_ports(len(names)), strict=True))
    application, secure = origins(ports)
    own = folder / "envoy"
    own.mkdir()
    for name in ("client", "seal-app", "seal-secure"):
        (own / f"{name}.secret").write_text(secrets.token_urlsafe(32))
    client = {
        "client_id": CLIENT,
        "client_secret": (own / "client.secret").read_text(),
        "redirect_uris": [f"{each}{CALLBACK}" for each in (application, secure)],
        "post_logout_redirect_uris": [f"{secure}/"],
        "backchannel_logout_uri": f"{secure}/session/back-channel-logout/payroll",
        "backchannel_logout_session_required": True,
        "require_auth_time": True,
    }
    issuer, jwks = apache.issuer(ports), apache.jwks(ports)
    identity: list[str | Path] = ["node", apache.IDENTITY, str(ports["log-in"]), issuer]
    told = {"issuer": issuer, "audience": secure, "jwks": jwks, "client": CLIENT}
    configure(folder, ports, PROVIDER.format(**told))
    with ExitStack() as stack:
        ready = {ports["log-in"]: "/jwks"}
        started = running([*identity, json.dumps(client), "3600"], folder=folder, ready=ready)
        stack.enter_context(started)
        serve_both(stack, folder, ports, ["envoy", issuer, application, jwks])
        stack.enter_context(running(SIGNED_IN.command(own, ports), folder=own, ready={}))
        wait_for_status(ports["secure"], f"{secure}/lunasec.js", 200)
        yield Identified.of("envoy", folder, ports)
