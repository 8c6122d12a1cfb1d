"""The real command: in this process, as one of its own, or on a terminal."""

import os
import pty
import select
import subprocess
import sys
from collections.abc import Sequence
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import BytesIO, TextIOWrapper
from pathlib import Path
from time import monotonic

import pytest
import structlog

from lunasec.cli import main
from tests.deployments import LUNASEC

SECONDS = 60.0  # on two cores beside a browser; each command takes half of one


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a command ended."""

    code: int
    out: str
    err: str = ""

    @property
    def refusal(self) -> str:
        """The one line that a refusal is; anything else fails the test."""
        assert self.code == 2, (self.code, self.out, self.err)
        assert self.err.startswith("lunasec: "), self.err
        assert self.err.count("\n") == 1, self.err
        return self.err.removeprefix("lunasec: ").rstrip("\n")


def lunasec(*arguments: str | Path, cwd: Path, typed: str = "") -> Outcome:
    """Run the command to its end in this process, with `typed` as standard input and no terminal.

    It is what the installed script calls, without the half second that a process takes.
    """
    command = ["lunasec", *map(str, arguments)]
    out, err = (TextIOWrapper(BytesIO(), encoding="utf-8") for _ in range(2))
    given = TextIOWrapper(BytesIO(typed.encode()), encoding="utf-8")
    with (
        chdir(cwd),
        redirect_stdout(out),
        redirect_stderr(err),
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr(sys, "argv", command)
        patch.setattr(sys, "stdin", given)
        try:
            main()
            code = 0
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
        finally:
            structlog.reset_defaults()  # What `serve` set up writes to streams that end here.
        return Outcome(code=code, out=_written(out), err=_written(err))


def _written(stream: TextIOWrapper) -> str:
    stream.seek(0)
    return stream.read()


def process(*arguments: str | Path, cwd: Path, typed: str = "") -> Outcome:
    """Run the installed command to its end, as a process."""
    done = subprocess.run(
        [LUNASEC, *arguments],
        cwd=cwd,
        input=typed,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    return Outcome(code=done.returncode, out=done.stdout, err=done.stderr)


def on_a_terminal(
    command: Sequence[object], *, cwd: Path, answers: Sequence[tuple[str, str]]
) -> Outcome:
    """Run a command on a terminal of its own, and type each answer when its prompt is there.

    `out` is all that a person would see.
    """
    ours, theirs = pty.openpty()
    running = subprocess.Popen(
        [*map(str, command)],
        cwd=cwd,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    seen = ""
    try:
        for prompt, answer in answers:
            seen += _until(ours, prompt)
            os.write(ours, f"{answer}\n".encode())
        seen += _until(ours, None)
    finally:
        os.close(ours)  # A program that still waits for an answer gets its end instead.
    return Outcome(code=running.wait(SECONDS), out=seen)


def _until(terminal: int, prompt: str | None) -> str:
    """Read until the prompt has been printed, or the program has ended."""
    seen, deadline = "", monotonic() + SECONDS
    while prompt is None or prompt not in seen:
        readable, _, _ = select.select([terminal], [], [], deadline - monotonic())
        assert readable, f"waited for {prompt!r}, saw {seen!r}"
        try:
            data = os.read(terminal, 4096)
        except OSError:  # Linux says so when the last program has left the terminal.
            data = b""
        if not data:
            assert prompt is None, f"ended before {prompt!r}: {seen!r}"
            break
        seen += data.decode()
    return seen
