"""A tokenizer and an application behind a proxy that asks an Oathkeeper about each request."""

import os
import subprocess
import sys
from collections.abc import Generator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from examples.proxies.fronts import FRONTS, OATHKEEPER, PORTS
from tests.deployments import LUNASEC
from tests.processes import Running, free_ports, running, wait_for_status

ISSUER = "https://proxy.example.com"
AUTH_TIME = r"\"auth_time\": {{ .Extra.auth_time | toJson }}"

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
    origin, _ = origins(ports)
    jwks = f"http://127.0.0.1:{ports['oathkeeper']}/.well-known/jwks.json"
    configure(folder, ports, PROVIDER.format(issuer=ISSUER, jwks=jwks))
    with ExitStack() as stack:
        stack.enter_context(deciding(folder, ports))
        serve_both(stack, folder, ports, ["oathkeeper", ISSUER, origin, jwks])
        yield Behind(folder=folder, ports=ports)


@contextmanager
def deciding(folder: Path, ports: dict[str, int]) -> Generator[Running]:
    """Start what stands for Oathkeeper, with the recipe's rules."""
    path = rules_in(folder, ports)
    module = [sys.executable, "-m", "tests.proxies.oathkeeper"]
    command: list[str | Path] = [*module, str(ports["oathkeeper"]), ISSUER, path]
    ready = {ports["oathkeeper"]: "/.well-known/jwks.json"}
    with running(command, folder=folder, ready=ready, environment=environment()) as started:
        yield started


def rules_in(folder: Path, ports: dict[str, int]) -> Path:
    """Write the recipe's rules; for policies that ask, tokens say when a log-in was."""
    own = folder / "oathkeeper"
    own.mkdir()
    OATHKEEPER.command(own, ports)
    path = own / "rules.json"
    path.write_text(path.read_text().replace('"claims": "{', f'"claims": "{{{AUTH_TIME}, '))
    return path


def serve_both(
    stack: ExitStack, folder: Path, ports: dict[str, int], signer: Sequence[str]
) -> None:
    """Start a tokenizer, and an application that is told who signs for it."""
    serve: list[str | Path] = [LUNASEC, "serve", "--config", folder / "lunasec.toml"]
    ready = {ports["tokenizer"]: "/lunasec.js"}
    stack.enter_context(running(serve, folder=folder, ready=ready))
    module: list[str | Path] = [sys.executable, "-m", "tests.proxies.application"]
    told = [origins(ports)[1], f"http://127.0.0.1:{ports['tokenizer']}", *signer]
    own: list[str | Path] = [str(ports["application"]), folder / "payroll.key", *told]
    ready = {ports["application"]: "/ready"}
    started = running([*module, *own], folder=folder, ready=ready, environment=environment())
    stack.enter_context(started)


@contextmanager
def running_front(name: str, behind: Behind) -> Generator[Proxied]:
    """Put a proxy before it."""
    ports = behind.ports
    folder = behind.folder / name
    folder.mkdir(exist_ok=True)  # It comes again with the tests of another file.
    command = FRONTS[name].command(folder, ports)
    origin, secure = origins(ports)
    path = f"{origin}/proxy/log-out"
    with running(command, folder=folder, ready={ports["app"]: path}):
        # Traefik listens before it has read where what goes.
        wait_for_status(ports["app"], path, 200)
        yield Proxied(
            front=name,
            application=origin,
            secure=secure,
            around_application=f"http://127.0.0.1:{ports['application']}",
            around_tokenizer=f"http://127.0.0.1:{ports['tokenizer']}",
        )


def origins(ports: dict[str, int]) -> tuple[str, str]:
    """Say where browsers find the application and the tokenizer."""
    app, secure = (f"http://{name}.lunasec.localhost:{ports[name]}" for name in ("app", "secure"))
    return app, secure


def configure(folder: Path, ports: dict[str, int], provider: str) -> None:
    """Write a tokenizer's configuration, with this for where its sessions come from."""
    origin, secure = origins(ports)
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
        file.write(OWNED + provider)


def environment() -> dict[str, str]:
    """Say where our modules are, to whoever runs them in another folder."""
    paths = [str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH", "")]
    return {"PYTHONPATH": os.pathsep.join(filter(None, paths))}
