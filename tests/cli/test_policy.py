"""`lunasec policy`: cases end as the tokenizer would decide, and each says by which rule."""

import re
from pathlib import Path

import pytest

from tests.cli.invocation import Outcome, lunasec
from tests.http.local import configured
from tests.http.owned import OWNED
from tests.http.proxies import PROVIDER, AuthProxy

RECIPE = (Path(__file__).parents[2] / "docs/recipes/policies.md").read_text()
CASE = """
[[case]]
name = "somebody else"
given.action = "read"
given.user = { sub = "eve" }
given.token = { owner = "ada" }
expect = "deny"
"""


def _blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", RECIPE, re.DOTALL | re.MULTILINE)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Configure an application with the recipe's policies, and put its cases beside them."""
    lines = f'{OWNED}\npolicies = ["payroll.cedar"]\n{PROVIDER}'
    configured(tmp_path, payroll=lines)
    AuthProxy(folder=tmp_path).publish()
    (tmp_path / "payroll.cedar").write_text(_blocks("cedar")[0])
    (tmp_path / "payroll.cases.toml").write_text(_blocks("toml")[1])
    return tmp_path


def _tried(folder: Path, text: str, *options: str, word: str = "test") -> Outcome:
    (folder / "cases.toml").write_text(text)
    return lunasec("policy", word, "cases.toml", *options, cwd=folder)


def test_the_recipes_cases_end_as_it_says(folder: Path) -> None:
    """What the documentation shows is true."""
    done = lunasec("policy", "test", "payroll.cases.toml", cwd=folder)
    assert (done.code, done.out) == (0, "4 of 4 cases as expected.\n"), done


def test_each_case_is_explained(folder: Path) -> None:
    """By a policy, by the rule that is built in, and by one that a confirmation lifts."""
    done = lunasec("policy", "explain", "payroll.cases.toml", cwd=folder)
    assert done.out.splitlines() == [
        'support reads a name: permit, by "support reads names"',
        'nobody else does: deny, by "owner": no policy permits it',
        'one\'s own salary, an hour after the log-in: step_up, by "confirm for all but names"',
        'files are kept: deny, by "legal hold"',
    ]
    one = lunasec("policy", "explain", "payroll.cases.toml", "--case", "files are kept", cwd=folder)
    assert one.out == 'files are kept: deny, by "legal hold"\n'
    own = CASE.replace('"eve"', '"ada"').replace(
        '"ada" }\ne', '"ada", metadata.field = "name" }\ne'
    )
    owner = _tried(folder, own, word="explain")
    assert owner.out == 'somebody else: permit, by "owner", which is built in\n'


def test_frames_that_log_in_with_a_provider_have_policies_too(tmp_path: Path) -> None:
    """The same file, and the same cases end alike."""
    oidc = '[applications.payroll.provider]\nkind = "oidc"\nclient_id = "tokenizer"\n'
    oidc += 'issuer = "https://login.example.com"\n'
    configured(tmp_path, payroll=f'{OWNED}\npolicies = ["payroll.cedar"]\n{oidc}')
    (tmp_path / "payroll.cedar").write_text(_blocks("cedar")[0])
    done = _tried(tmp_path, _blocks("toml")[1])
    assert (done.code, done.out) == (0, "4 of 4 cases as expected.\n")


def test_a_case_that_ends_otherwise_is_named(folder: Path) -> None:
    """The exit code is 1, and the line says what was expected and what came instead."""
    wrong = CASE.replace('expect = "deny"', 'expect = "permit"')
    by_another = CASE + 'rule = "legal hold"\n'
    done = _tried(folder, CASE + wrong + by_another)
    got = 'got deny, by "owner": no policy permits it'
    assert done.code == 1
    assert done.out.splitlines() == [
        f"cases.toml: somebody else: expected permit, {got}",
        f'cases.toml: somebody else: expected deny by "legal hold", {got}',
        "1 of 3 cases as expected.",
    ]


def test_a_policy_that_fails_is_said_to(folder: Path) -> None:
    """It refuses, as at the server."""
    (folder / "payroll.cedar").write_text(
        '@id("over") forbid (principal, action, resource)'
        " when { context.now * 9223372036854775807 > 0 };"
    )
    done = _tried(folder, CASE.replace('"eve"', '"ada"'), word="explain")
    assert "somebody else: deny, since a policy failed\n" in done.out


def test_owners_need_no_policies(folder: Path) -> None:
    """Without a policy file the owner alone decides."""
    config = folder / "lunasec.toml"
    config.write_text(config.read_text().replace('policies = ["payroll.cedar"]\n', ""))
    assert _tried(folder, CASE).code == 0


def test_the_application_itself_asks_without_a_user(folder: Path) -> None:
    """It erases by a policy alone."""
    case = CASE.replace('given.user = { sub = "eve" }\n', "").replace('"read"', '"erase"')
    assert _tried(folder, case).code == 0
    with (folder / "payroll.cedar").open("a") as file:
        file.write('@id("tidy") permit (principal is Application, action, resource);')
    done = _tried(folder, case, word="explain")
    assert done.out == 'somebody else: permit, by "tidy"\n'


REFUSED = {
    "no TOML": ("[[case]", "it is not TOML"),
    "no case": ("", "case"),
    "no list": ("case = 1\n", "wants a [[case]]"),
    "a case that is none": ("case = [1]\n", "case 1: "),
    "an unknown field": (CASE + "given.when = 1\n", "wants one of action, token, user, now"),
    "an unknown action": (
        CASE.replace('"read"', '"write"'),
        "given.action: invalid enum value 'write'; wants one of read, copy, describe, erase",
    ),
    "an unknown end": (CASE.replace('"deny"', '"maybe"'), "wants one of permit, deny, step_up"),
    "a user without a name": (CASE.replace('{ sub = "eve" }', "{ }"), "sub"),
    "an age before all time": (CASE.replace("ada", 'ada", age = -1, kind = "x'), "age"),
}


@pytest.mark.parametrize(("text", "said"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_case_is_refused(folder: Path, text: str, said: str) -> None:
    """In one line, with the file and what is wrong in it."""
    refusal = _tried(folder, text).refusal
    assert refusal.startswith("The configuration is not valid") or "cases.toml" in refusal
    assert "cases.toml" in refusal
    assert said in refusal


def test_what_does_not_exist_is_refused(folder: Path) -> None:
    """A file, a case, an application, and one without owners."""
    absent = lunasec("policy", "test", "absent.toml", cwd=folder).refusal
    assert "absent.toml" in absent
    for options, said in (
        (["--application", "clinic"], "clinic"),
        (["--application", "nobody"], "payroll"),
    ):
        assert said in _tried(folder, CASE, *options).refusal
    assert "--case" in _tried(folder, CASE, "--case", "x", word="explain").refusal
    (folder / "payroll.cedar").write_text("permit (principal, action, resource);")
    assert "payroll.cedar" in _tried(folder, CASE).refusal
    configured(folder)
    assert "--application: got nothing" in _tried(folder, CASE).refusal


def test_check_reads_policies_as_the_server_does(folder: Path) -> None:
    """What the server would not start with is a finding; else it names what it read."""
    fine = lunasec("check", "--offline", cwd=folder)
    assert "its tokens have owners; policies: payroll.cedar" in fine.out
    (folder / "payroll.cedar").write_text('@id("x") permit (principal, action, thing);')
    wrong = lunasec("check", "--offline", cwd=folder)
    assert wrong.code == 1
    assert "applications.payroll.policies" in wrong.out


def test_a_start_without_its_policies_makes_nothing(folder: Path) -> None:
    """They are read before keys or a database are made, as all that the configuration names."""
    (folder / "payroll.cedar").unlink()
    assert "payroll.cedar" in lunasec("serve", cwd=folder).refusal
    assert not (folder / "data").exists()
