"""`lunasec check` says what a log-out does for applications behind an auth proxy."""

from pathlib import Path

import pytest

from tests.cli.checking import advice
from tests.cli.invocation import Outcome, lunasec
from tests.http.local import configured
from tests.http.proxies import ISSUER, LOG_OUT, PROVIDER, USERS

ABSENT = "its identity provider can't log users out"


def check(folder: Path, provider: str) -> Outcome:
    """Check a configuration of two applications, one of them behind a proxy."""
    configured(folder, payroll=provider)
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
