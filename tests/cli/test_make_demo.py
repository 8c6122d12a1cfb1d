"""`make demo`: what its variables mean, and that Ctrl-C ends all of it."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.processes import Running, answers, free_ports, lives

ROOT = Path(__file__).parents[2]
SECONDS = 30.0

# The environment that these tests run in has all that the demo needs, and is not set up anew.
SET_UP = f"--assume-old={sys.prefix}/.tree-demo"
MAKE = ["make", "--no-print-directory", f"--directory={ROOT}", f"VENV={sys.prefix}", SET_UP, "demo"]
PORTS = ["--port", "1", "--tokenizer-port", "2", "--operator-port", "3"]


@pytest.mark.parametrize(
    ("variables", "options"),
    [
        ([], []),
        (["HTTPS=0", "CROSS_SITE=0"], []),
        (["HTTPS=1"], ["--https"]),
        (["CROSS_SITE=1"], ["--cross-site"]),
        (
            ["CROSS_SITE=1", "HTTPS=1", "PORT=1", "TOKENIZER_PORT=2", "OPERATOR_PORT=3"],
            ["--https", "--cross-site", *PORTS],
        ),
        (["DEMO_ARGS=--data elsewhere"], ["--data", "elsewhere"]),
    ],
)
def test_variables_are_options(variables: list[str], options: list[str]) -> None:
    """Each variable that `make help` names is an option of the command, and no other is given."""
    said = subprocess.check_output([*MAKE, "--dry-run", *variables], text=True)
    words = said.replace("\\\n", " ").split()
    assert words == ["exec", f"{sys.prefix}/bin/lunasec", "demo", *options]


def test_interrupt_ends_all_of_it(tmp_path: Path) -> None:
    """Ctrl-C in a terminal goes to make and to what it runs: both servers end, and say so."""
    application, tokenizer, operator = free_ports(3)
    ports = [f"PORT={application}", f"TOKENIZER_PORT={tokenizer}", f"OPERATOR_PORT={operator}"]
    log = tmp_path / "make.log"
    with log.open("wb") as sink:
        process = subprocess.Popen(
            [*MAKE, *ports, f"DEMO_ARGS=--data {tmp_path}/data"],
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    made = Running(process=process, log=log)
    try:
        made.wait_for({application: "/", tokenizer: "/lunasec.js"})
        family = made.family()
        os.killpg(process.pid, signal.SIGINT)
        process.wait(SECONDS)
        assert not [pid for pid in family if lives(pid)]
    finally:
        made.kill()
    assert len(family) == 3
    said = made.output()
    assert f"http://app.lunasec.localhost:{application}" in said
    assert "Both are stopped." in said
    assert "Traceback" not in said
    assert not answers(application, "/")
