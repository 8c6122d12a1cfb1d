"""`lunasec check` says what a log-out does for applications behind an auth proxy."""

from pathlib import Path

import pytest

from lunasec.errors import ConfigurationInvalid
from lunasec.tokenizer import settings
from lunasec.tokenizer.counterparties import counterparties
from tests.cli.checking import advice
from tests.cli.invocation import Outcome, lunasec
from tests.http.key_server import key_server
from tests.http.local import configured
from tests.http.proxies import ISSUER, LOG_OUT, PROVIDER, USERS, AuthProxy, own_key

ABSENT = "its identity provider can't log users out"


def check(folder: Path, provider: str) -> Outcome:
    """Check a configuration of two applications, one of them behind a proxy."""
    configured(folder, payroll=provider)
    AuthProxy(folder=folder).publish()
    return lunasec("check", "--config", "lunasec.toml", "--offline", cwd=folder)


@pytest.mark.parametrize("provider", [PROVIDER, USERS], ids=["sessions", "users"])
def test_a_log_out_that_nobody_hears_of(tmp_path: Path, provider: str) -> None:
    """Once, for the application behind the proxy, with what to do; not for the other one."""
    done = check(tmp_path, provider)
    assert "back-channel log-out" in advice(done, "!", ABSENT)
    assert done.out.count(ABSENT) == 1
    assert ("all browsers of a user share one" in done.out) is (provider == USERS)


def test_a_log_out_that_is_configured(tmp_path: Path) -> None:
    """The address is there to be copied into the identity provider's form."""
    done = check(tmp_path, PROVIDER + LOG_OUT)
    assert f"✓ {ISSUER} logs users out, at /session/back-channel-logout/payroll" in done.out
    assert ABSENT not in done.out


AT = "applications.payroll.provider"
FILE = "proxy.jwks.json"
NO_KEYS: dict[str, tuple[bytes | None, str]] = {
    "missing": (None, "No such file or directory"),
    "empty": (b"", "A key set is"),
    "without keys": (b'{"keys": []}', "A key set is"),
    "for other things": (
        b'{"keys": [{"kty": "x"}]}',
        "The set has no key that can verify a signature",
    ),
}


def place(provider: str, jwks: str) -> str:
    """Let its keys be elsewhere."""
    return provider.replace(f'"{FILE}"', f'"{jwks}"')


@pytest.mark.parametrize("setting", ["jwks", "logout_jwks"])
@pytest.mark.parametrize("name", NO_KEYS)
def test_a_key_file_that_has_no_keys(tmp_path: Path, setting: str, name: str) -> None:
    """It is refused at start, and is what `check` finds, with the setting and the file."""
    content, said = NO_KEYS[name]
    AuthProxy(folder=tmp_path).publish()
    if content is not None:
        (tmp_path / "other.json").write_bytes(content)
    lines = place(PROVIDER, "other.json")
    if setting == "logout_jwks":
        lines = f'{PROVIDER}{LOG_OUT}logout_jwks = "other.json"\n'
    done = check(tmp_path, lines)
    assert f"✗ {AT}.{setting}: {tmp_path}/other.json: {said}" in done.out
    with pytest.raises(ConfigurationInvalid, match=rf"provider\.{setting}: "):
        counterparties(settings.load(tmp_path / "lunasec.toml", {}))


def test_a_folder_of_keys_that_is_not_there(tmp_path: Path) -> None:
    """Where each key has a file of its own, at least their folder is looked at."""
    done = check(tmp_path, place(PROVIDER, "keys/{kid}.pem"))
    assert f"✗ {AT}.jwks: {tmp_path}/keys: No such file" in done.out
    (tmp_path / "keys").mkdir()
    done = check(tmp_path, place(PROVIDER, "keys/{kid}.pem"))
    assert f"· {AT}.jwks: each key has a place of its own" in done.out


def test_keys_are_listed(tmp_path: Path) -> None:
    """With what each may have signed; one that is denied is none."""
    assert f"✓ {AT}.jwks: the keys {own_key().kid} (RS256)\n" in check(tmp_path, PROVIDER).out
    denied = check(tmp_path, f'{PROVIDER}denied_keys = ["{own_key().kid}"]\n')
    assert "algorithms" in advice(denied, "✗", f"{AT}.jwks: no key there is for ES256, RS256")
    others = check(tmp_path, f'{PROVIDER}algorithms = ["ES256"]\n')
    assert "algorithms" in advice(others, "✗", f"{AT}.jwks: no key there is for ES256")


def test_keys_are_fetched(tmp_path: Path) -> None:
    """From their addresses, unless it is `--offline`; those of log-outs too."""
    AuthProxy(folder=tmp_path).publish()
    with key_server() as server:
        lines = place(PROVIDER, server.address)
        lines = f'{lines}{LOG_OUT}logout_jwks = "{server.address}?log-out"\n'
        check(tmp_path, lines)
        assert server.asked == 0
        server.keys = (tmp_path / FILE).read_bytes()
        done = lunasec("check", cwd=tmp_path)
        for setting in ("jwks", "logout_jwks"):
            assert f"✓ {AT}.{setting}: the keys {own_key().kid} (RS256)\n" in done.out
        server.fault = "down"
        done = lunasec("check", cwd=tmp_path)
    for setting in ("jwks", "logout_jwks"):
        assert "Nobody gets in" in advice(done, "✗", f"{AT}.{setting}: no keys can be had there")
