"""Trials: a copy of the tree, with a fault or without, and how the named tests end in it."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from tests.guards.faults import ROOT, Fault, Moved

TRIAL_SECONDS: Final = 900
"""Some tests in a browser take minutes on a busy machine; no trial takes longer than this."""

CONTROL_SECONDS: Final = 3600
"""The same for all tests of all claims, one after the other."""

_CASE: Final = re.compile(
    r"^(PASSED|FAILED|ERROR) tests/(\S+::\w+(?:\[.*?\])?)(?: - (.*))?$", re.MULTILINE
)
"""A line of pytest's summary: how a case ended, its name, and what it said."""


class Outcome(StrEnum):
    """What became of the tests that a trial names."""

    RED = "red"
    """Each has failed, by itself."""
    GREEN = "GREEN"
    """One has passed, at least."""
    BROKEN = "BROKEN"
    """One did not get as far as to pass or fail: what it needs is broken."""
    MOVED = "MOVED"
    """The text to replace is not there exactly once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """How a trial ended; `why` is what the first test says, or what went wrong."""

    outcome: Outcome
    why: str
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    word: str
    name: str
    why: str

    def is_of(self, test: str) -> bool:
        return self.name == test or self.name.startswith(f"{test}[")


def tried(fault: Fault) -> Trial:
    """Plant a fault in a copy of the tree, and run the tests that have to notice it."""
    began = time.monotonic()
    with TemporaryDirectory(prefix="lunasec-guard-") as folder:
        root = Path(folder)
        _copy(root)
        try:
            fault.plant(root)
        except Moved as error:
            outcome, why = Outcome.MOVED, str(error)
        else:
            outcome, why = _judged(*_ended(root, fault.red, TRIAL_SECONDS), fault.red)
    return Trial(outcome=outcome, why=why, seconds=time.monotonic() - began)


def without_faults(tests: Sequence[str]) -> list[str]:
    """Run tests in a copy without a fault, and list what does not pass: it would prove nothing."""
    with TemporaryDirectory(prefix="lunasec-guard-") as folder:
        root = Path(folder)
        _copy(root)
        cases, output = _ended(root, tests, CONTROL_SECONDS)
    wrong = [f"{each.name}: {each.why}" for each in cases if each.word != "PASSED"]
    wrong += [test for test in tests if not any(each.is_of(test) for each in cases)]
    return [*wrong, output[-2000:]] if wrong else []


def _copy(root: Path) -> None:
    """Copy what is, or would be, in the repository; what was installed is shared."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, root / name)
    (root / "node_modules").symlink_to(ROOT / "node_modules")


def _ended(root: Path, tests: Sequence[str], seconds: float) -> tuple[list[_Case], str]:
    """Run tests against the sources of the copy; give how each case ended, and all that was said.

    `src` of the copy comes before what is installed, here and in every process that a test starts,
    and the tokenizer serves the `web` that is beside it.
    """
    # Without the plug-in of schemathesis, which no proof uses: it has more to load after a failure,
    # and Python 3.11 can't always do so at the depth where that is.
    plugins = ["-p", "no:cacheprovider", "-p", "no:schemathesis"]
    command = [sys.executable, "-m", "pytest", *plugins, "-q", "-rA", "--tb=no"]
    own = {"PYTHONPATH": str(root / "src"), "PYTHONDONTWRITEBYTECODE": "1", "COLUMNS": "400"}
    with (root / "output").open("w+") as output:
        process = subprocess.Popen(
            [*command, *(f"tests/{each}" for each in dict.fromkeys(tests))],
            cwd=root,
            env={**os.environ, **own},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGINT)  # so that what the tests started ends as well
            process.wait()
        output.seek(0)
        said = output.read()
    found = _CASE.findall(said)
    return [_Case(word=word, name=name, why=why) for word, name, why in found], said


def _judged(cases: list[_Case], output: str, tests: Sequence[str]) -> tuple[Outcome, str]:
    for test in tests:
        own = [each for each in cases if each.is_of(test)]
        words = {each.word for each in own}
        if "FAILED" not in words:
            broken = "ERROR" in words or not words
            return (Outcome.BROKEN if broken else Outcome.GREEN), output[-500:] if broken else test
    return Outcome.RED, next(each.why for each in cases if each.word == "FAILED")
