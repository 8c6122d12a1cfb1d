"""T24 against a real process: the slow, the many and the loud hold up nobody else."""

import asyncio
import resource
import subprocess
import sys
import time
from collections.abc import AsyncGenerator, Generator
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
from statistics import median
from typing import Final

import msgspec
import pytest_asyncio

from tests.bench.machine import cpu_seconds
from tests.http.parties import CLINIC, Browser
from tests.http.remote import Remote, remote
from tests.http.slow import slow_clients
from tests.http.sockets import connected, request

SLOW: Final = 500
BUDGETS: Final = "values_per_minute = 1000000\ngrants_per_minute = 1000000"


@pytest_asyncio.fixture
async def parties(tmp_path: Path) -> AsyncGenerator[Remote]:
    """Start a tokenizer."""
    async with remote(tmp_path, clinic=BUDGETS) as made:
        yield made


def _reading(parties: Remote, browser: Browser, tokens: list[str]) -> bytes:
    headers = {
        "Host": parties.origin.removeprefix("http://"),
        "Sec-Fetch-Site": "same-origin",
        "LunaSec-Application": browser.application,
        "Content-Type": "application/json",
        "Cookie": f"__Host-lunasec-{browser.application}={browser.cookie}",
    }
    body = msgspec.json.encode({"session": browser.session, "tokens": tokens})
    return request("/detokenize", headers, body)


async def _granted(parties: Remote, count: int, application: str) -> tuple[Browser, list[str]]:
    browser = await parties.visitor(application)
    tokens = await browser.store(*["x"] * count)
    await parties.grant(browser.session, tokens, application)
    return browser, tokens


async def _seconds(parties: Remote, data: bytes, count: int) -> list[float]:
    """Ask one after another on one connection, and say how long each answer took."""
    times: list[float] = []
    async with connected(parties.server.port) as connection:
        for _ in range(count):
            began = time.perf_counter()
            connection.send(data)
            assert (await connection.answer(20)).status == 200
            times.append(time.perf_counter() - began)
    return times


@contextmanager
def _noise(parties: Remote, data: bytes, connections: int) -> Generator[None]:
    """Let another process ask the same thing on many connections."""
    file = parties.server.folder / "noise"
    file.write_bytes(data)
    command = [sys.executable, "-m", "tests.http.noise", str(parties.server.port)]
    with subprocess.Popen([*command, str(connections), str(file)]) as noise:
        yield
        noise.kill()


async def test_t24_slow_clients_hold_up_nobody(parties: Remote) -> None:
    """Five hundred clients that drip their headers take neither place nor processor from others.

    How long the others wait beside them is a row of `make bench`.
    """
    browser, tokens = await _granted(parties, 1, "payroll")
    server = parties.server
    with slow_clients(server.port, SLOW):
        before, began = cpu_seconds(server.process.pid), time.monotonic()
        await asyncio.sleep(4)
        spent = cpu_seconds(server.process.pid) - before
        assert spent < (time.monotonic() - began) / 10
        await _seconds(parties, _reading(parties, browser, tokens), 200)


async def test_t24_loud_application_starves_no_other(parties: Remote) -> None:
    """While one reads a thousand tokens on each of 32 connections, another's reads are all served.

    What they wait for is measured in `test_turns.py`, without other processes in between.
    """
    quiet, one = await _granted(parties, 1, "payroll")
    loud, thousand = await _granted(parties, 1000, CLINIC)
    with _noise(parties, _reading(parties, loud, thousand), 32):
        await asyncio.sleep(1)
        waited = await _seconds(parties, _reading(parties, quiet, one), 15)
    assert median(waited) < 1, waited


def _open_files(pid: int) -> tuple[int, int]:
    limits = Path(f"/proc/{pid}/limits").read_text()
    [line] = [each for each in limits.splitlines() if each.startswith("Max open files")]
    soft, hard = line.split()[3:5]
    return int(soft), int(hard)


async def test_t24_connections_are_more_than_usual_limits(tmp_path: Path) -> None:
    """Started with the usual limit of open files, the process takes what the system allows."""
    usual = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, usual[1]))
    async with remote(tmp_path) as parties, AsyncExitStack() as many:
        resource.setrlimit(resource.RLIMIT_NOFILE, usual)
        assert _open_files(parties.server.process.pid) == (usual[1], usual[1])
        for _ in range(min(500, usual[0] - 200)):
            await many.enter_async_context(connected(parties.server.port))
        assert await (await parties.visitor()).lives()
