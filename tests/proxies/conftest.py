"""A tokenizer and an application behind Caddy, which asks an Oathkeeper about each request."""

import os
import subprocess
import sys
from collections.abc import Generator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.deployments import LUNASEC
from tests.processes import Running, free_ports, running

ISSUER = "https://proxy.example.com"

CADDYFILE = """
{{
  admin off
  auto_https off
  persist_config off
}}
(asked) {{
  forward_auth 127.0.0.1:{oathkeeper} {{
    uri /decisions
    copy_headers Authorization
  }}
}}
http://app.lunasec.localhost:{app} {{
  handle /proxy/* {{
    reverse_proxy 127.0.0.1:{oathkeeper}
  }}
  handle {{
    import asked
    reverse_proxy 127.0.0.1:{application} {{
      header_up -Cookie
    }}
  }}
}}
http://secure.lunasec.localhost:{secure} {{
  # Pages load these from another origin, without cookies; there is nothing of anybody's in them.
  @public path /lunasec.js /assets/* /errors
  handle @public {{
    reverse_proxy 127.0.0.1:{tokenizer}
  }}
  handle {{
    import asked
    reverse_proxy 127.0.0.1:{tokenizer} {{
      header_up -Cookie
    }}
  }}
}}
"""

PROVIDER = """
[applications.payroll.provider]
preset = "oathkeeper"
issuer = "{issuer}"
jwks = "{jwks}"
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proxied:
    """Where everything is, from before the proxy and around it."""

    application: str
    secure: str
    around_application: str
    around_tokenizer: str
    tokenizer: Running


@pytest.fixture(scope="session")
def proxied(tmp_path_factory: pytest.TempPathFactory) -> Generator[Proxied]:
    """Start all of it."""
    folder = tmp_path_factory.mktemp("proxied")
    names = ("app", "secure", "oathkeeper", "application", "tokenizer", "operator")
    ports: dict[str, int] = dict(zip(names, free_ports(len(names)), strict=True))
    origin = f"http://app.lunasec.localhost:{ports['app']}"
    secure = f"http://secure.lunasec.localhost:{ports['secure']}"
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
        tokenizer = stack.enter_context(running(serve, folder=folder, ready=ready))
        module: list[str | Path] = [sys.executable, "-m", "tests.proxies.application"]
        command: list[str | Path] = [*module, *own, ISSUER, jwks]
        ready = {ports["application"]: "/ready"}
        stack.enter_context(
            running(command, folder=folder, ready=ready, environment=_environment())
        )
        caddy: list[str | Path] = [Path(sys.executable).parent / "caddy", "run", "--adapter"]
        command = [*caddy, "caddyfile", "--config", folder / "Caddyfile"]
        stack.enter_context(running(command, folder=folder, ready={ports["app"]: "/proxy/log-out"}))
        yield Proxied(
            application=origin,
            secure=secure,
            around_application=f"http://127.0.0.1:{ports['application']}",
            around_tokenizer=internal,
            tokenizer=tokenizer,
        )


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
    with config.open("a") as file:
        file.write(PROVIDER.format(issuer=ISSUER, jwks=jwks))
    (folder / "Caddyfile").write_text(CADDYFILE.format(**ports))


def _environment() -> dict[str, str]:
    paths = [str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH", "")]
    return {"PYTHONPATH": os.pathsep.join(filter(None, paths))}


def _start(stack: ExitStack, folder: Path, port: int, path: str, name: str, *more: str) -> None:
    command: list[str | Path] = [sys.executable, "-m", f"tests.proxies.{name}", str(port), *more]
    environment = _environment()
    started = running(command, folder=folder, ready={port: path}, environment=environment)
    stack.enter_context(started)
