"""Whose log-outs count: what a configuration says of it, and what it has to leave out."""

from pathlib import Path
from typing import Any

import pytest

from lunasec.errors import ConfigurationInvalid
from lunasec.jose.presets import Provider
from lunasec.jose.quirks import PLAIN
from lunasec.tokenizer.providers import PresetName, check, check_log_out
from tests.crypto.presets import ARN, BY_NAME, IDP, ORIGIN

FOLDER = Path("/etc/lunasec")


def read(preset: PresetName = "oidc", **more: Any) -> tuple[Provider, Provider | None]:  # noqa: ANN401 - settings
    """Read a configuration: who signs who is calling, and who signs log-outs."""
    table = BY_NAME[preset].table(**{"issuer": IDP, "jwks": "https://a.example/", **more})
    provider = check("provider", table, ORIGIN, FOLDER)
    return provider, check_log_out("provider", table, provider, FOLDER)


def test_it_is_off_by_default() -> None:
    """No log-out counts where nobody said whose."""
    assert read()[1] is None


def test_it_is_the_same_issuer_unless_said() -> None:
    """With its keys and algorithms, and those of its keys that are denied."""
    provider, log_out = read(logout_audience="client", denied_keys=["old"], leeway=5)
    assert log_out is not None
    assert (log_out.issuer, log_out.jwks) == (provider.issuer, provider.jwks)
    assert (log_out.audience, log_out.algorithms) == ("client", provider.algorithms)
    assert (log_out.denied_keys, log_out.leeway) == (frozenset({"old"}), 5)
    assert log_out.types == {None, "logout+jwt"}


def test_another_issuer() -> None:
    """With keys in a file beside the configuration."""
    _, log_out = read(
        logout_audience="client",
        logout_issuer="https://login.example",
        logout_jwks="login.jwks.json",
        logout_algorithms=["ES256"],
    )
    assert log_out is not None
    assert (log_out.issuer, log_out.algorithms) == ("https://login.example", frozenset({"ES256"}))
    assert log_out.jwks == FOLDER / "login.jwks.json"


def test_what_is_odd_of_a_proxy_is_not_of_its_identity_provider() -> None:
    """A log-out token is a plain JWT, before AWS's load balancer too."""
    more = {"audience": ARN, "session_claim": "sid", "logout_audience": "client"}
    more["jwks"] = "https://a.example/{kid}"
    _, log_out = read("aws-alb", **more)
    assert log_out is not None
    assert log_out.quirks == PLAIN


@pytest.mark.parametrize(
    ("more", "setting"),
    [
        ({"logout_issuer": IDP}, "logout_audience"),
        ({"logout_jwks": "https://b.example/"}, "logout_audience"),
        ({"logout_algorithms": ["RS256"]}, "logout_audience"),
        ({"logout_audience": "client", "subject_claim": "email"}, "logout_audience"),
        ({"logout_audience": "client", "logout_jwks": "http://b.example/"}, "logout_jwks"),
    ],
)
def test_what_can_not_work_is_refused(more: dict[str, Any], setting: str) -> None:
    """At start: half of a configuration, users by another name, keys over an open line."""
    with pytest.raises(ConfigurationInvalid, match=rf"^provider\.{setting}: got "):
        read(**more)
