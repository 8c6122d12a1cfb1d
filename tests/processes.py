"""Programs of ours as real processes: started on free loopback ports, stopped by their own id."""

import os
import re
import signal
import socket
import ssl
import subprocess
import time
from collections.abc import Awaitable, Generator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path

START_SECONDS = 30.0  # on two cores beside a browser; the target of `lunasec serve` is 1.5
STOP_SECONDS = 10.0
STATUS_SERVER_ERROR = 500


def free_ports(count: int) -> list[int]:
    """Return `count` different loopback TCP ports that nobody listens on now."""
    with ExitStack() as stack:
        held = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in held:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in held]


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A process of ours, and the file that takes what it prints to stdout and stderr."""

    process: subprocess.Popen[bytes]
    log: Path

    @property
    def pid(self) -> int:
        """Return the process's id."""
        return self.process.pid

    async def growth(self, work: Awaitable[None]) -> int:
        """Do some work; say by how many bytes its memory was larger at its largest than before."""
        before = self._kept("VmRSS")
        # Forgets the largest size so far: proc(5), `clear_refs`.
        Path(f"/proc/{self.pid}/clear_refs").write_text("5")  # noqa: ASYNC240 - no disk is asked
        await work
        return self._kept("VmHWM") - before

    def _kept(self, name: str) -> int:
        status = Path(f"/proc/{self.pid}/status").read_text()
        found = re.search(rf"{name}:\s+(\d+) kB", status)
        assert found is not None
        return int(found[1]) * 1024

    def output(self) -> str:
        """Return all that it has printed so far."""
        return self.log.read_text(errors="replace")

    def family(self) -> list[int]:
        """Return the ids of the process and of all its living descendants."""
        found = [self.pid]
        for pid in found:
            with suppress(FileNotFoundError, ProcessLookupError):
                for task in Path(f"/proc/{pid}/task").iterdir():
                    found += map(int, (task / "children").read_text().split())
        return found

    def wait_for(self, ready: Mapping[int, str], *, https: bool = False) -> None:
        """Return once every port answers to its path.

        Raises `RuntimeError` with what it printed when it ends early or takes too long.
        """
        deadline = time.monotonic() + START_SECONDS
        waiting = dict(ready)
        while waiting:
            asked = waiting.items()
            waiting = {port: path for port, path in asked if not answers(port, path, https=https)}
            if self.process.poll() is not None:
                message = f"ended with {self.process.returncode}: {self.output()}"
                raise RuntimeError(message)
            if waiting and time.monotonic() > deadline:
                message = f"no answer on {sorted(waiting)}: {self.output()}"
                raise RuntimeError(message)
            time.sleep(0.05 if waiting else 0)

    def stop(self) -> int:
        """Ask it to end as Ctrl-C does and return its exit code.

        Raises `RuntimeError` when it, or a process that it started, lives on; that is then killed.
        """
        family = self.family()
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(STOP_SECONDS)
        if left := [pid for pid in family if lives(pid)]:
            _kill(left)
            message = f"{left} of {family} did not end: {self.output()}"
            raise RuntimeError(message)
        return self.process.returncode

    def kill(self) -> None:
        """End it and its descendants at once (`SIGKILL`), as a crash does."""
        _kill(self.family())
        self.process.wait(STOP_SECONDS)


def _kill(pids: list[int]) -> None:
    """End these processes, and return when they are gone."""
    deadline = time.monotonic() + STOP_SECONDS
    while left := [pid for pid in pids if lives(pid)]:
        for pid in left:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if time.monotonic() > deadline:
            message = f"{left} can't be killed"
            raise RuntimeError(message)
        time.sleep(0.01)


def lives(pid: int) -> bool:
    """Tell whether a process is still there; one that ended and was not waited for is not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def status_of(port: int, path: str, *, https: bool = False) -> int:
    """Return the status with which a loopback port answers `GET path`; 0 for no answer.

    With `https`, any certificate will do: it is only about whether somebody answers.
    """
    if https:
        trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        trusting.check_hostname = False
        trusting.verify_mode = ssl.CERT_NONE
        connection: HTTPConnection = HTTPSConnection("127.0.0.1", port, timeout=2, context=trusting)
    else:
        connection = HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except (OSError, HTTPException):
        return 0
    finally:
        connection.close()


def wait_for_status(port: int, path: str, status: int) -> None:
    """Wait until a loopback port answers `GET path` so; some listen before they know how."""
    deadline = time.monotonic() + START_SECONDS
    while status_of(port, path) != status:
        assert time.monotonic() < deadline, f"port {port} does not answer {path} with {status}"
        time.sleep(0.05)


def answers(port: int, path: str, *, https: bool = False) -> bool:
    """Tell whether a server on that loopback port answers `GET path` without a server error."""
    return 0 < status_of(port, path, https=https) < STATUS_SERVER_ERROR


@contextmanager
def running(
    command: Sequence[str | Path],
    *,
    folder: Path,
    ready: Mapping[int, str],
    environment: Mapping[str, str] | None = None,
    https: bool = False,
) -> Generator[Running]:
    """Run `command` in `folder` until the block ends; enter it when every port of `ready` answers.

    `ready` maps a loopback port to the path that is asked for. `environment` is added to ours.
    Raises `RuntimeError` with what the process printed when it ends early or takes too long.
    """
    log = folder / f"{Path(command[0]).name}-{time.monotonic_ns()}.log"
    with log.open("wb") as sink:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=subprocess.STDOUT,
        )
    started = Running(process=process, log=log)
    try:
        started.wait_for(ready, https=https)
        yield started
        started.stop()
    finally:
        if process.poll() is None:
            started.kill()


def memory_holds(pid: int, needle: bytes) -> bool:
    """Tell whether the process's writable memory holds `needle` anywhere; needs root or its owner.

    Look for a needle that is surely there as well, so that a search that sees nothing is noticed.
    """
    with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
        for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
            span, rights = line.split()[:2]
            if "rw" not in rights or line.endswith(("[vvar]", "[vsyscall]")):
                continue
            first, last = (int(end, 16) for end in span.split("-"))
            with suppress(OSError, ValueError):
                memory.seek(first)
                if needle in memory.read(last - first):
                    return True
    return False
