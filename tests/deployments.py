"""The tokenizer alone, and the demo in the two ways that it can be deployed, as processes."""

import subprocess
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import pytest

from tests.processes import Running, free_ports, running

LUNASEC = Path(sys.executable).parent / "lunasec"
PAYROLL = MappingProxyType({"payroll": "http://app.lunasec.localhost:1"})
SAME_SITE, CROSS_SITE = "same-site", "cross-site"

# Marks for a test that takes `demo` and `browser`; without one it runs same-site, cookies allowed.
on_both_sites = pytest.mark.parametrize("demo", [SAME_SITE, CROSS_SITE], indirect=True)
without_cookies = pytest.mark.parametrize(
    ("demo", "browser"),
    [(site, "denied") for site in (SAME_SITE, CROSS_SITE)],
    indirect=True,
)
everywhere = pytest.mark.parametrize(
    ("demo", "browser"),
    [(site, cookies) for site in (SAME_SITE, CROSS_SITE) for cookies in ("allowed", "blocked")],
    indirect=True,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    """A running demo: its two origins, their loopback ports, its data and its processes.

    Python does not resolve `*.localhost`: a client in a test connects to 127.0.0.1 and sends the
    origin's host in `Host`.
    """

    application: str
    tokenizer: str
    application_port: int
    tokenizer_port: int
    operator_port: int
    cross_site: bool
    folder: Path
    """What both keep: `application.db`, `tokenizer.log`, `tokenizer/lunasec.db`, and keys."""

    process: Running
    """The application; the tokenizer is its child."""

    @property
    def tokenizer_pid(self) -> int:
        """Return the id of the tokenizer's process."""
        return self.process.family()[1]


@contextmanager
def running_demo(folder: Path, *, cross_site: bool = False, https: bool = False) -> Generator[Demo]:
    """Start a demo in `folder` on free ports; stop it when the block ends.

    A folder that was used before is used again, with its data. With `https` the demo makes a
    certificate for itself, which `visitor(browser, https=True)` accepts.
    """
    application, tokenizer, operator = free_ports(3)
    site = "localhost" if cross_site else "lunasec.localhost"
    command: list[str | Path] = [LUNASEC, "demo"]
    command += ["--port", str(application), "--tokenizer-port", str(tokenizer)]
    command += ["--operator-port", str(operator), "--data", folder / "data"]
    command += ["--cross-site"] if cross_site else []
    command += ["--https"] if https else []
    scheme = "https" if https else "http"
    ready = {application: "/", tokenizer: "/lunasec.js"}
    with running(command, folder=folder, ready=ready, https=https) as process:
        yield Demo(
            application=f"{scheme}://app.{site}:{application}",
            tokenizer=f"{scheme}://secure.{site}:{tokenizer}",
            application_port=application,
            tokenizer_port=tokenizer,
            operator_port=operator,
            cross_site=cross_site,
            folder=folder / "data",
            process=process,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokenizer:
    """A running `lunasec serve`; `folder` has `lunasec.toml`, `<application>.key` and `data/`."""

    origin: str
    port: int
    operator_port: int
    folder: Path
    process: Running


@contextmanager
def running_tokenizer(
    folder: Path, *, applications: Mapping[str, str] = PAYROLL
) -> Generator[Tokenizer]:
    """Start `lunasec serve` with these applications (name to origin), on free ports.

    A folder that was used before is used again: its keys, applications and data are kept.
    """
    port, operator = free_ports(2)
    origin = f"http://secure.lunasec.localhost:{port}"
    configuration = folder / "lunasec.toml"
    for name, application in applications.items():
        if not (folder / f"{name}.key").exists():
            added: list[str | Path] = [LUNASEC, "app", "add", name, "--origin", application]
            added += ["--config", configuration, "--tokenizer", origin]
            subprocess.run(added, check=True, stdout=subprocess.DEVNULL)
    environment = {
        "LUNASEC_ORIGIN": origin,
        "LUNASEC_LISTEN": f"127.0.0.1:{port}",
        "LUNASEC_OPERATOR_LISTEN": f"127.0.0.1:{operator}",
        "LUNASEC_DATA": "data",
    }
    command: list[str | Path] = [LUNASEC, "serve", "--config", configuration]
    ready = {port: "/lunasec.js", operator: "/ready"}
    with running(command, folder=folder, ready=ready, environment=environment) as process:
        yield Tokenizer(
            origin=origin, port=port, operator_port=operator, folder=folder, process=process
        )
