"""`lunasec demo`: the tokenizer and the demo application, side by side, in a minute."""

import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

import typer
import uvicorn

from lunasec.cli import applications
from lunasec.demo.app import create_app
from lunasec.demo.settings import DemoSettings
from lunasec.errors import ConfigurationInvalid
from lunasec.tokenizer import private_file

APPLICATION: Final = "demo"

START_SECONDS: Final = 15
"""A first start makes keys and a database; a slow disk may take a while."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is to run where."""

    data: Path
    port: int
    tokenizer_port: int
    operator_port: int
    https: bool
    cross_site: bool

    @property
    def origin(self) -> str:
        """Where browsers find the application."""
        return self._origin("app", self.port)

    @property
    def tokenizer_origin(self) -> str:
        """Where browsers find the tokenizer: another origin of one site, or of another site."""
        return self._origin("secure", self.tokenizer_port)

    @property
    def internal(self) -> str:
        """Where the application's back end finds it: Python does not resolve `*.localhost`."""
        return f"{self._scheme}://127.0.0.1:{self.tokenizer_port}"

    @property
    def config(self) -> Path:
        """The tokenizer's configuration."""
        return self.data / "lunasec.toml"

    @property
    def _scheme(self) -> str:
        return "https" if self.https else "http"

    def _origin(self, name: str, port: int) -> str:
        site = "localhost" if self.cross_site else "lunasec.localhost"
        return f"{self._scheme}://{name}.{site}:{port}"


def demo(
    data: Annotated[
        Path, typer.Option(help="Where keys and databases are kept.")
    ] = Path("lunasec-demo"),
    port: Annotated[int, typer.Option(help="The application's port.")] = 8000,
    tokenizer_port: Annotated[int, typer.Option(help="The tokenizer's port.")] = 8001,
    operator_port: Annotated[int, typer.Option(help="Health and metrics.")] = 9001,
    *,
    https: Annotated[bool, typer.Option("--https", help="With a certificate made here.")] = False,
    cross_site: Annotated[
        bool, typer.Option("--cross-site", help="The two on different sites.")
    ] = False,
) -> None:
    """Run the tokenizer and a demo application on this machine; Ctrl-C stops both."""
    plan = Plan(
        data=data.resolve(),
        port=port,
        tokenizer_port=tokenizer_port,
        operator_port=operator_port,
        https=https,
        cross_site=cross_site,
    )
    for option, number in (
        ("--port", port),
        ("--tokenizer-port", tokenizer_port),
        ("--operator-port", operator_port),
    ):
        _refuse_busy(option, number)
    _run(plan, _prepare(plan))


def _refuse_busy(option: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            name = option.removeprefix("--").replace("-", "_").upper()
            detail = (
                f"port {port} is in use. Choose another with `lunasec demo {option} {port + 1000}`"
                f" or `make demo {name}={port + 1000}`."
            )
            raise ConfigurationInvalid(detail) from None


def _prepare(plan: Plan) -> DemoSettings:
    """Make what is missing; the configuration is written anew, since the ports may differ."""
    plan.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    key_file = plan.data / f"{APPLICATION}.key"
    if not key_file.exists():
        plan.config.unlink(missing_ok=True)
        applications.make(
            APPLICATION, origin=plan.origin, config=plan.config, tokenizer=plan.tokenizer_origin
        )
    tls = _certificate(plan) if plan.https else {}
    plan.config.write_text(_configuration(plan, tls))
    secret = plan.data / "session-secret"
    if not secret.exists():
        private_file.create(secret, secrets.token_urlsafe(32).encode())
    return DemoSettings(
        origin=plan.origin,
        tokenizer_url=plan.tokenizer_origin,
        tokenizer_internal_url=plan.internal,
        application=APPLICATION,
        key_file=key_file,
        database=plan.data / "application.db",
        session_secret=private_file.read(secret).decode(),
        tokenizer_ca_file=tls.get("tls_certificate"),
    )


def _configuration(plan: Plan, tls: Mapping[str, Path]) -> str:
    paths = "".join(f'{name} = "{path.name}"\n' for name, path in tls.items())
    return (
        "# Written anew by each `lunasec demo`.\n"
        "[tokenizer]\n"
        f'origin = "{plan.tokenizer_origin}"\n'
        f'listen = "127.0.0.1:{plan.tokenizer_port}"\n'
        f'operator_listen = "127.0.0.1:{plan.operator_port}"\n'
        'data = "tokenizer"\n'
        f"{paths}"
        f"\n[applications.{APPLICATION}]\n"
        f'origins = ["{plan.origin}"]\n'
        f'keys = "{APPLICATION}.jwks.json"\n'
    )


def _certificate(plan: Plan) -> dict[str, Path]:
    raise NotImplementedError(plan)


def _run(plan: Plan, settings: DemoSettings) -> None:
    """Run the tokenizer in a process of its own and the application in this one."""
    command = [sys.executable, "-m", "lunasec.cli", "serve", "--config", str(plan.config)]
    log = (plan.data / "tokenizer.log").open("ab")
    # A session of its own, so that Ctrl-C reaches this process alone and the order is ours.
    with subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True) as tokenizer:  # noqa: S603 - our own program
        try:
            _await(plan, tokenizer)
            app = create_app(settings)
            _tell(plan)
            uvicorn.run(
                app,
                host="127.0.0.1",
                port=plan.port,
                log_level="warning",
                access_log=False,
                ssl_certfile=settings.tokenizer_ca_file,
                ssl_keyfile=plan.data / "tls.key" if plan.https else None,
            )
        finally:
            tokenizer.send_signal(signal.SIGTERM)


def _await(plan: Plan, tokenizer: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + START_SECONDS
    address = f"http://127.0.0.1:{plan.operator_port}/ready"
    while time.monotonic() < deadline and tokenizer.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=1):  # noqa: S310 - our own loopback
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    detail = f"the tokenizer did not start; it says why at the end of {plan.data}/tokenizer.log."
    raise ConfigurationInvalid(detail)


def _tell(plan: Plan) -> None:
    typer.echo(
        f"""
  The application  {plan.origin}
  The tokenizer    {plan.tokenizer_origin}  (never opened by hand: it serves the Secure Frames)

  What to try
    1. Sign up at {plan.origin}/sign-up, with a made-up SSN such as 123-45-6789.
    2. See it on your profile, and at {plan.origin}/database what the application keeps of it.
    3. Run a script of your own in the page at {plan.origin}/steal, and try to steal it.
    4. Log in as somebody else in a private window; {plan.origin}/admin shows all tokens, no values.

  Keys and databases are in {plan.data}. Ctrl-C stops both.
"""
    )
