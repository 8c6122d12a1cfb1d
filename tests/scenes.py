"""A tokenizer with bare applications before it, in which a test sets its own scene."""

import os
import subprocess
import sys
from collections.abc import Generator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from tests.deployments import LUNASEC
from tests.processes import Running, free_ports, running

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """A bare application: `tests/bare_application.py` says what it answers."""

    name: str
    origin: str
    port: int
    process: Running

    def page(self, html: str, *, grant: str = "", reads: int = 0) -> str:
        """Give the address of a page with this HTML, to whose session a token is granted."""
        query = {"html": html, "grant": grant, "reads": reads}
        return f"{self.origin}/page?{urlencode(query)}"

    def at(self, path: str, **query: str) -> str:
        """Give another address of the application."""
        return f"{self.origin}{path}?{urlencode(query)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A tokenizer with two applications, `payroll` and `clinic`."""

    tokenizer: str
    tokenizer_port: int
    operator_port: int
    folder: Path
    process: Running
    payroll: Application
    clinic: Application
    unlisted: str
    """An origin that serves payroll's pages, and that the tokenizer was not told of."""


@contextmanager
def running_scene(folder: Path, *, cross_site: bool) -> Generator[Scene]:
    """Start all of it on free ports; stop it when the block ends."""
    port, operator, payroll, clinic = free_ports(4)
    site = "localhost" if cross_site else "lunasec.localhost"
    tokenizer, internal = f"http://secure.{site}:{port}", f"http://127.0.0.1:{port}"
    origins = {
        "payroll": (f"http://app.{site}:{payroll}", payroll),
        "clinic": (f"http://clinic.{site}:{clinic}", clinic),
    }
    config = folder / "lunasec.toml"
    config.write_text(
        f'[tokenizer]\norigin = "{tokenizer}"\nlisten = "127.0.0.1:{port}"\n'
        f'operator_listen = "127.0.0.1:{operator}"\ndata = "data"\n'
    )
    for name, (origin, _) in origins.items():
        command: list[str | Path] = [
            LUNASEC,
            "app",
            "add",
            name,
            "--origin",
            origin,
            "--config",
            config,
        ]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    with ExitStack() as stack:
        serve: list[str | Path] = [LUNASEC, "serve", "--config", config]
        ready = {port: "/lunasec.js"}
        process = stack.enter_context(running(serve, folder=folder, ready=ready))
        applications = {
            name: Application(
                name=name,
                origin=origin,
                port=own,
                process=stack.enter_context(
                    _bare(folder, own, name, tokenizer=tokenizer, internal=internal)
                ),
            )
            for name, (origin, own) in origins.items()
        }
        yield Scene(
            tokenizer=tokenizer,
            tokenizer_port=port,
            operator_port=operator,
            folder=folder,
            process=process,
            unlisted=f"http://evil.{site}:{payroll}",
            **applications,
        )


def _bare(
    folder: Path, port: int, name: str, *, tokenizer: str, internal: str
) -> AbstractContextManager[Running]:
    command: list[str | Path] = [sys.executable, "-m", "tests.bare_application", str(port), name]
    command += [folder / f"{name}.key", tokenizer, internal]
    paths = [str(ROOT), os.environ.get("PYTHONPATH", "")]
    environment = {"PYTHONPATH": os.pathsep.join(filter(None, paths))}
    return running(command, folder=folder, ready={port: "/plain"}, environment=environment)
