"""The machine: what it is, how long its disk takes, and which core a process may use."""

import os
import platform
import sqlite3
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.bench.rows import middle

SERVER_CORE, LOAD_CORE = 0, -1
"""Of the cores that we may use: what is measured has the first alone, what asks it the last."""


@contextmanager
def pinned(core: int) -> Generator[None]:
    """Have this thread, and the processes that it starts, run on one core until the block ends."""
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {sorted(allowed)[core]})
    try:
        yield
    finally:
        os.sched_setaffinity(0, allowed)


def cpu_seconds(pid: int) -> float:
    """Give the time that all threads of a process have had of a processor (proc(5))."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_mb(pid: int, kind: str = "VmRSS") -> float:
    """Give what a process holds, in MB (10⁶ bytes)."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{kind}:"):
            return int(line.split()[1]) * 1024 / 1e6
    return 0.0


def browser_mb() -> float:
    """Give what all Chromium processes below this one hold, shared pages counted once (PSS)."""
    total = 0
    found = [os.getpid()]
    for pid in found:
        with suppress(OSError):
            for task in Path(f"/proc/{pid}/task").iterdir():
                found += map(int, (task / "children").read_text().split())
            if "chromium" in Path(f"/proc/{pid}/exe").readlink().name:
                rollup = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
                total += next(int(line.split()[1]) for line in rollup if line.startswith("Pss:"))
    return total * 1024 / 1e6


def fsync_seconds(folder: Path, times: int = 100) -> list[float]:
    """Append a page and wait until it is on the disk, as a commit does."""
    taken: list[float] = []
    with tempfile.TemporaryFile(dir=folder) as file:
        for _ in range(times):
            file.write(bytes(4096))
            file.flush()
            began = time.perf_counter()
            os.fdatasync(file.fileno())
            taken.append(time.perf_counter() - began)
    return taken


def file_system(folder: Path) -> str:
    """Name the file system below `folder`."""
    found = ("", "unknown")
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        mount, kind = line.split()[4], line.partition(" - ")[2].split()[0]
        if folder.resolve().is_relative_to(mount) and len(mount) > len(found[0]):
            found = (mount, kind)
    return found[1]


def on_disk() -> Path:
    """Choose a folder for temporary files that is on a disk, where an `fsync` means something."""
    for each in (Path(tempfile.gettempdir()), Path("/var/tmp"), Path.cwd()):  # noqa: S108 - a choice
        if file_system(each) not in {"tmpfs", "ramfs"}:
            return each
    message = "every folder for temporary files is in memory; set TMPDIR to one on a disk"
    raise RuntimeError(message)


def described(folder: Path) -> dict[str, str]:
    """Describe the machine, its load at this moment included: on a busy one figures mean less."""
    info = Path("/proc/cpuinfo").read_text()
    model = next((x.partition(": ")[2] for x in info.splitlines() if "model name" in x), "unknown")
    return {
        "processor": f"{model}, {len(os.sched_getaffinity(0))} cores",
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "sqlite": sqlite3.sqlite_version,
        "kernel": platform.release().partition("-")[0],
        "file system": file_system(folder),
        "fsync": f"{middle(fsync_seconds(folder)) * 1e6:.0f} µs at the median",
        "load average at the start": f"{os.getloadavg()[0]:.1f}",
    }
