"""Every command that is named anywhere exists, with those options."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main

from lunasec.cli.commands import app
from tests.cli.invocation import lunasec

WHOLE: Any = typer.main.get_command(app)
ROOT = Path(__file__).parents[2]
PLACES = [
    *ROOT.glob("*.md"),
    *(ROOT / "docs").rglob("*.md"),
    *(ROOT / "src").rglob("*.py"),
    *(ROOT / "src").rglob("*.html"),
]
COMMAND = re.compile(r"(?<![\w./-])lunasec(?= [a-z-])(?P<words>(?: [^`\n#|;)]+)?)")


def _named() -> Iterator[tuple[str, str]]:
    """Yield (where, words) for each command in backquotes, or on a line of a shell block."""
    for file in PLACES:
        text = file.read_text()
        where = str(file.relative_to(ROOT))
        for quoted in re.finditer(r"`([^`\n]*)`", text):
            for found in COMMAND.finditer(quoted[1]):
                yield where, found["words"]
        for block in re.finditer(r"^ *```sh\n(.*?)^ *```", text, re.DOTALL | re.MULTILINE):
            for found in COMMAND.finditer(block[1].replace("bin/lunasec", " lunasec")):
                yield where, found["words"]


NAMED = sorted(set(_named()))


def test_commands_are_found() -> None:
    """The search finds the commands of the guide for operators, and of refusals."""
    words = {words.split()[0] for _, words in NAMED}
    assert {"serve", "check", "demo", "app", "keys", "audit", "backup", "restore"} <= words
    assert any(where.endswith("operations.md") for where, _ in NAMED)
    assert any(where.endswith("kms.py") for where, _ in NAMED)


@pytest.mark.parametrize(("where", "words"), NAMED)
def test_command_exists(where: str, words: str) -> None:
    """Each word is a command or an argument of one, each option is one that it takes."""
    command = WHOLE
    for word in shlex.split(words):
        if word.startswith("--"):
            assert word.partition("=")[0] in _options(command), (where, words)
        elif inner := _commands(command):
            assert word in inner, (where, words)
            command = inner[word]


def _options(command: Any) -> set[str]:  # noqa: ANN401 - Typer keeps the types to itself
    return {name for parameter in command.params for name in parameter.opts}


def _commands(command: Any) -> dict[str, Any]:  # noqa: ANN401 - as above
    found: dict[str, Any] = getattr(command, "commands", {})
    return found


def _words(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:  # noqa: ANN401
    yield path
    for name, each in _commands(command).items():
        yield from _words(each, (*path, name))


@pytest.mark.parametrize("words", list(_words(WHOLE)), ids=" ".join)
def test_help_fits_a_terminal(words: tuple[str, ...], tmp_path: Path) -> None:
    """Each command has a help of plain text, with a summary that is not cut off in the list."""
    done = lunasec(*words, "--help", cwd=tmp_path)
    assert done.code == 0
    repeated = r"\[OPTIONS\] COMMAND \[ARGS\]\.\.\.|[\[{]FILE[\]}]\.\.\."
    assert "..." not in re.sub(repeated, "", done.out)
    assert max(map(len, done.out.splitlines())) <= 100
