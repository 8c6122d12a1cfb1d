"""The two servers that take turns: a real `lunasec serve`, and Starlette that does nothing."""

import os
import subprocess
import sys
from collections.abc import AsyncGenerator, Mapping
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import urlopen

from prometheus_client.parser import text_string_to_metric_families as families

from lunasec.sdk.credential import read_credential
from tests.bench import machine
from tests.bench.machine import SERVER_CORE
from tests.deployments import LUNASEC, Tokenizer, running_tokenizer
from tests.http.parties import ORIGINS, PAYROLL, SCRIPTED, Browser, Clock, Parties, client
from tests.processes import Running, free_ports, running

ROOT = Path(__file__).parents[2]
GENEROUS = (
    "values_per_minute = 100_000_000\ngrants_per_minute = 100_000_000\n"
    "reads_per_minute = 100_000_000\n"
    "file_bytes_per_hour = 1_000_000_000_000\n"
)
"""Nobody types as fast as a bench: its budgets are out of the way, and counted all the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Servers:
    """Both, on one core, and the parties that set the scene at the tokenizer."""

    folder: Path
    tokenizer: Tokenizer
    parties: Parties
    plain: Running
    plain_port: int

    @property
    def host(self) -> str:
        """Give the host by which the tokenizer knows itself."""
        return urlsplit(self.tokenizer.origin).netloc


@asynccontextmanager
async def servers(folder: Path) -> AsyncGenerator[Servers]:
    """Start both on the first core, the tokenizer with an application without budgets."""
    configure(folder)
    with ExitStack() as stack:
        with machine.pinned(SERVER_CORE):
            tokenizer = stack.enter_context(running_tokenizer(folder))
            plain, port = plain_server(folder, stack)
        async with parties_of(tokenizer.origin, tokenizer.port, folder / f"{PAYROLL}.key") as them:
            yield Servers(
                folder=folder,
                tokenizer=tokenizer,
                parties=them,
                plain=plain,
                plain_port=port,
            )


@asynccontextmanager
async def parties_of(origin: str, port: int, key: Path) -> AsyncGenerator[Parties]:
    """Open the back channel of an application, and the browsers of its users."""
    host = {"host": urlsplit(origin).netloc}
    async with client(base_url=f"http://127.0.0.1:{port}", headers=host) as asked:
        credential = read_credential(key, application=PAYROLL, audience=origin)
        yield Parties(origin=origin, client=asked, clock=Clock(), credentials={PAYROLL: credential})


def plain_server(folder: Path, stack: ExitStack) -> tuple[Running, int]:
    """Start Starlette on the files of a folder."""
    [port] = free_ports(1)
    command: list[str | Path] = [sys.executable, "-m", "tests.bench.plain", str(port), folder]
    environment = {"PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "src")))}
    ready = {port: "/frame/text"}
    started = running(command, folder=folder, ready=ready, environment=environment)
    return stack.enter_context(started), port


def configure(folder: Path) -> None:
    """Write a configuration with one application whose budgets nothing uses up."""
    configuration = folder / "lunasec.toml"
    command: list[str | Path] = [LUNASEC, "app", "add", PAYROLL, "--origin", ORIGINS[PAYROLL]]
    command += ["--config", configuration, "--tokenizer", "http://secure.lunasec.localhost:1"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    with configuration.open("a") as file:
        file.write(GENEROUS)


def headers_of(browser: Browser) -> Mapping[str, str]:
    """Give what one of our frames in this browser sends."""
    cookies = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    return {**SCRIPTED, "lunasec-application": browser.application, "cookie": cookies}


def counted(operator_port: int, name: str, label: str) -> dict[str, float]:
    """Read one of the tokenizer's metrics: its sums by the values of one label."""
    with urlopen(f"http://127.0.0.1:{operator_port}/metrics") as answer:
        text = answer.read().decode()
    sums: dict[str, float] = {}
    for family in families(text):
        for sample in family.samples:
            if sample.name == name:
                sums[sample.labels[label]] = sums.get(sample.labels[label], 0) + sample.value
    return sums
