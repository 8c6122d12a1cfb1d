"""A configuration to serve, and a tokenizer that is looked at."""

from collections.abc import Generator
from pathlib import Path

import pytest

from lunasec.cli import applications
from tests.cli.checking import NAME, Serving
from tests.cli.serving import edit
from tests.deployments import LUNASEC
from tests.processes import free_ports, running


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Generator[Serving]:
    """Start a tokenizer; its application's origin is nobody's."""
    folder = tmp_path_factory.mktemp("serving")
    port, operator = free_ports(2)
    config = folder / "lunasec.toml"
    applications.make(NAME, origins=["http://app.lunasec.localhost:1"], config=config)
    text = config.read_text().replace("8001", str(port)).replace("9001", str(operator))
    config.write_text(text)
    command: list[str | Path] = [LUNASEC, "serve", "--config", config]
    with running(command, folder=folder, ready={port: "/lunasec.js", operator: "/ready"}):
        yield Serving(folder=folder, port=port, operator_port=operator)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Make a configuration whose listeners take any free port."""
    applications.make(
        "payroll", origins=["https://app.example.com"], config=tmp_path / "lunasec.toml"
    )
    edit(tmp_path, "127.0.0.1:8001", "127.0.0.1:0")
    edit(tmp_path, "127.0.0.1:9001", "127.0.0.1:0")
    return tmp_path
