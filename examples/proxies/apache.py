"""What stands around Apache: an identity provider that it is a client of, and two certificates.

The provider is the one that `make` sets up for the tests (`identity.mjs`). Apache passes its ID
token on to both upstreams, and proves itself to the tokenizer by its certificate.
"""

import json
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from examples.proxies import self_signed
from lunasec.tokenizer import private_file

IDENTITY: Final = Path(__file__).parent / "identity.mjs"
CLIENT: Final = "apache"
PROVIDER: Final = """
[applications.{name}.provider]
preset = "apache"
issuer = "{issuer}"
audience = "{client}"
jwks = "{jwks}"
client_certificate = "required"
logout_audience = "{client}"

[proxy_listener]
listen = "127.0.0.1:{line}"
tls_certificate = "line.pem"
tls_key = "line.key"
client_ca = "proxies.pem"
"""


def issuer(ports: Mapping[str, int]) -> str:
    """Say what the identity provider is called, and where browsers find it."""
    return f"http://login.lunasec.localhost:{ports['log-in']}"


def jwks(ports: Mapping[str, int]) -> str:
    """Say where the provider's keys are."""
    return f"http://127.0.0.1:{ports['log-in']}/jwks"


def provider(name: str, ports: Mapping[str, int]) -> str:
    """Write what the tokenizer has to know of it, for an application of that name."""
    told = {"issuer": issuer(ports), "jwks": jwks(ports), "line": ports["line"]}
    return PROVIDER.format(name=name, client=CLIENT, **told)


def told_of_log_outs(ports: Mapping[str, int]) -> str:
    """Say where the provider tells Apache of log-outs, which then lets nobody through."""
    return f"http://secure.lunasec.localhost:{ports['secure']}/proxy/callback?logout=backchannel"


def _callback(ports: Mapping[str, int]) -> str:
    return f"http://back.lunasec.localhost:{ports['secure']}/proxy/callback"


def identity(
    folder: Path, ports: Mapping[str, int], *, log_outs: str | None = None, life: int = 3600
) -> list[str | Path]:
    """Write a secret for both, Apache's in `folder`, and say what starts the provider.

    It has one address for log-outs; without `log_outs` it is Apache's. Its ID tokens, and Apache's
    sessions with them, are good for `life` seconds.
    """
    secret = secrets.token_urlsafe(32)
    own = f'OIDCClientSecret "{secret}"\nOIDCCryptoPassphrase "{secrets.token_urlsafe(32)}"\n'
    _private(folder / "secrets.conf", own.encode())
    client = {
        "client_id": CLIENT,
        "client_secret": secret,
        "redirect_uris": [_callback(ports)],
        "post_logout_redirect_uris": [f"http://app.lunasec.localhost:{ports['app']}/"],
        "backchannel_logout_uri": log_outs or told_of_log_outs(ports),
        "backchannel_logout_session_required": True,  # Puts `sid` into the ID token.
        "require_auth_time": True,  # For policies that ask for a fresh log-in.
    }
    own_port = str(ports["log-in"])
    return ["node", IDENTITY, own_port, issuer(ports), json.dumps(client), str(life)]


def certify(tokenizer: Path, apache: Path) -> None:
    """Make a certificate for each of the two, in its folder, and give it to the other."""
    line, key = self_signed.to_serve(["secure.lunasec.localhost"])
    (tokenizer / "line.pem").write_bytes(line)
    _private(tokenizer / "line.key", key)
    (apache / "servers.pem").write_bytes(line)
    own, key = self_signed.to_ask("apache.internal")
    (tokenizer / "proxies.pem").write_bytes(own)
    _private(apache / "proxy-and-key.pem", own + key)


def _private(path: Path, data: bytes) -> None:
    with private_file.locked(path):
        private_file.write(path, data)
