"""`lunasec serve` as a process whose log is read line by line."""

import hashlib
import json
import signal
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.deployments import LUNASEC

STOP_SECONDS = 10.0  # on two cores beside a browser

Json = dict[str, object]


def edit(folder: Path, old: str, new: str) -> None:
    """Replace a text of the configuration, which has to be there."""
    config = folder / "lunasec.toml"
    assert old in config.read_text()
    config.write_text(config.read_text().replace(old, new))


def add_line(folder: Path, line: str) -> None:
    """Add a line to the table `[tokenizer]`."""
    edit(folder, "[tokenizer]\n", f"[tokenizer]\n{line}\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A running `lunasec serve`, and the lines it has logged up to "listening"."""

    process: subprocess.Popen[str]
    lines: list[Json]

    def stop(self, number: signal.Signals = signal.SIGTERM) -> list[Json]:
        """Send a signal, and give what was logged until the end."""
        self.process.send_signal(number)
        assert self.process.stderr is not None
        rest = [json.loads(line) for line in self.process.stderr]
        self.process.wait(STOP_SECONDS)
        return rest


@contextmanager
def running_server(folder: Path, *arguments: str) -> Generator[Server]:
    """Run `lunasec serve` in a folder until the block ends; enter it once it listens."""
    command: list[str | Path] = [LUNASEC, "serve", *arguments]
    with subprocess.Popen(
        command,
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as started:
        try:
            assert started.stderr is not None
            lines: list[Json] = []
            for line in started.stderr:
                lines.append(json.loads(line))
                if lines[-1]["event"] == "listening":
                    break
            yield Server(process=started, lines=lines)
        finally:
            started.kill()


def state(folder: Path) -> dict[str, str]:
    """Give a hash of every file below the folder."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }
