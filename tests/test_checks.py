"""What `make check` runs, as tests: `make test` is red where it is."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LISTED = re.search(r"^CHECKS := (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
CHECKS = LISTED[1].split() if LISTED else []


@pytest.mark.timeout(600)  # seconds; a type checker shares two cores with whatever else runs
@pytest.mark.parametrize("name", CHECKS)
def test_check(name: str) -> None:
    """Each linter, type checker and contract finds nothing."""
    done = subprocess.run(
        ["make", "--no-print-directory", f"check-{name}"],  # noqa: S607 - the machine's own make
        cwd=ROOT,
        check=False,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    assert done.returncode == 0, done.stdout


def test_checks_are_listed() -> None:
    """No check is lost when the Makefile's list is written in another way."""
    assert {"ruff", "mypy", "pyright", "imports", "tsc"} <= set(CHECKS)
