"""Web fonts that can't be read: at a start, and in a check."""

from pathlib import Path

import pytest

from lunasec.cli import applications
from tests.cli.invocation import lunasec

LISTED = '\n[[applications.payroll.fonts]]\nfamily = "Inter"\nfile = "inter.woff2"\n'


@pytest.mark.parametrize("command", ["serve", "check --offline"])
def test_a_font_that_is_not_there(tmp_path: Path, command: str) -> None:
    """It is said with its setting; nothing is made."""
    config = tmp_path / "lunasec.toml"
    applications.make("payroll", origins=["https://a.example.com"], config=config)
    with config.open("a") as file:
        file.write(LISTED)
    done = lunasec(*command.split(), cwd=tmp_path)
    said = f"applications.payroll.fonts[1].file: {tmp_path / 'inter.woff2'}: No such file"
    assert said in (done.refusal if command == "serve" else done.out)
    assert done.code != 0
    assert not (tmp_path / "lunasec-data").exists()


def test_a_check_names_the_families(tmp_path: Path) -> None:
    """Each once, whatever faces it has."""
    config = tmp_path / "lunasec.toml"
    applications.make("payroll", origins=["https://a.example.com"], config=config)
    (tmp_path / "inter.woff2").write_bytes(b"wOF2")
    with config.open("a") as file:
        file.write(LISTED + LISTED)
    out = lunasec("check", "--offline", cwd=tmp_path).out
    assert "its frames have web fonts: Inter\n" in out
