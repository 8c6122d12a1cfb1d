"""What may not be anywhere in the repository."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LINES_A_FILE = 250
FOREIGN = ("LICENSE", "spec/vectors/", "tests/crypto/vectors/")

# Put together here, so that this file does not find itself.
ADDRESSES = "|".join(
    ("py" + "pi.org", "python" + "hosted", "registry.npm" + "js", "deb.deb" + "ian")
)
PATHS = "|".join(
    ("/wo" + "rk/", "/ro" + "ot/", "/ho" + "me/[a-z]", "/Us" + "ers/", "/opt/py" + "env")
)
LEFTOVERS = r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "X" * 3, "HA" + "CK")) + r")\b"
NAMES = {"utils", "helpers", "common", "base", "models", "constants", "managers"}


def _tracked() -> list[Path]:
    """Return every file of the repository that is text."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"],  # noqa: S607 - the machine's own git
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    ).stdout
    files = [ROOT / name for name in listed.split("\0") if name and not name.startswith(FOREIGN)]
    return [file for file in files if file.is_file() and b"\0" not in file.read_bytes()]


FILES = _tracked()
CODE = [file for file in FILES if file.suffix in {".py", ".js"}]


def _lines(pattern: str, files: list[Path]) -> list[str]:
    """Return "file:line: text" for each line in which the pattern occurs."""
    found = re.compile(pattern)
    return [
        f"{file.relative_to(ROOT)}:{number}: {line.strip()[:100]}"
        for file in files
        for number, line in enumerate(file.read_text().splitlines(), start=1)
        if found.search(line)
    ]


@pytest.mark.parametrize(
    "pattern",
    [
        pytest.param(ADDRESSES, id="address of a package index"),
        pytest.param(PATHS, id="path on one machine"),
        pytest.param(LEFTOVERS, id="note to self"),
        pytest.param(r"^(<{7}|>{7}|={7})( |$)", id="merge conflict"),
        pytest.param(r"\bbreak" + r"point\(|\bdebug" + r"ger;", id="stop for a debugger"),
    ],
)
def test_nothing_is_left_over(pattern: str) -> None:
    """No tracked file names a package index, a path of one machine, or unfinished work."""
    assert _lines(pattern, FILES) == []


def test_files_are_short() -> None:
    """A module can be read in one sitting."""
    long = {str(file.relative_to(ROOT)): len(file.read_text().splitlines()) for file in CODE}
    assert {name: lines for name, lines in long.items() if lines > LINES_A_FILE} == {}


def test_modules_are_nouns_of_the_domain() -> None:
    """No module has a name that says nothing about what is in it."""
    assert [file for file in CODE if file.stem in NAMES or file.parent.name in NAMES] == []


def _imports(file: Path) -> set[str]:
    """Return the full names that a Python file imports."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            names |= {each.name for each in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {f"{node.module}.{each.name}" for each in node.names}
    return names


def test_nothing_is_mocked() -> None:
    """Tests use the memory store and real processes."""
    python = [file for file in CODE if file.suffix == ".py"]
    mocked = {file for file in python for name in _imports(file) if "mock" in name.lower()}
    assert mocked == set()


def test_tests_state_a_property() -> None:
    """Every test has a docstring, and its function's name is not all that it says."""
    bare = [
        f"{file.relative_to(ROOT)}::{node.name}"
        for file in CODE
        if file.suffix == ".py" and (ROOT / "tests") in file.parents
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        if node.name.startswith("test_") and not ast.get_docstring(node)
    ]
    assert bare == []


def test_locks_hold_hashes_alone() -> None:
    """Every locked package has a hash, and no lock says where packages come from."""
    for lock in (ROOT / "requirements").glob("*.lock"):
        text = lock.read_text()
        assert len(re.findall(r"^\S+==", text, re.MULTILINE)) <= text.count("--hash=sha256:")
        assert _lines(r"://|--index|--find-links", [lock]) == []
    assert _lines(r'"resolved"', [ROOT / "package-lock.json"]) == []
