"""The audit log in files: exported, and verified together with what the database keeps."""

import asyncio
import json
from pathlib import Path

import pytest

from lunasec.tokenizer.core.pruning import PruneAudit
from lunasec.tokenizer.embedded import DataDirectory, open_directory
from tests.cli.stored import Stored, store


@pytest.fixture
def stored(tmp_path: Path) -> Stored:
    """Make a data directory with a few entries in its log."""
    made = store(tmp_path)
    for _ in range(3):
        made.run("erase", "--never-verified", "--yes")
        made.run("erase", "--undo", "--application", "payroll", "--since", "1h")
    return made


def _prune(stored: Stored, entries: int) -> None:
    """Take entries out of the log, as upkeep does when they are old enough."""

    async def prune() -> None:
        directory = DataDirectory(path=stored.folder / "lunasec-data")
        opened = open_directory(directory, now=0)
        head = await opened.store.head()
        directory.audit_anchor.keep(head)
        operation = PruneAudit(before=2**40, anchored=head.sequence, now=0, segment=entries)
        assert await opened.store.transact(operation) == entries
        await opened.store.close()

    asyncio.run(prune())


def test_segments_are_verified_together(stored: Stored) -> None:
    """What was exported and what is left are one chain; a segment that is missing is noticed."""
    assert "7 entries" in stored.run("audit", "export", "1.jsonl").out
    assert (stored.folder / "1.jsonl").stat().st_mode & 0o777 == 0o600
    _prune(stored, 3)
    assert "whole: 8 entries" in stored.run("audit", "verify").out
    shown = stored.run("audit", "show").out
    assert len(shown.splitlines()) == 5
    assert "audit.prune  allowed  by upkeep  through 3" in shown
    stored.run("audit", "export", "2.jsonl")
    _prune(stored, 4)
    assert stored.run("audit", "verify", "1.jsonl", "2.jsonl").code == 0
    assert stored.run("audit", "verify", "2.jsonl").code == 0
    first = (stored.folder / "1.jsonl").read_text().splitlines(keepends=True)
    (stored.folder / "short.jsonl").write_text("".join(first[:2]))
    assert "Entry 3 was" in stored.run("audit", "verify", "short.jsonl").refusal


def test_a_segment_that_was_changed_is_found(stored: Stored) -> None:
    """The first entry that is wrong is named, in a file as in the database."""
    stored.run("audit", "export", "1.jsonl")
    _prune(stored, 3)
    path = stored.folder / "1.jsonl"
    rows = [json.loads(each) for each in path.read_text().splitlines()]
    rows[1]["line"] = rows[1]["line"].replace("payroll", "clinic")
    path.write_text("".join(json.dumps(each) + "\n" for each in rows))
    assert "Entry 2 was changed" in stored.run("audit", "verify", "1.jsonl").refusal
    path.write_text("what is this\n")
    assert "line 1 is none of" in stored.run("audit", "verify", "1.jsonl").refusal
    assert "1.jsonl" in stored.run("audit", "export", "1.jsonl").refusal
    assert "none.jsonl" in stored.run("audit", "verify", "none.jsonl").refusal
