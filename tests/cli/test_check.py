"""`lunasec check`: finds what a server would stumble over, and how to right it."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from lunasec.cli import applications, certificates
from lunasec.tokenizer.kms import LocalKeyFile
from lunasec.tokenizer.wiring import system_clock
from tests.cli.answering import Answer, answering
from tests.cli.checking import NAME, advice, move_ports
from tests.cli.invocation import lunasec
from tests.deployments import Demo


def test_running_demo_has_nothing_wrong(demo: Demo) -> None:
    """The demo as it runs is fine in every respect but one, which is said: it has both keys."""
    done = lunasec("check", "--config", demo.folder / "lunasec.toml", cwd=demo.folder)
    assert done.code == 0, done.out
    assert "✗" not in done.out
    assert "demo.key is still here" in done.out
    for fine in ("is its owner's alone", "the key file is whole", "the tokenizer is ready"):
        assert f"✓ {fine}" in done.out or f": {fine}" in done.out
    assert "/.lunasec/session: the plugin answers" in done.out
    assert "it signs with a key that is ours to check" in done.out
    assert "one site with the tokenizer" in done.out
    assert "arrives as it was sent" in done.out


def test_policy_lines_are_those_that_the_demo_needs(demo: Demo) -> None:
    """`--csp` prints what a page's policy needs, and the demo's own pages have just that."""
    done = lunasec("check", "--csp", "--config", demo.folder / "lunasec.toml", cwd=demo.folder)
    for directive in ("script-src", "frame-src 'self'", "connect-src 'self'"):
        assert f"  {directive} {demo.tokenizer};" in done.out


def test_wrong_configuration_is_a_finding(tmp_path: Path) -> None:
    """What the server would refuse is the first thing that is said, and the exit code is 1."""
    (tmp_path / "lunasec.toml").write_text('[tokenizer]\norigin = "x"\n')
    done = lunasec("check", cwd=tmp_path)
    assert done.code == 1
    assert '✗ lunasec.toml: tokenizer.origin: got "x", wants an origin' in done.out


def test_tokenizer_that_is_not_running_is_no_fault(tmp_path: Path) -> None:
    """Before the first start, what can't be looked at is said, and is not wrong."""
    applications.make(NAME, origins=["https://app.example.com"], config=tmp_path / "lunasec.toml")
    move_ports(tmp_path)
    done = lunasec("check", "--offline", cwd=tmp_path)
    assert done.code == 0
    assert "not there yet: the first `lunasec serve` makes it" in done.out
    assert done.out.count("the tokenizer is not running") == 2
    assert not (tmp_path / "lunasec-data").exists()


# What can be wrong with files, each with a word of its cure.


def _open_config(folder: Path) -> None:
    (folder / "lunasec.toml").chmod(0o666)


def _open_data(folder: Path) -> None:
    (folder / "lunasec-data").chmod(0o755)


def _open_keys(folder: Path) -> None:
    (folder / "lunasec-data/keys.json").chmod(0o644)


def _no_keys(folder: Path) -> None:
    (folder / "lunasec-data/keys.json").unlink()


def _other_keys(folder: Path) -> None:
    _no_keys(folder)
    (folder / "lunasec-data/lunasec.db").rename(folder / "aside")
    assert lunasec("keys", "generate", cwd=folder).code == 0
    (folder / "aside").rename(folder / "lunasec-data/lunasec.db")


def _no_mark(folder: Path) -> None:
    (folder / "lunasec-data/lunasec.db").unlink()


def _no_database(folder: Path) -> None:
    (folder / "lunasec-data/lunasec.db").write_bytes(b"not one" * 100)


def _no_public_keys(folder: Path) -> None:
    (folder / f"{NAME}.jwks.json").unlink()


def _private_for_public(folder: Path) -> None:
    (folder / f"{NAME}.key").rename(folder / f"{NAME}.jwks.json")


@pytest.mark.parametrize(
    ("damage", "what", "cure"),
    [
        (_open_config, "other users can change it", "chmod go-w"),
        (_open_data, "mode 0755", "chmod 700"),
        (_open_keys, "chmod 600", "keys import"),
        (_no_keys, "keys.json does not exist", "keys import"),
        (_other_keys, "belongs to other keys", "right two together"),
        (_no_mark, "is missing, and was there before", "lunasec restore"),
        (_no_database, "is not an SQLite database", ""),
        (_no_public_keys, "No such file", ""),
        (_private_for_public, "A key set is", ""),
    ],
)
def test_files_that_are_wrong_are_found(
    tmp_path: Path, damage: Callable[[Path], None], what: str, cure: str
) -> None:
    """Each damage is found, with what rights it, and the check itself changes nothing."""
    applications.make(NAME, origins=["https://app.example.com"], config=tmp_path / "lunasec.toml")
    move_ports(tmp_path)
    # An erasure of nothing opens the data directory as a start does.
    assert lunasec("keys", "generate", cwd=tmp_path).code == 0
    assert lunasec("erase", "--never-verified", cwd=tmp_path).code == 0
    assert lunasec("check", "--offline", cwd=tmp_path).code == 0
    damage(tmp_path)
    before = {path: path.stat() for path in sorted(tmp_path.rglob("*"))}
    done = lunasec("check", "--offline", cwd=tmp_path)
    assert done.code == 1
    assert cure in advice(done, "✗", what) or cure in done.out
    after = {path: path.stat() for path in sorted(tmp_path.rglob("*"))}
    assert {
        path: (each.st_mtime_ns, each.st_size) for path, each in before.items() if path.is_file()
    } == {path: (each.st_mtime_ns, each.st_size) for path, each in after.items() if path.is_file()}


@pytest.mark.parametrize(("days", "noted"), [(91, True), (1, False)])
def test_old_key_is_no_fault(tmp_path: Path, days: int, noted: bool) -> None:  # noqa: FBT001 - a parameter
    """A key that is due is noted, with who makes the next one; nobody is sent to a new backup."""
    config = tmp_path / "lunasec.toml"
    applications.make(NAME, origins=["https://app.example.com"], config=config)
    move_ports(tmp_path)
    keys = LocalKeyFile(tmp_path / "lunasec-data/keys.json")
    keys.generate(system_clock() - days * 24 * 3600)
    done = lunasec("check", "--offline", cwd=tmp_path)
    assert done.code == 0
    assert ("`lunasec serve` makes the next one" in done.out) is noted
    assert "keys rotate" not in done.out


def test_port_of_another_program_is_found(tmp_path: Path) -> None:
    """A listener's address that something else has is wrong, and is not taken for the tokenizer."""
    applications.make(NAME, origins=["https://app.example.com"], config=tmp_path / "lunasec.toml")
    config = tmp_path / "lunasec.toml"
    with answering(lambda _path, _headers: Answer(body=b"{}")) as port:
        move_ports(tmp_path)
        config.write_text(
            re.sub(r'"127.0.0.1:\d+"', f'"127.0.0.1:{port}"', config.read_text(), count=1)
        )
        done = lunasec("check", "--offline", cwd=tmp_path)
    assert done.code == 1
    assert "Stop that one" in advice(done, "✗", f"listen = 127.0.0.1:{port}: in use by another")


# What can answer where the application's plugin should, each with a word of its cure.


@pytest.mark.parametrize(
    ("ends_in", "sign", "what"),
    [(300, "✓", "holds for 300 days"), (10, "!", "ends in 10 days"), (-1, "✗", "has expired")],
)
def test_certificate_that_ends_is_found(tmp_path: Path, ends_in: int, sign: str, what: str) -> None:
    """A certificate is said to hold, to end soon, or to have ended."""
    applications.make(NAME, origins=["https://app.example.com"], config=tmp_path / "lunasec.toml")
    move_ports(tmp_path)
    made = certificates.ensure(
        tmp_path, ["secure.example.com"], system_clock() - (365 - ends_in) * 24 * 3600 + 60
    )
    config = tmp_path / "lunasec.toml"
    lines = f'tls_certificate = "{made.certificate}"\ntls_key = "{made.key}"\n'
    config.write_text(config.read_text().replace("[tokenizer]\n", f"[tokenizer]\n{lines}"))
    done = lunasec("check", "--offline", cwd=tmp_path)
    assert [
        line for line in done.out.splitlines() if line.startswith(f"  {sign} ") and what in line
    ]
    assert done.code == (1 if sign == "✗" else 0)
