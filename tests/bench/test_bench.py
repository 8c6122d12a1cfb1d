"""The bench runs; what it measures is for a quiet machine, and no test."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.timeout(600)  # it starts every server and browser that there is to measure
def test_bench_measures_every_row(tmp_path: Path) -> None:
    """At toy size every row is measured, has a figure and a target, and stands in the table."""
    output = tmp_path / "results.json"
    command = [sys.executable, "-m", "tests.bench", "--toy", "--output", str(output)]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    results = json.loads(output.read_text())
    assert results["machine"]["fsync"]
    assert len(results["rows"]) == 38
    for row in results["rows"]:
        assert row["figures"], row
        assert row["target"], row
        assert f"| {row['name']} " in done.stdout
