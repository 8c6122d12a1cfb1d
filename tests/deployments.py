"""The demo, as `make demo` starts it, in the two ways that it can be deployed."""

import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.processes import Running, free_ports, running

SAME_SITE, CROSS_SITE = "same-site", "cross-site"

# Marks for a test that takes `demo` and `browser`; without one it runs same-site, cookies allowed.
on_both_sites = pytest.mark.parametrize("demo", [SAME_SITE, CROSS_SITE], indirect=True)
everywhere = pytest.mark.parametrize(
    ("demo", "browser"),
    [(site, cookies) for site in (SAME_SITE, CROSS_SITE) for cookies in ("allowed", "blocked")],
    indirect=True,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    """A running demo: its two origins, their loopback ports, its data and its process.

    Python does not resolve `*.localhost`: a client in a test connects to 127.0.0.1 and sends the
    origin's host in `Host`.
    """

    application: str
    tokenizer: str
    application_port: int
    tokenizer_port: int
    cross_site: bool
    folder: Path
    process: Running


@contextmanager
def running_demo(folder: Path, *, cross_site: bool) -> Generator[Demo]:
    """Start a demo with new data in `folder` on free ports; stop it when the block ends."""
    application, tokenizer = free_ports(2)
    site = "localhost" if cross_site else "lunasec.localhost"
    command: list[str | Path] = [Path(sys.executable).parent / "lunasec", "demo"]
    command += ["--port", str(application), "--tokenizer-port", str(tokenizer)]
    command += ["--directory", folder / "data"]
    command += ["--cross-site"] if cross_site else []
    ready = {application: "/", tokenizer: "/lunasec.js"}
    with running(command, folder=folder, ready=ready) as process:
        yield Demo(
            application=f"http://app.{site}:{application}",
            tokenizer=f"http://secure.{site}:{tokenizer}",
            application_port=application,
            tokenizer_port=tokenizer,
            cross_site=cross_site,
            folder=folder / "data",
            process=process,
        )
