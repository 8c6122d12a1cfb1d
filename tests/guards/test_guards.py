"""The faults of `make guards` are up to date, and a trial tells whether one is noticed."""

from pathlib import Path
from typing import Final

import pytest
from msgspec.structs import replace

from scripts.spec import proofs
from tests.guards.faults import ROOT, Fault, Moved, faults
from tests.guards.trials import Outcome, tried

PROOFS: Final = proofs()
LISTED: Final = [(claim, fault) for claim, listed in faults().items() for fault in listed]

EXAMPLE: Final = Fault(
    fault="A store that is behind its mark passes for the right one",
    file="src/lunasec/tokenizer/core/rollback.py",
    old="if at < marked:",
    new="if at[0] < marked[0]:",
    red=("core/test_rollback.py::test_t26_no_copy_that_lacks_an_answered_change_is_served",),
)


def test_every_claim_has_a_fault() -> None:
    """What a claim's tests would miss if they could not fail is known for each that is proved."""
    assert set(faults()) == set(PROOFS)


@pytest.mark.parametrize(
    ("claim", "fault"), [pytest.param(*row, id=f"{row[0]} {row[1].fault}") for row in LISTED]
)
def test_fault_is_up_to_date(claim: str, fault: Fault) -> None:
    """Each text to replace is there once, and who has to notice it are proofs of the claim."""
    fault.check(ROOT)
    assert all(each.old != each.new for each in (fault, *fault.also))
    named = [each.partition("[")[0] for each in fault.red]
    assert named
    assert [each for each in named if each not in PROOFS[claim]] == []


def test_text_that_moved_is_told(tmp_path: Path) -> None:
    """A text that is gone, or there twice, is no fault that could be planted."""
    (tmp_path / "file").write_text("one two two")
    once = replace(EXAMPLE, file="file", old="one", new="1")
    for moved in (replace(once, old="three"), replace(once, old="two"), replace(once, file="x")):
        with pytest.raises(Moved):
            moved.plant(tmp_path)
    once.plant(tmp_path)
    assert (tmp_path / "file").read_text() == "1 two two"


@pytest.mark.timeout(300)  # seconds; it starts pytest anew, beside whatever else runs
@pytest.mark.parametrize(
    ("new", "outcome"),
    [
        (EXAMPLE.new, Outcome.RED),
        (f"{EXAMPLE.old}  # as it was", Outcome.GREEN),
        ("if at <", Outcome.BROKEN),
    ],
    ids=str,
)
def test_trial_tells_how_it_ended(new: str, outcome: Outcome) -> None:
    """A fault in the copy's sources is noticed there, what is none is not, a broken one is told."""
    before = (ROOT / EXAMPLE.file).read_text()
    assert tried(replace(EXAMPLE, new=new)).outcome is outcome
    assert (ROOT / EXAMPLE.file).read_text() == before
