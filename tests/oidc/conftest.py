"""A tokenizer and an application that are one client of a real identity provider."""

import json
import os
import subprocess
import sys
from collections.abc import Generator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest

from examples.proxies.apache import IDENTITY
from tests.deployments import LUNASEC
from tests.oidc.application import Configured
from tests.processes import Running, free_ports, running

HERE = Path(__file__).parent
CLIENT, SECRET = "payroll-client", "a secret, known: to all + of us"
FRESH_SECONDS = 15
POLICY = f"""
@id("fresh") @step_up("log in again")
forbid (principal, action == Action::"read", resource)
when {{ resource.kind == "ssn" }}
unless {{ context has auth_age && context.auth_age <= {FRESH_SECONDS} }};
"""
PROVIDER = """
[applications.payroll.provider]
kind = "oidc"
issuer = "{issuer}"
client_id = "{client}"
client_secret = "oidc.secret"
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Relying:
    """Where everything is, and the provider's process."""

    application: str
    secure: str
    issuer: str
    around_tokenizer: str
    provider: Running
    folder: Path


@pytest.fixture(scope="session")
def relying(tmp_path_factory: pytest.TempPathFactory) -> Generator[Relying]:
    """Start an identity provider, a tokenizer and an application, all of one site."""
    folder = tmp_path_factory.mktemp("oidc")
    app, secure, operator, login = free_ports(4)
    origins = {name: f"http://{name}.lunasec.localhost" for name in ("app", "secure", "login")}
    application, tokenizer = f"{origins['app']}:{app}", f"{origins['secure']}:{secure}"
    issuer, internal = f"{origins['login']}:{login}", f"http://127.0.0.1:{secure}"
    config = folder / "lunasec.toml"
    config.write_text(
        f'[tokenizer]\norigin = "{tokenizer}"\nlisten = "127.0.0.1:{secure}"\n'
        f'operator_listen = "127.0.0.1:{operator}"\ndata = "data"\n'
    )
    added: list[str | Path] = [LUNASEC, "app", "add", "payroll", "--origin", application]
    subprocess.run([*added, "--config", config], check=True, stdout=subprocess.DEVNULL)
    (folder / "oidc.secret").touch(mode=0o600)
    (folder / "oidc.secret").write_text(f"{SECRET}\n")
    with config.open("a") as file:
        file.write('ownership = "required"\npolicies = ["payroll.cedar"]\n')
        file.write(PROVIDER.format(issuer=issuer, client=CLIENT))
    (folder / "payroll.cedar").write_text(POLICY)
    client = {
        "client_id": CLIENT,
        "client_secret": SECRET,
        "redirect_uris": [
            f"{application}/logged-in",
            f"{tokenizer}/session/log-in/payroll/callback",
        ],
        "backchannel_logout_uri": f"{internal}/session/back-channel-logout/payroll",
        "backchannel_logout_session_required": True,
    }
    configured = Configured(
        port=app,
        origin=application,
        key_file=str(folder / "payroll.key"),
        tokenizer=tokenizer,
        internal=internal,
        issuer=issuer,
        provider=f"http://127.0.0.1:{login}",
        client_id=CLIENT,
        client_secret=SECRET,
    )
    node: list[str | Path] = ["node", IDENTITY, str(login), issuer, json.dumps(client)]
    serve: list[str | Path] = [LUNASEC, "serve", "--config", config]
    module = "tests.oidc.application"
    own: list[str | Path] = [sys.executable, "-m", module, msgspec.json.encode(configured).decode()]
    paths = [str(HERE.parents[1]), os.environ.get("PYTHONPATH", "")]
    environment = {"PYTHONPATH": os.pathsep.join(filter(None, paths))}
    with ExitStack() as stack:
        provider = stack.enter_context(running(node, folder=folder, ready={login: "/jwks"}))
        stack.enter_context(running(serve, folder=folder, ready={secure: "/lunasec.js"}))
        ready = {app: "/ready"}
        stack.enter_context(running(own, folder=folder, ready=ready, environment=environment))
        yield Relying(
            application=application,
            secure=tokenizer,
            issuer=issuer,
            around_tokenizer=internal,
            provider=provider,
            folder=folder,
        )
