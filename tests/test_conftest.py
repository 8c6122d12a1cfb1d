"""What pytest is told for the whole tree holds."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# Each case is a file of its own; what it should end as is beside it.
CASES = {
    "skip": ("def test_it(): pytest.skip('no browser')", "FAILED"),
    "skipping_mark": ("@pytest.mark.skipif(True, reason='x')\ndef test_it(): pass", "ERROR"),
    "skipped_module": ("pytest.importorskip('no_such_module')", "ERROR"),
    "warning": ("import warnings\ndef test_it(): warnings.warn('old')", "FAILED"),
    "coroutine": ("import asyncio\nasync def test_it(): asyncio.sleep(0)", "FAILED"),
    "unknown_mark": ("@pytest.mark.slow\ndef test_it(): pass", "ERROR"),
    "mended": ("@pytest.mark.xfail(reason='known')\ndef test_it(): pass", "FAILED"),
    "known_failure": ("@pytest.mark.xfail(reason='x')\ndef test_it(): raise OSError", "XFAIL"),
    "good": ("def test_it(): pass", "PASSED"),
}


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Run pytest on the cases with the tree's configuration; return how each ended."""
    folder = tmp_path_factory.mktemp("cases")
    for name, (text, _) in CASES.items():
        (folder / f"test_{name}.py").write_text(f"import pytest\n{text}\n")
    (folder / "test_soak.py").write_text("import pytest\n@pytest.mark.soak\ndef test_it(): 1 / 0\n")
    command: list[str | Path] = [sys.executable, "-m", "pytest", "-p", "tests.conftest", "-rA"]
    command += ["-c", ROOT / "pyproject.toml", "--rootdir", folder, "-p", "no:cacheprovider"]
    command += ["--continue-on-collection-errors", folder]
    done = subprocess.run(command, cwd=ROOT, check=False, text=True, stdout=subprocess.PIPE)
    ended = re.findall(r"^([A-Z]+) \S*?test_(\w+)\.py", done.stdout, re.MULTILINE)
    return {name: outcome for outcome, name in ended}


@pytest.mark.parametrize("name", CASES)
def test_nothing_is_hidden(outcomes: dict[str, str], name: str) -> None:
    """Skips, warnings and lost coroutines fail; an expected failure is one until it is mended."""
    assert outcomes[name] == CASES[name][1]


def test_soaks_are_for_later(outcomes: dict[str, str]) -> None:
    """A test that is marked `soak` does not run unless it is asked for."""
    assert "soak" not in outcomes
