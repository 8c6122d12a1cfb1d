"""A tokenizer and an application behind Apache, which logs users in at a real identity provider."""

from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Page, expect

from examples.proxies import apache
from examples.proxies.fronts import APACHE, PORTS
from tests.processes import free_ports, running
from tests.proxies.scene import Proxied, configure, origins, serve_both

SESSION = "mod_auth_openidc_session"


@dataclass(frozen=True, slots=True, kw_only=True)
class Identified(Proxied):
    """What `Proxied` says, and where the identity provider is."""

    issuer: str
    folder: Path
    ports: dict[str, int]

    async def log_in(self, page: Page, user: str) -> None:
        """Open the application, and log in by the provider's own pages."""
        await page.goto(self.application)
        await page.fill("input[name=login]", user)
        await page.fill("input[name=password]", "any")
        await page.click("button[type=submit]")
        await page.click("text=Continue")
        await expect(page.locator("#user")).to_have_text(user)

    async def log_out(self, page: Page) -> None:
        """Log out at the provider itself: Apache hears of it from nobody but the provider."""
        await page.goto(f"{self.issuer}/session/end")
        await page.click("button[name=logout]")


@contextmanager
def running_apache(folder: Path, *, told: str) -> Generator[Identified]:
    """Start all of it; of log-outs the provider tells Apache, or the tokenizer through Apache."""
    names = (*PORTS, "operator")
    ports: dict[str, int] = dict(zip(names, free_ports(len(names)), strict=True))
    application, secure = origins(ports)
    log_outs = f"{secure}/session/back-channel-logout/payroll" if told == "tokenizer" else None
    own = folder / "apache"
    own.mkdir()
    apache.certify(folder, own)
    identity = apache.identity(own, ports, log_outs=log_outs)
    configure(folder, ports, apache.provider("payroll", ports))
    signer = ["apache", apache.issuer(ports), apache.CLIENT, apache.jwks(ports)]
    with ExitStack() as stack:
        ready = {ports["log-in"]: "/jwks"}
        stack.enter_context(running(identity, folder=folder, ready=ready))
        serve_both(stack, folder, ports, signer)
        command = APACHE.command(own, ports)
        stack.enter_context(running(command, folder=own, ready={ports["secure"]: "/"}))
        yield Identified(
            front="apache",
            application=application,
            secure=secure,
            around_application=f"http://127.0.0.1:{ports['application']}",
            around_tokenizer=f"http://127.0.0.1:{ports['tokenizer']}",
            issuer=apache.issuer(ports),
            folder=own,
            ports=ports,
        )
