"""`lunasec check` says what an application's identity provider offers, and what it lacks."""

from pathlib import Path
from typing import Any

import pytest

from tests.cli.checking import advice
from tests.cli.invocation import Outcome, lunasec
from tests.http.local import ORIGIN, configured
from tests.http.relying import CALLBACK, relying

OIDC = """
[applications.payroll.provider]
kind = "oidc"
issuer = "https://login.example.com"
client_id = "tokenizer"
"""
UNNAMED = "does not name itself in its answers"
SILENT = "does not say that it logs users out"


def check(folder: Path, *more: str) -> Outcome:
    """Check the configuration that is there."""
    return lunasec("check", "--config", "lunasec.toml", *more, cwd=folder)


async def test_what_is_offered(tmp_path: Path) -> None:
    """The address to register is there to be copied; what is there is not complained of."""
    async with relying(tmp_path, backchannel_logout_supported=True) as party:
        done = check(tmp_path)
        issuer = party.provider.issuer
    assert f"✓ its frames log in with {issuer}; redirect address {ORIGIN}{CALLBACK}" in done.out
    assert f"✓ {issuer} answers; requests are not pushed" in done.out
    for absent in (UNNAMED, SILENT, "public client", "share one"):
        assert absent not in done.out


async def test_what_is_lacking(tmp_path: Path) -> None:
    """Each thing with what to do."""
    named: dict[str, Any] = {"authorization_response_iss_parameter_supported": False}
    async with relying(tmp_path, 'session_claim = ""', **named) as party:
        done = check(tmp_path)
        issuer = party.provider.issuer
    assert "turned on" in advice(done, "!", f"{issuer} {UNNAMED}")
    assert "/session/back-channel-logout/payroll" in advice(done, "!", f"{issuer} {SILENT}")
    assert "all browsers of a user share one" in done.out


async def test_what_policies_would_wait_for_in_vain(tmp_path: Path) -> None:
    """What the provider lists, and lacks; one that lists nothing may have all of it."""
    acr, policy = (
        'acr_values = ["urn:gold", "urn:silver"]',
        '@id("x") permit(principal,action,resource);',
    )
    known = ["urn:silver", "\x1b[2J", 0]
    lists: dict[str, Any] = {"acr_values_supported": known, "claims_supported": ["sub"]}
    async with relying(tmp_path, acr, policy, **lists) as party:
        done, issuer = check(tmp_path), party.provider.issuer
    assert "It lists urn:silver. A" in advice(done, "!", f"{issuer} does not know urn:gold")
    assert "max_age" in advice(done, "!", f"{issuer} does not list auth_time")
    async with relying(tmp_path, acr, policy, acr_values_supported=0) as party:
        done = check(tmp_path)
    for absent in ("does not know", "does not list"):
        assert absent not in done.out


async def test_a_provider_that_can_not_be_used(tmp_path: Path) -> None:
    """It says why; offline, nobody is asked."""
    async with relying(tmp_path, issuer="https://other.example.com") as party:
        done, offline = check(tmp_path), check(tmp_path, "--offline")
        found = f"{party.provider.issuer} can't be used: the description is another issuer's."
        asked = party.provider.asked
    assert "Nobody can log in" in advice(done, "✗", found)
    assert "can't be used" not in offline.out
    assert asked == ["/.well-known/openid-configuration"]


@pytest.mark.parametrize(
    ("mode", "content", "said"),
    [
        (0o644, "secret", "open to other users"),
        (0o600, " \n", "has no secret in it"),
        (0o600, "é", "has no secret in it"),
        (None, "", "there is no such file"),
    ],
)
def test_a_secret_that_is_none(tmp_path: Path, mode: int | None, content: str, said: str) -> None:
    """The file is named, and what is wrong with it; nothing starts with one."""
    configured(tmp_path, payroll=OIDC + 'client_secret = "oidc.secret"')
    if mode is not None:
        (tmp_path / "oidc.secret").write_text(content)
        (tmp_path / "oidc.secret").chmod(mode)
    done = check(tmp_path, "--offline")
    assert said in done.out
    assert "applications.payroll.provider.client_secret" in done.out
    assert said in lunasec("serve", "--config", "lunasec.toml", cwd=tmp_path).refusal


def test_a_client_without_a_secret(tmp_path: Path) -> None:
    """It is said what that means."""
    configured(tmp_path, payroll=OIDC)
    assert "PKCE alone" in advice(check(tmp_path, "--offline"), "!", "it is a public client")
