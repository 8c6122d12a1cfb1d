"""Every promise of the threat model, one by one: it is made once, and held by tests that run."""

import ast
from pathlib import Path

import pytest

from scripts.spec import NOT_YET, proofs
from tests.test_docs import CLAIMS, NOT_BUILT

TESTS = Path(__file__).parent
PROMISED = [name for name in CLAIMS if name not in NOT_BUILT]


def _marks(name: str) -> set[str]:
    """Return the names of the decorators of a test, such as `soak`."""
    file, _, function = name.partition("::")
    for node in ast.walk(ast.parse((TESTS / file).read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == function:
            decorators = [
                each.func if isinstance(each, ast.Call) else each for each in node.decorator_list
            ]
            return {each.attr for each in decorators if isinstance(each, ast.Attribute)}
    raise LookupError(name)


@pytest.mark.parametrize("claim", PROMISED)
def test_promise_is_held_in_every_run(claim: str) -> None:
    """A test of this claim runs in `make test`: not for hours, not on some day, not skipped."""
    held = [each for each in proofs()[claim] if not _marks(each) & {"soak", "skip", "xfail"}]
    assert held != []


@pytest.mark.parametrize("claim", PROMISED)
def test_promise_names_what_holds_it(claim: str) -> None:
    """The threat model names each test of the claim, in the claim's own row."""
    assert [each for each in proofs()[claim] if f"`{each}`" not in CLAIMS[claim]] == []


@pytest.mark.parametrize("claim", sorted(NOT_BUILT))
def test_what_is_not_built_is_not_promised(claim: str) -> None:
    """A claim about what is not there yet says so."""
    assert CLAIMS[claim] == NOT_YET
