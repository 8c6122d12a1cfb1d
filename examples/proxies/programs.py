"""The demo's programs: each is started with a log of its own, and stopped by its id."""

import socket
import subprocess
import threading
import time
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from examples.proxies.fronts import BEFORE

ROOT: Final = Path(__file__).parents[2]
START_SECONDS: Final = 60
STOP_SECONDS: Final = 10


@contextmanager
def running(
    data: Path, name: str, command: Sequence[str | Path]
) -> Generator[subprocess.Popen[bytes]]:
    """Run a program until the block ends; Ctrl-C reaches this process alone."""
    own = data / name
    with (data / f"{name}.log").open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 - what this file says
            command,
            cwd=own if own.is_dir() and name in BEFORE else ROOT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(STOP_SECONDS)
        process.kill()
        process.wait()


def answer(
    ports: Iterable[int], started: Sequence[subprocess.Popen[bytes]], stopped: threading.Event
) -> bool:
    """Wait until everything listens, something has ended, or nobody wants it any more."""
    waiting = set(ports)
    deadline = time.monotonic() + START_SECONDS
    while waiting and not stopped.is_set() and time.monotonic() < deadline:
        if any(each.poll() is not None for each in started):
            return False
        waiting = {port for port in waiting if not _listens(port)}
        stopped.wait(0.05 if waiting else 0)
    return not waiting and not stopped.is_set()


def _listens(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False
