"""Load: Debian's generator on a core of its own, sending requests written beforehand."""

import shutil
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec

from tests.bench.machine import LOAD_CORE, cpu_seconds, pinned

GENERATOR: Final = "w" + "rk"  # put together, as no speller knows it
SCRIPT = Path(__file__).with_name("load.lua")
REST: Final = 0.5
"""Seconds in which the server is through with what the generator asked for last."""

INSTALL = Path(__file__).parents[2] / "scripts/install-packages"


class Load(msgspec.Struct, frozen=True, kw_only=True):
    """What a server did under load; latencies are in microseconds."""

    requests: int
    seconds: float
    failed: int
    p50: float
    p99: float
    cpu: float = 0.0
    """Seconds of processor time that the server took."""

    @property
    def rate(self) -> float:
        """Give the answers in a second."""
        return self.requests / self.seconds

    @property
    def cost(self) -> float:
        """Give the server's processor time for a request, in microseconds."""
        return self.cpu / self.requests * 1e6


def require() -> None:
    """Install the generator where it is missing."""
    if shutil.which(GENERATOR) is None:
        subprocess.run([INSTALL, GENERATOR], check=True)


def written(path: str, host: str, headers: Mapping[str, str], body: bytes) -> bytes:
    """Write a POST as it goes over the wire."""
    lines = [f"POST {path} HTTP/1.1", f"host: {host}", "content-type: application/json"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    lines += [f"content-length: {len(body)}", "", ""]
    return "\r\n".join(lines).encode() + body


def keep(requests: Sequence[bytes], file: Path) -> Path:
    """Keep written requests where the generator reads them, each behind its length."""
    file.write_bytes(b"".join(b"%d\n%s" % (len(each), each) for each in requests))
    return file


def load(pid: int, port: int, requests: Path, *, connections: int, seconds: float) -> Load:
    """Send requests, one after the other on each connection, for so long.

    Raises `RuntimeError` when one was not answered, or refused: a refusal is quick.
    """
    command: list[str | Path] = [
        GENERATOR,
        "-t1",
        f"-c{connections}",
        f"-d{max(1, round(seconds))}s",
        "--timeout",
        "10s",
    ]
    command += ["-s", SCRIPT, f"http://127.0.0.1:{port}", "--", requests]
    before = cpu_seconds(pid)
    with pinned(LOAD_CORE):
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
    time.sleep(REST)
    told = msgspec.json.decode(done.stdout.splitlines()[-1], type=Load)
    if told.failed or not told.requests:
        message = f"{told.failed} of {told.requests} requests failed: {done.stdout.decode()}"
        raise RuntimeError(message)
    return msgspec.structs.replace(told, cpu=cpu_seconds(pid) - before)
