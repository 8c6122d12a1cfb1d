"""`make guards`: plant each fault in a copy of the tree, see its tests fail, print the table."""

import argparse
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from tests.guards.faults import Fault, faults
from tests.guards.trials import Outcome, Trial, tried, without_faults

AT_ONCE: Final = 2


def main() -> None:
    """Read which claims are asked for, try each of their faults, and tell."""
    asked = _arguments()
    rows = [
        (claim, fault)
        for claim, listed in faults().items()
        for fault in listed
        if claim in (asked.claims or faults()) and asked.fault in fault.fault
    ]
    with ThreadPoolExecutor(asked.jobs) as pool:
        control = pool.submit(without_faults, sorted({each for _, row in rows for each in row.red}))
        trials: list[Trial] = []
        ended = pool.map(tried, [fault for _, fault in rows])
        for (claim, fault), trial in zip(rows, ended, strict=True):
            trials.append(trial)
            _tell(claim, fault, trial)
        wrong = control.result()
    red = [each for each in trials if each.outcome is Outcome.RED]
    for each in wrong:
        sys.stdout.write(f"without any fault: {each}\n")
    sys.stdout.write(f"{len(red)} of {len(trials)} faults were noticed\n")
    sys.exit(0 if len(red) == len(trials) and not wrong else 1)


def _tell(claim: str, fault: Fault, trial: Trial) -> None:
    line = f"{claim:<4} {trial.outcome:<6} {trial.seconds:>4.0f} s  {fault.fault}\n"
    sys.stdout.write(line + (f"            {trial.why[:160]}\n" if trial.why else ""))
    sys.stdout.flush()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.guards", description=__doc__)
    parser.add_argument("claims", nargs="*", help="such as T10; all of them if none")
    parser.add_argument("--fault", default="", help="those alone whose description has this text")
    parser.add_argument("--jobs", type=int, default=AT_ONCE, help="how many at once")
    asked = parser.parse_args()
    if unknown := set(asked.claims) - set(faults()):
        parser.error(f"there is no {', '.join(sorted(unknown))}")
    return asked


if __name__ == "__main__":
    main()
