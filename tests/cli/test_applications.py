"""`lunasec app`: both ends of an application are made whole, or not at all."""

import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from lunasec.cli import applications
from lunasec.errors import CredentialInvalid
from lunasec.sdk.credential import read_credential
from lunasec.tokenizer import counterparties, settings
from lunasec.tokenizer.jose.application import ApplicationTokens
from tests.cli.invocation import Outcome, lunasec
from tests.deployments import LUNASEC

NOW = 1_800_000_000
ORIGIN = "https://app.example.com"


def _add(cwd: Path, *arguments: str, name: str = "payroll") -> Outcome:
    return lunasec("app", "add", name, *(arguments or ("--origin", ORIGIN)), cwd=cwd)


def _files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_both_ends_fit(tmp_path: Path) -> None:
    """What the application signs with its key file, the tokenizer accepts by its configuration."""
    done = _add(tmp_path)
    assert done.code == 0, done.err
    private = tmp_path / "payroll.key"
    assert private.stat().st_mode & 0o777 == 0o600
    assert _accepted(tmp_path / "lunasec.toml", private)


def test_tokenizer_is_put_beside_the_application(tmp_path: Path) -> None:
    """A new configuration's tokenizer is a sibling of the application, and the answer says so."""
    assert 'tokenizer_url="https://secure.example.com"' in _add(tmp_path).out
    assert settings.load(tmp_path / "lunasec.toml").origin == "https://secure.example.com"


@pytest.mark.parametrize(
    ("origin", "tokenizer"),
    [
        ("https://app.example.com", "https://secure.example.com"),
        ("https://example.com", "https://secure.example.com"),
        ("https://www.shop.example.co.uk:8443", "https://secure.example.co.uk"),
        ("https://me.github.io", "https://secure.me.github.io"),
        ("https://secure.example.com", "https://vault.example.com"),
        ("http://app.lunasec.localhost:8000", "http://secure.lunasec.localhost:8001"),
        ("http://app.localhost:8000", "http://secure.app.localhost:8001"),
        ("http://localhost:8000", "http://secure.localhost:8001"),
        ("https://10.0.0.5", None),
        ("https://[::1]", None),
    ],
)
def test_suggestion_is_of_the_same_site(origin: str, tokenizer: str | None) -> None:
    """What is suggested is one site with the application wherever that can be, on another host."""
    assert applications.suggested(origin) == tokenizer
    if tokenizer and origin != "http://localhost:8000":
        assert settings.same_site(origin, tokenizer)


def test_what_stands_in_the_file_stays(tmp_path: Path) -> None:
    """A second application is added behind what is there: comments, order and mode are kept."""
    _add(tmp_path)
    config = tmp_path / "lunasec.toml"
    config.write_text(config.read_text() + "# the accountants' own words")
    config.chmod(0o640)
    before = config.read_text()
    assert _add(tmp_path, "--origin", "https://hr.example.com", name="hr").code == 0
    assert config.read_text().startswith(before)
    assert config.stat().st_mode & 0o777 == 0o640
    assert list(settings.load(config).applications) == ["payroll", "hr"]


def test_symbolic_link_is_followed(tmp_path: Path) -> None:
    """A configuration that lies elsewhere is changed there, and the link stays a link."""
    _add(tmp_path)
    (tmp_path / "lunasec.toml").rename(tmp_path / "real.toml")
    (tmp_path / "lunasec.toml").symlink_to("real.toml")
    assert _add(tmp_path, "--origin", "https://hr.example.com", name="hr").code == 0
    assert (tmp_path / "lunasec.toml").is_symlink()
    assert "hr" in settings.load(tmp_path / "real.toml").applications


@pytest.mark.parametrize(
    ("arguments", "name", "said"),
    [
        (("--origin", "http://app.example.com"), "payroll", "--origin: got"),
        (("--origin", f"{ORIGIN}/"), "payroll", f'Did you mean "{ORIGIN}"?'),
        (("--origin", ORIGIN), "Pay Roll", 'NAME: got "Pay Roll"'),
        (("--origin", ORIGIN), "a.b", 'NAME: got "a.b"'),
        (("--origin", ORIGIN), "bind-a", "not 'bind-'"),
        (("--origin", "https://10.0.0.5"), "payroll", "with --tokenizer"),
        (("--origin", ORIGIN, "--tokenizer", ORIGIN), "payroll", "Ports share cookies"),
        (
            ("--origin", ORIGIN, "--config", "no/such/lunasec.toml"),
            "payroll",
            "no directory no/such",
        ),
        (("--origin", ORIGIN, "--tokenizer", "secure.example.com"), "payroll", "--tokenizer: got"),
    ],
)
def test_refusal_makes_nothing(
    tmp_path: Path, arguments: tuple[str, ...], name: str, said: str
) -> None:
    """A wrong name or origin is refused by the option that was typed, and no file is made."""
    assert said in _add(tmp_path, *arguments, name=name).refusal
    assert list(tmp_path.iterdir()) == []


def test_application_is_not_made_twice(tmp_path: Path) -> None:
    """An application that exists, or whose key file is still there, stays as it is."""
    _add(tmp_path)
    before = _files(tmp_path)
    assert "has an application payroll already" in _add(tmp_path).refusal
    (tmp_path / "lunasec.toml").unlink()
    assert "would be replaced" in _add(tmp_path).refusal
    assert {**_files(tmp_path), "lunasec.toml": before["lunasec.toml"]} == before


def test_origin_of_another_application_is_refused(tmp_path: Path) -> None:
    """An origin belongs to one application, and the refusal leaves no key behind."""
    _add(tmp_path)
    before = _files(tmp_path)
    assert "belongs to payroll already" in _add(tmp_path, name="hr").refusal
    assert _files(tmp_path) == before


def test_failed_write_leaves_nothing(tmp_path: Path) -> None:
    """When the configuration can't be written, both keys are gone again and it is as it was."""
    _add(tmp_path)
    config = tmp_path / "lunasec.toml"
    config.write_text(config.read_text() + "# a long comment\n" * 4000)
    before = _files(tmp_path)
    # No file over 32 KiB (or 16, where a block has 512 bytes): enough for keys alone.
    limited = 'ulimit -f 32; exec "$0" app add hr --origin https://hr.example.com'
    done = subprocess.run(
        ["/bin/sh", "-c", limited, LUNASEC],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "File too large" in done.stderr
    assert done.stderr.count("\n") == 1
    assert _files(tmp_path) == before


def test_many_at_once_lose_nothing(tmp_path: Path) -> None:
    """Applications that are added at the same moment are all there afterwards."""
    config = tmp_path / "lunasec.toml"
    applications.make("first", origins=[ORIGIN], config=config)

    def add(number: int) -> None:
        name = f"a{number}"
        applications.make(name, origins=[f"https://{name}.example.com"], config=config)

    with ThreadPoolExecutor(max_workers=16) as pool:
        list(pool.map(add, range(32)))
    assert len(settings.load(config).applications) == 33


def test_key_is_replaced_without_a_gap(tmp_path: Path) -> None:
    """Between the two steps both keys are accepted, afterwards the new one alone."""
    _add(tmp_path)
    config, private = tmp_path / "lunasec.toml", tmp_path / "payroll.key"
    assert "would be replaced" in lunasec("app", "rekey", "payroll", cwd=tmp_path).refusal
    private.rename(tmp_path / "old.key")
    done = lunasec("app", "rekey", "payroll", cwd=tmp_path)
    assert done.code == 0, done.err
    assert private.stat().st_mode & 0o777 == 0o600
    assert _accepted(config, private)
    assert _accepted(config, tmp_path / "old.key")
    assert lunasec("app", "rekey", "payroll", "--finish", cwd=tmp_path).code == 0
    assert _accepted(config, private)
    assert not _accepted(config, tmp_path / "old.key")
    assert "there is payroll" in lunasec("app", "rekey", "hr", cwd=tmp_path).refusal


def _accepted(config: Path, private: Path) -> bool:
    """Tell whether the tokenizer accepts what payroll signs with this key."""
    configured = settings.load(config)
    keys = counterparties.public_keys(configured.applications["payroll"])
    credential = read_credential(private, application="payroll", audience=configured.origin)
    try:
        ApplicationTokens({"payroll": keys}, audience=configured.origin).verify(
            credential.token(NOW), now=NOW
        )
    except CredentialInvalid:
        return False
    return True


def test_applications_are_listed(tmp_path: Path) -> None:
    """The list names each application, its origins, its keys, and whether it is of one site."""
    _add(tmp_path)
    _add(tmp_path, "--origin", "https://app.example.net", name="hr")
    shown = lunasec("app", "list", cwd=tmp_path).out
    assert f"{ORIGIN}: the same site as the tokenizer" in shown
    assert "https://app.example.net: another site than the tokenizer" in shown
    (tmp_path / "hr.jwks.json").unlink()
    assert "No such file" in lunasec("app", "list", cwd=tmp_path).out
