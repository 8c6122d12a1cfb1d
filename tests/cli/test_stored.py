"""What is stored: backed up, restored, erased and given back; and the audit log of it all."""

import json
import os
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from lunasec.cli import times
from lunasec.tokenizer import wiring
from tests.cli.stored import OLD, TAKEN, YOUNG, Stored, store
from tests.deployments import LUNASEC


@pytest.fixture
def stored(tmp_path: Path) -> Stored:
    """Make a data directory with three tokens."""
    return store(tmp_path)


def _append(stored: Stored, statement: str) -> None:
    with closing(sqlite3.connect(stored.database)) as connection:
        connection.execute(statement)
        connection.commit()


def test_backup_is_restored(stored: Stored) -> None:
    """A backup is one private file, and takes the place of a database that was lost."""
    done = stored.run("backup", "b.db")
    assert done.code == 0, done.err
    assert " keys export " in done.out
    assert (stored.folder / "b.db").stat().st_mode & 0o777 == 0o600
    stored.database.unlink()
    assert "is missing" in stored.run("serve").refusal
    done = stored.run("restore", "b.db")
    assert done.code == 0, done.err
    assert "grants and sessions are void" in done.out
    assert stored.run("audit", "verify").code == 0
    assert stored.run("check", "--offline").code == 0


def test_replaced_database_is_kept(stored: Stored) -> None:
    """A restore destroys nothing: what was there is named, and is still there."""
    stored.run("backup", "b.db")
    said = stored.run("restore", "b.db").out
    assert "lunasec.db.before-restore-1" in said
    assert (stored.folder / "lunasec-data/lunasec.db.before-restore-1").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("backup", "there.db"), "a file at there.db already"),
        (("backup", "."), "is a directory"),
        (("backup", "x.db", "--data", "nowhere"), "there is no database at"),
        (("restore", "none.db"), "there is no such backup"),
        (("restore", "there.db"), "is not an SQLite database"),
        (("audit", "verify", "--data", "nowhere"), "there is no database at"),
        (("audit", "show", "--data", "nowhere"), "there is no database at"),
        (("audit", "show", "--since", "yesterday"), '--since: got "yesterday"'),
        (("erase",), "say one of --never-verified, --subject and --undo"),
        (("erase", "--never-verified", "--undo"), "say one of --never-verified"),
        (("erase", "--subject", "ada", "--undo"), "say one of --never-verified"),
        (("erase", "--subject", "ada"), "--subject wants --application"),
        (("erase", "--subject", "ada", "--application", "hr"), "only payroll"),
        (("erase", "--never-verified", "--older-than", "10m"), "wants an hour or more"),
        (("erase", "--never-verified", "--older-than", "a day"), "for example 90m, 12h or 7d"),
        (("erase", "--undo"), "--undo wants --application and --since"),
        (("erase", "--undo", "--application", "hr", "--since", "1h"), "only payroll"),
    ],
)
def test_refusal_changes_nothing(stored: Stored, arguments: tuple[str, ...], said: str) -> None:
    """What can't be done is one line with the way out, and the database is as it was."""
    (stored.folder / "there.db").write_text("a file of somebody's own, longer than a header" * 9)
    before = stored.database.read_bytes()
    assert said in stored.run(*arguments).refusal
    assert stored.database.read_bytes() == before
    assert not (stored.folder / "nowhere").exists()


def test_what_nobody_took_is_erased_and_given_back(stored: Stored) -> None:
    """Only old tokens that no application verified are erased, and `--undo` brings them back."""
    done = stored.run("erase", "--never-verified", "--yes")
    assert done.code == 0, done.err
    assert "1 token older than 1d never verified" in done.out
    assert stored.erased() == {OLD}
    [command] = [line for line in done.out.splitlines() if "--undo" in line]
    since = command.partition("--since ")[2].partition("`")[0]
    back = stored.run("erase", "--undo", "--application", "payroll", "--since", since)
    assert "1 token of payroll" in back.out
    assert stored.erased() == set()


def test_a_person_is_erased_and_given_back(stored: Stored) -> None:
    """All that a user stored, once the number was told and a yes was typed."""
    _append(stored, "UPDATE records SET subject = 'ada' WHERE rowid > 1")
    whose = ("erase", "--subject", "ada", "--application", "payroll")
    assert "2 tokens of that user" in stored.run(*whose, typed="n\n").out
    assert stored.erased() == set()
    done = stored.run(*whose, "--yes")
    assert "2 tokens were erased" in done.out, done.err
    assert stored.erased() == {YOUNG, TAKEN}
    assert "0 tokens of that user" in stored.run(*whose).out
    since = done.out.partition("--since ")[2].partition("`")[0]
    stored.run("erase", "--undo", "--application", "payroll", "--since", since)
    assert stored.erased() == set()


def test_nothing_is_erased_without_a_yes(stored: Stored) -> None:
    """The number is told first, and whose values it may be; only a yes erases."""
    for typed in ("n\n", "\n", ""):
        done = stored.run("erase", "--never-verified", typed=typed)
        assert "does not call `grants.verify`" in done.out
        assert stored.erased() == set()
    assert stored.run("erase", "--never-verified", typed="y\n").code == 0
    assert stored.erased() == {OLD}


def test_undo_reaches_back_as_far_as_it_is_told(stored: Stored) -> None:
    """What was erased before `--since` stays erased."""
    stored.run("erase", "--never-verified", "--yes")
    later = times.written(wiring.system_clock() + 60)
    back = stored.run("erase", "--undo", "--application", "payroll", "--since", later)
    assert "0 tokens" in back.out
    assert stored.erased() == {OLD}


def test_audit_log_is_verified(stored: Stored) -> None:
    """A whole log is told to be whole; a changed line, or a cut-off end, is named."""
    assert "The audit log is whole: 1 entry" in stored.run("audit", "verify").out
    _append(stored, "UPDATE audit SET line = replace(line, 'frame', 'nobody')")
    assert "Entry 1 was changed" in stored.run("audit", "verify").refusal
    _append(stored, "DELETE FROM audit")
    assert "ends with entry 0; it had 1" in stored.run("audit", "verify").refusal


def test_audit_log_is_shown(stored: Stored) -> None:
    """Each entry is a line for a person, or as it is kept; filters leave the others out."""
    stored.run("erase", "--never-verified", "--yes")
    lines = stored.run("audit", "show").out.splitlines()
    assert len(lines) == 2
    assert "payroll  token.store  allowed  by frame" in lines[0]
    assert "3 records" in lines[0]
    assert "payroll  token.erase  allowed  by operator  1 record" in lines[1]
    kept = stored.run("audit", "show", "--json", "--action", "token.erase").out
    assert json.loads(kept)["records"] == [OLD.hex()]
    assert stored.run("audit", "show", "--last", "1").out.splitlines() == lines[1:]
    assert stored.run("audit", "show", "--record", YOUNG.hex()).out.splitlines() == lines[:1]
    assert stored.run("audit", "show", "--session", "s" * 43).out.splitlines() == lines[:1]
    for nothing in (
        ("--application", "hr"),
        ("--outcome", "refused"),
        ("--since", times.written(wiring.system_clock() + 60)),
    ):
        assert stored.run("audit", "show", *nothing).out == ""


def test_reader_that_leaves_is_no_crash(stored: Stored) -> None:
    """`lunasec audit show | head` ends quietly."""
    done = subprocess.run(
        ["/bin/sh", "-c", '"$0" audit show --json | true', LUNASEC],
        cwd=stored.folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stderr


def test_root_leaves_nothing_that_the_server_cannot_read(stored: Stored) -> None:
    """What root makes in the data directory of another user becomes that user's."""
    if os.geteuid() != 0:
        return  # Whoever is not root makes files of his own.
    data = stored.folder / "lunasec-data"
    for path in (data, *data.iterdir()):
        os.chown(path, 4711, 4711)
    stored.run("backup", "b.db")
    assert stored.run("restore", "b.db").code == 0
    assert stored.run("keys", "rotate").code == 0
    assert stored.run("erase", "--never-verified", "--yes").code == 0
    assert {path.stat().st_uid for path in data.iterdir()} == {4711}


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("90m", 5400), ("12h", 43200), ("7d", 604800)]
)
def test_durations_are_read(text: str, seconds: int) -> None:
    """A number and a letter is a time; so is a moment, in UTC unless it says otherwise."""
    assert times.duration("--since", text) == seconds
    assert times.moment("--since", text, 1_000_000) == 1_000_000 - seconds
    assert times.moment("--since", "2026-11-23T08:00", 0) == 1_795_420_800
    assert times.moment("--since", "2026-11-23T08:00:00Z", 0) == 1_795_420_800
    assert times.moment("--since", "2026-11-23T09:00+01:00", 0) == 1_795_420_800
    assert times.written(1_795_420_800) == "2026-11-23T08:00:00Z"
