"""The Python in README.md and docs/ is run: each file from top to bottom, in its own folder."""

import os
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any

from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser, SkipParser

HERE = "the folder to go back to"


def _enter(namespace: dict[str, Any]) -> None:
    """Go to a new folder with `payroll.key`, and define what an application has of its own."""
    from lunasec.cli import applications  # noqa: PLC0415 - tests of one part do without the others

    folder = TemporaryDirectory()
    applications.make(
        "payroll",
        origins=["https://app.example.com"],
        config=Path(folder.name) / "lunasec.toml",
        tokenizer="https://secure.example.com",
    )
    namespace[HERE] = Path.cwd(), folder
    os.chdir(folder.name)

    async def load_user(_request: object) -> SimpleNamespace:
        return SimpleNamespace(name="Ada", ssn_token="lunasec-")  # noqa: S106 - a placeholder

    async def save_ssn(_request: object, _token: str) -> None:
        return None

    namespace.update(load_user=load_user, save_ssn=save_ssn)


def _leave(namespace: dict[str, Any]) -> None:
    """Go back to where the tests run."""
    folder, made = namespace[HERE]
    os.chdir(folder)
    made.cleanup()


pytest_collect_file = Sybil(
    parsers=[PythonCodeBlockParser(), SkipParser()],
    patterns=["README.md", "docs/*.md", "docs/**/*.md"],
    setup=_enter,
    teardown=_leave,
).pytest()
