"""`lunasec check` behind real proxies, where nobody is logged in who asks."""

import re
from pathlib import Path

import pytest

from tests.cli.invocation import Outcome, lunasec
from tests.proxies.apache import Identified, running_apache
from tests.proxies.scene import Behind, Proxied

FRAME = "/frame/payroll/coordinator"
LOG_OUT = "/session/back-channel-logout/payroll"


def _check(folder: Path) -> Outcome:
    return lunasec("check", "--config", "lunasec.toml", cwd=folder)


def _is_right(done: Outcome, proxied: Proxied, refusal: str) -> None:
    """Nothing is wrong; what is refused is said to be, and so is what can't be seen."""
    assert (done.code, "✗" in done.out) == (0, False), done.out
    opened = re.findall(r"✓ (\S+) is open to everybody", done.out)
    assert opened[0].startswith("/assets/")
    assert opened[1:] == ["/errors", LOG_OUT]
    assert f"✓ {FRAME} is kept from who is not logged in (401)" in done.out
    assert f"· whether {FRAME} arrives as it was sent can't be seen without a log-in" in done.out
    assert f"✓ {FRAME} arrives" not in done.out
    assert f"✓ {proxied.application} is kept from who is not logged in ({refusal})" in done.out
    assert "· whether the plugin answers there, and its key, can't be seen" in done.out
    assert "/.lunasec/session" not in done.out


@pytest.mark.parametrize("proxied", ["caddy", "nginx"], indirect=True)
def test_a_refusal_is_what_is_right(behind: Behind, proxied: Proxied) -> None:
    """Behind one that asks another about each request."""
    _is_right(_check(behind.folder), proxied, "401")


def test_a_refusal_is_what_is_right_behind_apache(tmp_path: Path) -> None:
    """Behind one that logs users in itself, and presents a certificate."""
    with running_apache(tmp_path, told="tokenizer") as apache:
        _is_right(_check(tmp_path), apache, "401")


def test_a_redirect_is_right_too_behind_envoy(envoy: Identified) -> None:
    """Where Envoy logs users in itself, who is not logged in is led to that."""
    done = _check(envoy.folder)
    assert (done.code, "✗" in done.out) == (0, False), done.out
    assert f"✓ {FRAME} is kept from who is not logged in (302 to {envoy.issuer}/auth)" in done.out
    assert f"✓ its proxy's tokens are made out to the tokenizer: {envoy.secure}" in done.out
    assert f"✓ {envoy.issuer} logs users out, at {LOG_OUT}" in done.out
