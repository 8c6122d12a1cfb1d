"""The pure modules of the browser's code, in Node; and what all of it weighs."""

import gzip
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent
WEB = HERE.parents[1] / "web"
BUDGET_BYTES = 14_000


@pytest.mark.parametrize("suite", sorted(HERE.glob("*.test.mjs")), ids=lambda each: each.name)
def test_pure_modules(suite: Path) -> None:
    """Envelope, validators, messages and styles keep their promises, on the shared vectors too."""
    done = subprocess.run(
        ["node", "--test", suite],  # noqa: S607 - the machine's own Node
        check=False,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("folder", ["elements", "frame"])
def test_weight(folder: str) -> None:
    """Each half is at most 14 kB over the wire, comments included."""
    files = [each for each in (WEB / folder).iterdir() if each.suffix in {".js", ".css"}]
    sizes = {each.name: len(gzip.compress(each.read_bytes(), 9)) for each in files}
    assert sum(sizes.values()) <= BUDGET_BYTES, sizes
