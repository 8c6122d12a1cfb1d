"""A tokenizer and an application behind a proxy that asks an Oathkeeper about each request."""

import os
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from examples.proxies.fronts import FRONTS, PORTS
from tests.deployments import LUNASEC
from tests.processes import START_SECONDS, free_ports, running, status_of

ISSUER = "https://proxy.example.com"

POLICY = """
@id("fresh") @step_up("log in again, within half an hour")
forbid (principal, action == Action::"read", resource)
unless { context has auth_age && context.auth_age <= 1800 };
"""
OWNED = 'ownership = "required"\npolicies = ["payroll.cedar"]\n'
PROVIDER = """
[applications.payroll.provider]
preset = "oathkeeper"
issuer = "{issuer}"
jwks = "{jwks}"
logout_audience = "tokenizer"
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proxied:
    """Where everything is, from before the proxy and around it."""

    front: str
    application: str
    secure: str
    around_application: str
    around_tokenizer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """What runs behind whichever proxy: an Oathkeeper, a tokenizer, an application."""

    folder: Path
    ports: dict[str, int]


@contextmanager
def running_behind(folder: Path) -> Generator[Behind]:
    """Start all that stands behind a proxy, with its files in `folder`."""
    names = (*PORTS, "operator")
    ports: dict[str, int] = dict(zip(names, free_ports(len(names)), strict=True))
    ports["log-in"] = ports["oathkeeper"]  # One program stands for both.
    origin, secure = _origins(ports)
    jwks = f"http://127.0.0.1:{ports['oathkeeper']}/.well-known/jwks.json"
    _configure(folder, ports, origin, secure, jwks)
    internal = f"http://127.0.0.1:{ports['tokenizer']}"
    own: list[str | Path] = [
        str(ports["application"]),
        origin,
        folder / "payroll.key",
        secure,
        internal,
    ]
    with ExitStack() as stack:
        _start(stack, folder, ports["oathkeeper"], "/.well-known/jwks.json", "oathkeeper", ISSUER)
        serve: list[str | Path] = [LUNASEC, "serve", "--config", folder / "lunasec.toml"]
        ready = {ports["tokenizer"]: "/lunasec.js"}
        stack.enter_context(running(serve, folder=folder, ready=ready))
        module: list[str | Path] = [sys.executable, "-m", "tests.proxies.application"]
        command: list[str | Path] = [*module, *own, ISSUER, jwks]
        ready = {ports["application"]: "/ready"}
        stack.enter_context(running(command, folder=folder, ready=ready, environment=environment()))
        yield Behind(folder=folder, ports=ports)


@contextmanager
def running_front(name: str, behind: Behind) -> Generator[Proxied]:
    """Put a proxy before it."""
    ports = behind.ports
    folder = behind.folder / name
    folder.mkdir()
    command = FRONTS[name].command(folder, ports)
    origin, secure = _origins(ports)
    path = f"{origin}/proxy/log-out"
    with running(command, folder=folder, ready={ports["app"]: path}):
        # Traefik listens before it has read where what goes.
        deadline = time.monotonic() + START_SECONDS
        while status_of(ports["app"], path) != 200:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        yield Proxied(
            front=name,
            application=origin,
            secure=secure,
            around_application=f"http://127.0.0.1:{ports['application']}",
            around_tokenizer=f"http://127.0.0.1:{ports['tokenizer']}",
        )


def _origins(ports: dict[str, int]) -> tuple[str, str]:
    app, secure = (f"http://{name}.lunasec.localhost:{ports[name]}" for name in ("app", "secure"))
    return app, secure


def _configure(folder: Path, ports: dict[str, int], origin: str, secure: str, jwks: str) -> None:
    config = folder / "lunasec.toml"
    config.write_text(
        f'[tokenizer]\norigin = "{secure}"\nlisten = "127.0.0.1:{ports["tokenizer"]}"\n'
        f'operator_listen = "127.0.0.1:{ports["operator"]}"\ndata = "data"\n'
    )
    command: list[str | Path] = [
        LUNASEC,
        "app",
        "add",
        "payroll",
        "--origin",
        origin,
        "--config",
        config,
    ]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    (folder / "payroll.cedar").write_text(POLICY)
    with config.open("a") as file:
        file.write(OWNED + PROVIDER.format(issuer=ISSUER, jwks=jwks))


def environment() -> dict[str, str]:
    """Say where our modules are, to whoever runs them in another folder."""
    paths = [str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH", "")]
    return {"PYTHONPATH": os.pathsep.join(filter(None, paths))}


def _start(stack: ExitStack, folder: Path, port: int, path: str, name: str, *more: str) -> None:
    command: list[str | Path] = [sys.executable, "-m", f"tests.proxies.{name}", str(port), *more]
    started = running(command, folder=folder, ready={port: path}, environment=environment())
    stack.enter_context(started)
