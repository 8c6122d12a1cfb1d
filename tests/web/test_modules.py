"""The pure modules of the browser's code, in Node; and what all of it weighs."""

import gzip
import re
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent
WEB = HERE.parents[1] / "web"
BUDGET_BYTES = 14_000
IMPORTED = re.compile(r'\bfrom "(\.[^"]+\.js)"')


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


@pytest.mark.parametrize(
    "entries",
    [
        ["elements/lunasec.js"],
        ["frame/coordinator.js", "frame/input.js", "frame/text.js", "frame/frame.css"],
    ],
    ids=["elements", "frame"],
)
def test_weight(entries: list[str]) -> None:
    """What a page with texts and inputs loads is at most 14 kB a half, comments included.

    What is imported by a call is loaded when it is used, and counts where it is. What both halves
    share comes over the wire once, and counts as the frame's.
    """
    sizes: dict[Path, int] = {}
    waiting = [WEB / each for each in entries]
    while waiting:
        path = waiting.pop().resolve()
        if path not in sizes:
            sizes[path] = len(gzip.compress(path.read_bytes(), 9))
            waiting += [path.parent / each for each in IMPORTED.findall(path.read_text())]
    half = {path.name: size for path, size in sizes.items() if path.parent.name in entries[0]}
    assert len(half) > len(entries)
    assert sum(half.values()) <= BUDGET_BYTES, half
