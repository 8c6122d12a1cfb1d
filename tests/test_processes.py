"""What the tests start does start, and nothing of it is left behind."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.deployments import running_demo, running_tokenizer
from tests.processes import answers, free_ports, lives, memory_holds, running

# Starts a process that does not stop with it, and serves until it is interrupted itself.
CHILD = """
import http.server, subprocess, sys
child = subprocess.Popen(["sleep", "60"], start_new_session=True)
address = ("127.0.0.1", int(sys.argv[1]))
http.server.HTTPServer(address, http.server.SimpleHTTPRequestHandler).serve_forever()
"""
HOLDER = """
import os, time
text = os.urandom(16).hex()
print(text, flush=True)
time.sleep(60)
"""


def test_tokenizer_keeps_its_data(tmp_path: Path) -> None:
    """A tokenizer that is started again in the same folder takes up the same keys and data."""
    with running_tokenizer(tmp_path) as first:
        assert answers(first.operator_port, "/ready")
    keys = (tmp_path / "data/keys.json").read_bytes()
    with running_tokenizer(tmp_path) as second:
        assert answers(second.operator_port, "/ready")
    assert (tmp_path / "data/keys.json").read_bytes() == keys
    assert not answers(second.port, "/lunasec.js")


def test_crash_leaves_nothing_running(tmp_path: Path) -> None:
    """A killed demo takes its tokenizer with it, and the folder can be used again."""
    with running_demo(tmp_path, cross_site=False) as demo:
        family = demo.process.family()
        assert demo.tokenizer_pid in family
        demo.process.kill()
        assert not answers(demo.tokenizer_port, "/lunasec.js")
    with running_demo(tmp_path, cross_site=False) as again:
        assert answers(again.application_port, "/")


def test_failed_start_says_why(tmp_path: Path) -> None:
    """A program that ends instead of answering fails with what it printed."""
    [port] = free_ports(1)
    command = [sys.executable, "-c", "raise SystemExit('no such key file')"]
    with (
        pytest.raises(RuntimeError, match="no such key file"),
        running(command, folder=tmp_path, ready={port: "/"}),
    ):
        pass


def test_what_is_left_is_found_and_killed(tmp_path: Path) -> None:
    """A child that outlives its parent fails the test and is ended."""
    [port] = free_ports(1)
    command = [sys.executable, "-c", CHILD, str(port)]
    left: list[int] = []
    with (
        pytest.raises(RuntimeError, match="did not end"),
        running(command, folder=tmp_path, ready={port: "/"}) as started,
    ):
        left += started.family()
    assert len(left) == 2
    assert not any(lives(pid) for pid in left)


def test_memory_can_be_searched() -> None:
    """A search of a process's memory finds what is there, and nothing that is not."""
    with subprocess.Popen([sys.executable, "-c", HOLDER], stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        held = other.stdout.readline().strip()
        assert memory_holds(other.pid, held)
        assert not memory_holds(other.pid, os.urandom(16).hex().encode())
        other.kill()
