"""The docs are true: what they name exists, what is generated is up to date."""

import ast
import importlib
import json
import re
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from lunasec.tokenizer.http.explanations import Explanations
from scripts.explanations import catalog
from scripts.spec import NOT_YET, documents, proofs

ROOT = Path(__file__).parents[1]
DOCS = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
CLAIM = re.compile(r"^\| (T\d+b?) \|.*\| ([^|]*) \|$", re.MULTILINE)
CLAIMS = dict(CLAIM.findall((ROOT / "docs/threat-model.md").read_text()))

# What is not built yet: other key services, public listeners with TLS.
NOT_BUILT = {"T6", "T8", "T23"}


def _blocks(language: str) -> list[tuple[str, str]]:
    """Return (where, text) for each fenced block of that language in the docs."""
    fence = re.compile(rf"^```{language}\n(.*?)^```", re.DOTALL | re.MULTILINE)
    return [
        (f"{file.relative_to(ROOT)}:{text[: found.start()].count(chr(10)) + 1}", found[1])
        for file in DOCS
        for text in [file.read_text()]
        for found in fence.finditer(text)
    ]


@pytest.mark.parametrize("claim", [name for name in CLAIMS if name not in NOT_BUILT])
def test_claim_is_proved(claim: str) -> None:
    """Each claim about what is built has a test that bears its number."""
    assert proofs().get(claim, []) != []


def test_claims_are_all_there() -> None:
    """The table has every claim once, and no test is for a claim that nobody makes."""
    expected = {f"T{number}" for number in range(1, 29)} | {"T2b"}
    assert set(CLAIMS) == expected
    assert set(proofs()) <= expected
    assert all(cell == NOT_YET or "::" in cell for cell in CLAIMS.values())


@pytest.mark.parametrize(
    ("file", "content"),
    [pytest.param(file, text, id=file.name) for file, text in documents()],
)
def test_generated_files_are_up_to_date(file: Path, content: str) -> None:
    """`make spec` would change nothing."""
    up_to_date = file.exists() and file.read_text() == content
    assert up_to_date, "run `make spec`"


def test_links_lead_somewhere() -> None:
    """Each relative link and picture in the docs names a file of the tree."""
    missing = [
        f"{file.relative_to(ROOT)}: {target}"
        for file in DOCS
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", file.read_text())
        if "://" not in target and not (file.parent / target).exists()
    ]
    assert missing == []


def test_commands_exist() -> None:
    """Each `make` target that the docs name is in the Makefile."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    checks = re.findall(r"^CHECKS := (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    targets |= {f"check-{name}" for name in checks[0].split()}
    named = {
        target
        for file in DOCS
        for target in re.findall(r"(?:`|^)make ([a-z-]+)", file.read_text(), re.MULTILINE)
    }
    assert named - targets == set()


@pytest.mark.parametrize(("language", "read"), [("json", json.loads), ("toml", tomllib.loads)])
def test_data_in_the_docs_can_be_read(language: str, read: Callable[[str], object]) -> None:
    """Each block of JSON or TOML parses."""
    for where, text in _blocks(language):
        try:
            read(text)
        except ValueError as error:
            pytest.fail(f"{where}: {error}")


def test_code_in_the_docs_uses_what_exists() -> None:
    """Each block of Python parses, and each name that it imports from lunasec is there."""
    for where, text in _blocks("python"):
        for node in ast.walk(ast.parse(text, filename=where)):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("lunasec"):
                module = importlib.import_module(node.module or "")
                missing = [name.name for name in node.names if not hasattr(module, name.name)]
                assert missing == [], where


def test_codes_of_the_elements_are_explained() -> None:
    """What `secure-error` gives as `docs` leads to the part of the page about that code."""
    explained = Explanations(ROOT / "web").codes
    assert len(explained) == len(set(explained))
    made = set[str]()
    for file in [*ROOT.glob("web/elements/*.js"), *ROOT.glob("web/frame/*.js")]:
        literal = r'(?:Problem\(|Refusal\(|code: )"([a-z_]+)"|"((?:plugin|cookies|file)_[a-z_]+)"'
        made |= {one or other for one, other in re.findall(literal, file.read_text())}
    assert made >= {"edited", "plugin_not_found", "cookies_blocked"}
    made |= {each.code for each in catalog()}
    made.remove("download_blocked")  # said in the frame alone: it would tell the size
    assert sorted(made - set(explained)) == []
    readme = (ROOT / "web/README.md").read_text()
    assert [each for each in re.findall(r'<a id="([^"]*)">', readme) if each not in explained] == []
