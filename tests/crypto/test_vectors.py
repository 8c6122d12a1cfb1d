"""The files of vectors are what their makers make."""

import pytest

from spec.make_vectors import MAKERS, VECTORS, text_of


@pytest.mark.parametrize("name", MAKERS)
def test_vectors_can_be_made_again(name: str) -> None:
    """Making a file of vectors again gives the same text, so nothing in it was typed by hand."""
    assert (VECTORS / f"{name}.json").read_text(encoding="ascii") == text_of(name)


def test_every_file_has_a_maker() -> None:
    """No file of vectors lies around that nothing makes."""
    assert {path.stem for path in VECTORS.glob("*.json")} >= set(MAKERS)
