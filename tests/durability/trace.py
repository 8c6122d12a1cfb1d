"""What a process did to files, as strace saw it: writes, syncs and names, in their order."""

import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
CALLS: Final = (
    "openat,pwrite64,write,sendfile,ftruncate,fsync,fdatasync,rename,renameat,renameat2,"
    "unlink,unlinkat,link,linkat"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """Bytes were written; without an offset, at the end."""

    path: Path
    data: bytes
    offset: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """As many of another file's bytes were written at the end; from where, their number says."""

    path: Path
    source: Path
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Resized:
    """A file got another size."""

    path: Path
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Synced:
    """What was written to a file, or the names in a folder, reached the disk."""

    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A name came to stand for a file that is new, or that had another name, or has one more."""

    path: Path
    before: Path | None
    kept: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """A name went away."""

    path: Path


Step = Written | Copied | Resized | Synced | Named | Removed


def strace() -> str:
    """Find strace, or install it as a browser would be."""
    if shutil.which("strace") is None:
        subprocess.run([ROOT / "scripts" / "install-packages", "strace"], check=True)
    found = shutil.which("strace")
    if found is None:
        raise FileNotFoundError("strace")
    return found


def traced(command: Sequence[str | Path], folder: Path, trace: Path) -> list[Step]:
    """Run a command, and return what it did below a folder."""
    prefix = [strace(), "-f", "--seccomp-bpf", "-y", "-xx", "-s", "1000000"]
    subprocess.run(
        [*prefix, "-e", f"trace={CALLS}", "-o", trace, *command], cwd=ROOT, check=True, timeout=100
    )
    with trace.open() as lines:
        return [each for each in _steps(_whole(lines)) if each.path.is_relative_to(folder)]


def faulty(
    command: Sequence[str | Path], injection: str, *paths: Path
) -> subprocess.CompletedProcess[bytes]:
    """Run a command, and have some of its calls fail, or end it, as strace's `inject` says."""
    only = [word for path in paths for word in ("-P", str(path))]
    prefix = [strace(), "-f", "-qqq", "-o", "/dev/null", *only, "-e", f"inject={injection}"]
    return subprocess.run(
        [*prefix, *command], cwd=ROOT, check=False, capture_output=True, timeout=100
    )


_CALL: Final = re.compile(r"^\d+ +(\w+)\((.*)\) += (-?\d+)(?:<.*>)?")
_UNFINISHED: Final = re.compile(r"^(\d+) +(.*) <unfinished \.\.\.>$")
_RESUMED: Final = re.compile(r"^(\d+) +<\.\.\. \w+ resumed>(.*)$")
_TEXT: Final = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')
_DESCRIPTOR: Final = re.compile(r"(?:AT_FDCWD|\b\d+)<((?:\\x[0-9a-f]{2})*)>")


def _whole(lines: Iterator[str]) -> Iterator[str]:
    """Put calls together that were interrupted by other threads; they count when they end."""
    begun: dict[str, str] = {}
    for line in lines:
        if unfinished := _UNFINISHED.match(line.rstrip()):
            begun[unfinished[1]] = f"{unfinished[1]} {unfinished[2]}"
        elif resumed := _RESUMED.match(line.rstrip()):
            yield begun.pop(resumed[1]) + resumed[2]
        else:
            yield line.rstrip()


def _steps(lines: Iterator[str]) -> Iterator[Step]:
    for line in lines:
        call = _CALL.match(line)
        if call is not None and int(call[3]) >= 0:
            step = _step(call[1], call[2], int(call[3]))
            if step is not None:
                yield step


def _step(name: str, arguments: str, result: int) -> Step | None:  # noqa: PLR0911 - one branch a call
    files = [Path(_bytes(each).decode()) for each in _DESCRIPTOR.findall(arguments)]
    texts = [_bytes(each) for each in _TEXT.findall(arguments)]
    last = arguments.rpartition(", ")[2]
    match name:
        case "pwrite64":
            return Written(path=files[0], data=texts[0], offset=int(last))
        case "write":
            return Written(path=files[0], data=texts[0], offset=None) if files else None
        case "sendfile":
            return Copied(path=files[0], source=files[1], count=result)
        case "ftruncate":
            return Resized(path=files[0], size=int(last))
        case "fsync" | "fdatasync":
            return Synced(path=files[0])
        case "openat" if "O_CREAT" in arguments:
            return Named(path=files[0] / texts[0].decode(), before=None)
        case "rename" | "renameat" | "renameat2" | "link" | "linkat":
            old, new = [Path(each.decode()) for each in texts]
            return Named(path=new, before=old, kept="link" in name)
        case "unlink" | "unlinkat":
            return Removed(path=Path("/", *files[:1]) / texts[0].decode())
        case _:
            return None


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text.replace("\\x", ""))
