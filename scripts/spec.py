"""Writes what is generated (`make spec`); a test compares it with the tree."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import msgspec
from msgspec import Struct

from lunasec.tokenizer.http.routes import CALLS
from scripts import configuration, explanations, openapi

ROOT = Path(__file__).parents[1]
NOT_YET = "*not yet*"


def documents() -> Iterator[tuple[Path, str]]:
    """Yield each generated file with the content that it should have."""
    yield ROOT / "spec/openapi.json", openapi.document()
    yield ROOT / "web/errors.html", explanations.page()
    protocol = ROOT / "docs/protocol.md"
    text = _between(protocol.read_text(), "codes", _codes())
    yield protocol, _between(text, "calls", _calls())
    configured = ROOT / "docs/configuration.md"
    text = _between(configured.read_text(), "settings", f"\n{configuration.settings()}\n")
    text = _between(text, "example", f"\n{configuration.example()}\n")
    text = _between(text, "phrases", f"\n{configuration.phrases()}\n")
    yield configured, _between(text, "overrides", f"\n{configuration.overrides()}\n")
    claims = ROOT / "docs/threat-model.md"
    yield claims, _with_proofs(claims.read_text())


def _between(text: str, name: str, content: str) -> str:
    """Replace what stands between the two comments of that name."""
    pattern = rf"(<!-- begin {name},.*? -->\n).*?(<!-- end {name} -->)"
    return re.sub(pattern, lambda found: found[1] + content + found[2], text, flags=re.DOTALL)


def _codes() -> str:
    """Return the table of error codes, in the order of `errors.py`."""
    rows = ["| code | status | meaning |", "|---|---|---|"]
    for each in explanations.catalog():
        meaning = " ".join((each.__doc__ or "").split())
        rows.append(f"| `{each.code}` | {each.status} | {meaning} |")
    return "\n".join(rows) + "\n"


def _calls() -> str:
    """Return the table of calls: who may ask, what goes in, what comes out."""
    rows = ["| call | who | body | answer |", "|---|---|---|---|"]
    for each in CALLS:
        asks = {"frame": each.frame, "application": each.back_end}
        who = ", ".join(name for name, handler in asks.items() if handler)
        answer = "a segment's bytes" if each.answer is None else _shape(each.answer)
        rows.append(f"| `POST {each.path}` | {who} | {_shape(each.body)} | {answer} |")
    return "\n".join(rows) + "\n"


def _shape(kind: type[Struct]) -> str:
    """Write a struct's fields as JSON has them; a question mark is for what may be left out."""
    fields = (
        f'"{each.encode_name}"' + ("" if each.required else "?")
        for each in msgspec.structs.fields(kind)
    )
    return f"`{{{', '.join(fields)}}}`"


@cache
def proofs() -> dict[str, list[str]]:
    """Return for each claim, such as "T2b", the tests whose names begin with it."""
    found: dict[str, list[str]] = {}
    for file in sorted((ROOT / "tests").rglob("test_*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            if named := re.match(r"test_t(\d+b?)_", node.name):
                test = f"{file.relative_to(ROOT / 'tests')}::{node.name}"
                found.setdefault(f"T{named[1]}", []).append(test)
    return found


def _with_proofs(text: str) -> str:
    """Fill the last cell of each claim's row with the names of its tests."""
    tests = proofs()

    def filled(row: re.Match[str]) -> str:
        cell = "<br>".join(f"`{name}`" for name in tests.get(row["claim"], [])) or NOT_YET
        return f"{row['rest']}| {cell} |"

    row = r"^(?P<rest>\| (?P<claim>T\d+b?) \|[^|\n]*\|[^|\n]*)\|[^|\n]*\|$"
    return re.sub(row, filled, text, flags=re.MULTILINE)


def main() -> None:
    """Write every generated file anew."""
    for file, content in documents():
        file.write_text(content)


if __name__ == "__main__":
    main()
