"""A tokenizer and an application behind Apache, which logs users in at a real identity provider."""

import base64
import json
import ssl
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from joserfc import jwt
from joserfc.jwk import RSAKey
from playwright.async_api import Page, expect

from examples.proxies import apache
from examples.proxies.fronts import APACHE, PORTS
from tests.processes import free_ports, running
from tests.proxies.echoes import Fields, ask, echoing
from tests.proxies.scene import Proxied, configure, origins, serve_both

SESSION = "mod_auth_openidc_session"


@dataclass(frozen=True, slots=True, kw_only=True)
class Identified(Proxied):
    """What `Proxied` says, and where the identity provider is."""

    issuer: str
    folder: Path
    ports: dict[str, int]

    @classmethod
    def of(cls, front: str, folder: Path, ports: dict[str, int]) -> "Identified":
        """Say where everything is, by its ports."""
        application, secure = origins(ports)
        return cls(
            front=front,
            application=application,
            secure=secure,
            around_application=f"http://127.0.0.1:{ports['application']}",
            around_tokenizer=f"http://127.0.0.1:{ports['tokenizer']}",
            issuer=apache.issuer(ports),
            folder=folder,
            ports=ports,
        )

    async def log_in(self, page: Page, user: str) -> None:
        """Open the application, and log in by the provider's own pages."""
        await page.goto(self.application)
        await page.fill("input[name=login]", user)
        await page.fill("input[name=password]", "any")
        await page.click("button[type=submit]")
        await page.click("text=Continue")
        await expect(page).to_have_url(f"{self.application}/")

    async def log_out(self, page: Page) -> None:
        """Log out at the provider itself, past Apache."""
        await page.goto(f"{self.issuer}/session/end")
        await page.click("button[name=logout]")
        await expect(page.get_by_text("Sign-out Success")).to_be_visible()

    async def cookie(self, page: Page) -> str:
        """Give Apache's own cookie, as a browser sends it to both hosts."""
        kept = {each.get("name"): each for each in await page.context.cookies(self.secure)}
        assert kept[SESSION].get("httpOnly")
        return f"{SESSION}={kept[SESSION].get('value')}"


@contextmanager
def running_identity(
    folder: Path, *, told: str = "apache", life: int = 3600
) -> Generator[Identified]:
    """Start the provider and Apache alone; `told` of log-outs is Apache, or the tokenizer."""
    names = (*PORTS, "operator")
    ports: dict[str, int] = dict(zip(names, free_ports(len(names)), strict=True))
    _, secure = origins(ports)
    log_outs = f"{secure}/session/back-channel-logout/payroll" if told == "tokenizer" else None
    own = folder / "apache"
    own.mkdir()
    apache.certify(folder, own)
    identity = apache.identity(own, ports, log_outs=log_outs, life=life)
    with (
        running(identity, folder=folder, ready={ports["log-in"]: "/jwks"}),
        running(APACHE.command(own, ports), folder=own, ready={ports["secure"]: "/"}),
    ):
        yield Identified.of("apache", folder, ports)


@contextmanager
def running_apache(folder: Path, *, told: str) -> Generator[Identified]:
    """Start all of it."""
    with running_identity(folder, told=told) as started, ExitStack() as stack:
        ports = started.ports
        configure(folder, ports, apache.provider("payroll", ports))
        signer = ["apache", apache.issuer(ports), apache.CLIENT, apache.jwks(ports)]
        serve_both(stack, folder, ports, signer)
        yield started


@contextmanager
def passed_on(folder: Path, *, life: int = 3600) -> Generator[Identified]:
    """Run the provider, Apache, and an echo in the place of each of the two."""
    with running_identity(folder, life=life) as started:
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=folder / "proxies.pem")
        tls.load_cert_chain(folder / "line.pem", folder / "line.key")
        tls.verify_mode = ssl.CERT_REQUIRED
        with echoing(started.ports["application"]), echoing(started.ports["line"], tls):
            yield started


def asked(
    passing: Identified, side: str, fields: Fields = (), path: str = "/any"
) -> tuple[int, dict[str, str], list[tuple[str, str]]]:
    """Ask a host of Apache's; give the status, the answer's headers, and what got through."""
    port = passing.ports["app" if side == "app" else "secure"]
    host = ("Host", f"{side}.lunasec.localhost:{port}")
    status, headers, body = ask(port, path, [host, *fields])
    seen = [(name.lower(), value) for name, value in json.loads(body)[1]] if status == 200 else []
    return status, headers, seen


def tokens(seen: Fields) -> list[str]:
    """Give each `Authorization` that got through."""
    return [value for name, value in seen if name == "authorization"]


def claims(seen: Fields, name: str) -> list[Any]:
    """Give what each of them says."""
    payloads = [each.removeprefix("Bearer ").split(".")[1] for each in tokens(seen)]
    return [json.loads(base64.urlsafe_b64decode(each + "=="))[name] for each in payloads]


def forged(good: str) -> str:
    """Sign what a good token says, and another subject, with a key of our own."""
    header, payload, _ = good.removeprefix("Bearer ").split(".")
    head, claims = (json.loads(base64.urlsafe_b64decode(each + "==")) for each in (header, payload))
    key = RSAKey.generate_key(2048, {"kid": head["kid"]})
    return f"Bearer {jwt.encode(head, claims | {'sub': 'eve'}, key, algorithms=['RS256'])}"
