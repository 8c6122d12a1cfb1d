"""Who signs what the demo's proxies pass on, and what the two sides behind them are told of it."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from examples.proxies import apache

ISSUER: Final = "https://proxy.example.com"
PROVIDER: Final = """
[applications.demo.provider]
preset = "oathkeeper"
issuer = "{issuer}"
jwks = "{jwks}"
"""
LOG_IN: Final = """\
    1. Log in as ada, type a made-up SSN on your profile, and see it: nothing was asked of
       /.lunasec or /session/create, since the proxy says on every request who is calling."""
LOG_IN_THERE: Final = """\
    1. The identity provider asks for a name (ada) and any password, then press Continue.
       Type a made-up SSN on your profile, and see it: nothing was asked of /.lunasec or
       /session/create, since the proxy says on every request who is calling."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """A program that signs, and how its tokens look to an application."""

    command: Sequence[str | Path]
    preset: str
    issuer: str
    audience: str
    jwks: str
    provider: str
    """What stands in the tokenizer's configuration."""

    log_in: str
    """What a person does first."""


def deciding(ports: Mapping[str, int], origin: str) -> Signer:
    """Let `sign_in.py`, or an Oathkeeper that asks it, sign a token for each upstream."""
    jwks = f"http://127.0.0.1:{ports['oathkeeper']}/.well-known/jwks.json"
    return Signer(
        command=[sys.executable, "-m", "examples.proxies.sign_in", str(ports["log-in"]), ISSUER],
        preset="oathkeeper",
        issuer=ISSUER,
        audience=origin,
        jwks=jwks,
        provider=PROVIDER.format(issuer=ISSUER, jwks=jwks),
        log_in=LOG_IN,
    )


def identifying(ports: Mapping[str, int], data: Path) -> Signer:
    """Let an identity provider sign one token for both; Apache's certificate keeps them apart."""
    own = data / "apache"
    own.mkdir(exist_ok=True)
    apache.certify(data, own)
    return Signer(
        command=apache.identity(own, ports),
        preset="apache",
        issuer=apache.issuer(ports),
        audience=apache.CLIENT,
        jwks=apache.jwks(ports),
        provider=apache.provider("demo", ports),
        log_in=LOG_IN_THERE,
    )
