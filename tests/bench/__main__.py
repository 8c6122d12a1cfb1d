"""`make bench`: measure, print the table, write `bench/results.json`."""

import argparse
import asyncio
import json
import logging
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory

import structlog

from tests.bench import (
    browser_rows,
    file_rows,
    http_rows,
    load,
    machine,
    proxy_rows,
    start_rows,
    store_rows,
)
from tests.bench.plan import DEFAULT, FULL, TOY, Plan
from tests.bench.rows import Row, table

RESULTS = Path(__file__).parents[2] / "bench/results.json"

PARTS: dict[str, Callable[[Plan, Path], list[Row]]] = {
    "http": lambda plan, folder: asyncio.run(http_rows.measured(plan, folder)),
    "files": lambda plan, folder: asyncio.run(file_rows.measured(plan, folder)),
    "store": store_rows.measured,
    "browser": lambda plan, folder: asyncio.run(browser_rows.measured(plan, folder)),
    "proxy": proxy_rows.measured,
    "start": start_rows.measured,
}


def main() -> None:
    """Read what is to be measured, measure it, and tell."""
    asked = _arguments()
    plan = TOY if asked.toy else FULL if asked.full else DEFAULT
    disk, began, rows = machine.on_disk(), time.monotonic(), list[Row]()
    about = machine.described(disk)
    load.require()
    quiet = structlog.make_filtering_bound_logger(logging.ERROR)  # of what runs in this process
    structlog.configure(wrapper_class=quiet)
    for name in asked.parts or PARTS:
        sys.stderr.write(f"measuring {name} …\n")
        with TemporaryDirectory(dir=disk, prefix="lunasec-bench-") as folder:
            measured = PARTS[name](plan, Path(folder))
        sys.stderr.write(f"{table(measured)}\n")
        rows += measured
    about["took"] = f"{time.monotonic() - began:.0f} s"
    sys.stdout.write("\n".join(f"{name}: {said}" for name, said in about.items()))
    sys.stdout.write(f"\n\n{table(rows)}\n")
    if asked.output:
        asked.output.parent.mkdir(parents=True, exist_ok=True)
        results = {"machine": about, "plan": asdict(plan), "rows": [asdict(each) for each in rows]}
        asked.output.write_text(json.dumps(results, indent=2, ensure_ascii=False) + "\n")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("parts", nargs="*", help=f"of {', '.join(PARTS)}; all of them if none")
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--full", action="store_true", help="10,000,000 records: some 8 GB of disk")
    size.add_argument("--toy", action="store_true", help="show that it runs; figures mean nothing")
    parser.add_argument("--output", type=Path, help="where the results go")
    asked = parser.parse_args()
    if unknown := set(asked.parts) - set(PARTS):
        parser.error(f"there is no {', '.join(sorted(unknown))}")
    if asked.output is None and not (asked.parts or asked.toy):
        asked.output = RESULTS  # whole runs only: a part would drop what the others measured
    return asked


if __name__ == "__main__":
    main()
