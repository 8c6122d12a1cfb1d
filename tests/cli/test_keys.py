"""The key file: made once, backed up under a passphrase, brought back, never replaced."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.invocation import lunasec, on_a_terminal
from tests.cli.stored import store
from tests.deployments import LUNASEC

PASSPHRASE = "four words that fit"
PROMPTS = [("New passphrase: ", PASSPHRASE), ("The same again: ", PASSPHRASE)]


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """Make a key file in tmp_path/data."""
    assert lunasec("keys", "generate", "--data", "data", cwd=tmp_path).code == 0
    return tmp_path / "data/keys.json"


@pytest.fixture
def backup(made: Path, tmp_path: Path) -> Path:
    """Back it up."""
    file = tmp_path / "keys.backup"
    command = ("keys", "export", "--data", "data", "--output", file, "--passphrase-file", "-")
    assert lunasec(*command, cwd=tmp_path, typed=PASSPHRASE + "\n").code == 0
    assert made.exists()
    return file


def _mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_keys_are_made_for_their_owner_alone(made: Path) -> None:
    """A new key file has mode 0600, in a directory of mode 0700."""
    assert _mode(made) == 0o600
    assert _mode(made.parent) == 0o700


def test_keys_are_never_replaced(made: Path, backup: Path, tmp_path: Path) -> None:
    """Neither `generate` nor `import` touches a key file that is there."""
    before = made.read_bytes()
    again = lunasec("keys", "generate", "--data", "data", cwd=tmp_path)
    assert "never replaced" in again.refusal
    command = ("keys", "import", backup, "--data", "data", "--passphrase-file", "-")
    assert "never replaced" in lunasec(*command, cwd=tmp_path, typed=PASSPHRASE).refusal
    assert made.read_bytes() == before


def test_new_keys_are_refused_beside_a_database(tmp_path: Path) -> None:
    """Keys that would open nothing of what is there are not made."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data/lunasec.db").write_bytes(b"not even a database")
    refusal = lunasec("keys", "generate", "--data", "data", cwd=tmp_path).refusal
    assert "keys import" in refusal
    assert not (tmp_path / "data/keys.json").exists()


def test_backup_brings_the_same_keys_back(made: Path, backup: Path, tmp_path: Path) -> None:
    """A backup, on another machine, makes the same key file again, for its owner alone."""
    assert _mode(backup) == 0o600
    command = ("keys", "import", backup, "--data", "other", "--passphrase-file", "-")
    assert lunasec(*command, cwd=tmp_path, typed=PASSPHRASE).code == 0
    assert (tmp_path / "other/keys.json").read_bytes() == made.read_bytes()
    assert _mode(tmp_path / "other/keys.json") == 0o600


def test_foreign_keys_are_refused(backup: Path, tmp_path: Path) -> None:
    """Keys that open nothing of the database that is there are not put beside it."""
    stored = store(tmp_path)
    (tmp_path / "lunasec-data/keys.json").unlink()
    before = stored.database.read_bytes()
    command = ("keys", "import", backup, "--passphrase-file", "-")
    assert "is of other keys" in lunasec(*command, cwd=tmp_path, typed=PASSPHRASE).refusal
    assert not (tmp_path / "lunasec-data/keys.json").exists()
    assert stored.database.read_bytes() == before


def test_backup_holds_no_bare_key(made: Path, backup: Path) -> None:
    """No key stands in the backup, or in what its making prints."""
    bare = json.loads(made.read_text())["keys"]["root"]
    assert len(bare) == 43
    assert bare not in backup.read_text()


def test_backup_to_standard_output_is_the_backup_alone(made: Path, tmp_path: Path) -> None:
    """What is redirected into a file is the backup; what is said besides goes elsewhere."""
    command = ("keys", "export", "--data", made.parent, "--passphrase-file", "-")
    done = lunasec(*command, cwd=tmp_path, typed=PASSPHRASE)
    lines = done.out.splitlines()
    assert lines[0] == "-----BEGIN LUNASEC KEY BACKUP-----"
    assert lines[-1] == "-----END LUNASEC KEY BACKUP-----"
    assert "tried out" in done.err


def _same(text: str) -> str:
    return text


def _renamed(text: str) -> str:
    return text.replace("LUNASEC", "LUNASAC")


def _cut_off(text: str) -> str:
    return text[:-60]


def _overwritten(text: str) -> str:
    return re.sub(r"(?m)^[A-Za-z0-9+/]{64}$", "A" * 64, text)


@pytest.mark.parametrize(
    ("passphrase", "damage", "said"),
    [
        ("another passphrase", _same, "does not open"),
        (PASSPHRASE, _renamed, "has to be whole"),
        (PASSPHRASE, _cut_off, "has to be whole"),
        (PASSPHRASE, _overwritten, "version"),
    ],
    ids=["wrong passphrase", "another kind", "cut off", "other bytes"],
)
def test_backup_that_does_not_open_makes_nothing(
    backup: Path, tmp_path: Path, passphrase: str, damage: Callable[[str], str], said: str
) -> None:
    """A wrong passphrase or a damaged backup is said in one line, and nothing is written."""
    backup.write_text(damage(backup.read_text()))
    command = ("keys", "import", backup, "--data", "other", "--passphrase-file", "-")
    assert said in lunasec(*command, cwd=tmp_path, typed=passphrase).refusal
    assert not (tmp_path / "other").exists()


def test_existing_file_is_not_overwritten_by_a_backup(made: Path, tmp_path: Path) -> None:
    """`--output` makes a new file or none."""
    (tmp_path / "old.backup").write_text("the only one that opens")
    command = ("keys", "export", "--data", made.parent, "--output", "old.backup")
    assert "exists already" in lunasec(*command, cwd=tmp_path, typed=PASSPHRASE).refusal
    assert (tmp_path / "old.backup").read_text() == "the only one that opens"


def test_passphrase_is_asked_twice_and_never_shown(made: Path, tmp_path: Path) -> None:
    """On a terminal the passphrase is typed blind, twice; a slip is asked for once more."""
    command = [LUNASEC, "keys", "export", "--data", made.parent, "--output", "k.backup"]
    answers = [
        ("New passphrase: ", "short"),
        ("New passphrase: ", PASSPHRASE),
        ("The same again: ", "four words that fat"),
        *PROMPTS,
    ]
    done = on_a_terminal(command, cwd=tmp_path, answers=answers)
    assert done.code == 0, done.out
    assert "needs 12 or more" in done.out
    assert "are not the same" in done.out
    assert "four words" not in done.out
    back = [LUNASEC, "keys", "import", "k.backup", "--data", "other"]
    done = on_a_terminal(back, cwd=tmp_path, answers=[("Passphrase: ", PASSPHRASE)])
    assert done.code == 0, done.out
    assert PASSPHRASE not in done.out
    assert (tmp_path / "other/keys.json").read_bytes() == made.read_bytes()


def test_without_a_terminal_nobody_waits(made: Path, tmp_path: Path) -> None:
    """A script that gives no passphrase hears how to, at once, and nothing is written."""
    command = ("keys", "export", "--data", made.parent, "--output", "k.backup")
    assert "--passphrase-file -" in lunasec(*command, cwd=tmp_path).refusal
    assert not (tmp_path / "k.backup").exists()


def test_short_passphrase_is_refused(made: Path, tmp_path: Path) -> None:
    """A backup that could be guessed open is not written."""
    command = ("keys", "export", "--data", made.parent, "--passphrase-file", "-")
    done = lunasec(*command, cwd=tmp_path, typed="secret")
    assert "has 6 bytes and needs 12" in done.refusal
    assert done.out == ""


def test_passphrase_comes_from_a_file(made: Path, tmp_path: Path) -> None:
    """A file's first line is the passphrase; one that others can read is pointed out."""
    (tmp_path / "passphrase").write_text(f"{PASSPHRASE}\nnot this\n")
    (tmp_path / "passphrase").chmod(0o644)
    command = ("keys", "export", "--data", made.parent, "--output", "k.backup")
    done = lunasec(*command, "--passphrase-file", "passphrase", cwd=tmp_path)
    assert done.code == 0
    assert "chmod 600" in done.err
    back = ("keys", "import", "k.backup", "--data", "other", "--passphrase-file", "-")
    assert lunasec(*back, cwd=tmp_path, typed=PASSPHRASE).code == 0


@pytest.mark.parametrize(("option", "kind"), [((), "wrap"), (("--lookup",), "lookup")])
def test_rotation_needs_no_new_backup(
    made: Path, tmp_path: Path, option: tuple[str, ...], kind: str
) -> None:
    """A rotation counts one number up, keeps root and the rest, and says that backups stay good."""
    before = json.loads(made.read_text())["keys"]
    done = lunasec("keys", "rotate", *option, "--data", "data", cwd=tmp_path)
    after = json.loads(made.read_text())["keys"]
    assert after[kind]["number"] == before[kind]["number"] + 1
    assert {**after, kind: before[kind]} == before
    assert "backups that you have stay good" in done.out
    assert "export" not in done.out


@pytest.mark.parametrize("word", ["export", "rotate"])
def test_data_directory_has_to_be_named(tmp_path: Path, word: str) -> None:
    """Without a configuration and without --data, the line says how to name it."""
    assert "Name the data directory with --data" in lunasec("keys", word, cwd=tmp_path).refusal


@pytest.mark.parametrize("word", ["export", "rotate"])
def test_missing_keys_are_said(tmp_path: Path, word: str) -> None:
    """Where there is no key file, the line names it and what brings it back; nothing is made."""
    refusal = lunasec("keys", word, "--data", "nowhere", cwd=tmp_path).refusal
    assert "nowhere/keys.json does not exist" in refusal
    assert "keys import" in refusal
    assert list(tmp_path.iterdir()) == []


def test_open_key_file_is_refused(made: Path, tmp_path: Path) -> None:
    """A key file that other users can read is not used, and the cure is named."""
    made.chmod(0o640)
    refusal = lunasec("keys", "export", "--data", "data", cwd=tmp_path).refusal
    assert "chmod 600" in refusal


def test_no_option_takes_a_passphrase(tmp_path: Path) -> None:
    """What stands on a command line can be read by every user of the machine."""
    for word in ("export", "import"):
        shown = lunasec("keys", word, "--help", cwd=tmp_path).out
        assert set(re.findall(r"--pass\S*", shown)) == {"--passphrase-file"}
