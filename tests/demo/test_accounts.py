"""The demo's database and its passwords."""

from pathlib import Path

import pytest

from lunasec.demo import passwords
from lunasec.demo.accounts import Accounts, UsernameTakenError


def test_accounts_outlive_the_process(tmp_path: Path) -> None:
    """What was stored is there when the file is opened again."""
    path = tmp_path / "demo.db"
    first = Accounts.open(path)
    made = first.add(username="ada", password_hash="hash", ssn=None)
    first.keep_ssn(made.id, "token")
    first.close()
    found = Accounts.open(path).find(made.id)
    assert found is not None
    assert (found.username, found.ssn) == ("ada", "token")


def test_names_are_compared_without_case(tmp_path: Path) -> None:
    """Ada is ada, for logging in as for signing up."""
    accounts = Accounts.open(tmp_path / "demo.db")
    made = accounts.add(username="ada", password_hash="hash", ssn=None)
    assert accounts.named("ADA") == made
    with pytest.raises(UsernameTakenError):
        accounts.add(username="Ada", password_hash="hash", ssn=None)
    assert accounts.count() == 1


def test_the_newest_come_first(tmp_path: Path) -> None:
    """The administrator's page begins with who signed up last, and has a limit."""
    accounts = Accounts.open(tmp_path / "demo.db")
    for name in ("ada", "bob", "eve"):
        accounts.add(username=name, password_hash="hash", ssn=None)
    assert [each.username for each in accounts.newest(2)] == ["eve", "bob"]


def test_nothing_secret_is_shown(tmp_path: Path) -> None:
    """An account in a log has neither its password's hash nor its token."""
    accounts = Accounts.open(tmp_path / "demo.db")
    shown = repr(accounts.add(username="ada", password_hash="the hash", ssn="the token"))
    assert "the hash" not in shown
    assert "the token" not in shown


def test_a_password_matches_its_own_hash_alone() -> None:
    """The right password matches, another does not, and two hashes of one are different."""
    stored = passwords.hashed("correct horse")
    assert passwords.matches("correct horse", stored)
    assert not passwords.matches("correct horse ", stored)
    assert passwords.hashed("correct horse") != stored


@pytest.mark.parametrize("password", ["", "A", "password"])
def test_nobody_has_no_password(password: str) -> None:
    """The hash that stands in for unknown users matches nothing."""
    assert not passwords.matches(password, passwords.NOBODY)
