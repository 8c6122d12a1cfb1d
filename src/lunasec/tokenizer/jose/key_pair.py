"""New key pairs for applications: the private half for the application, the public one for us."""

import json
from dataclasses import dataclass

from joserfc.jwk import OKPKey


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyPair:
    """A private JWK (RFC 7517, section 4) and the public JWKS (section 5), as JSON."""

    private: bytes
    public: bytes


def key_pair() -> KeyPair:
    """Make an Ed25519 key pair (RFC 8037), named by its thumbprint (RFC 7638)."""
    key = OKPKey.generate_key("Ed25519", auto_kid=True)
    public = {**key.as_dict(private=False), "alg": "EdDSA", "use": "sig"}
    return KeyPair(
        private=_json(key.as_dict(private=True)),
        public=_json({"keys": [public]}),
    )


def _json(document: object) -> bytes:
    return json.dumps(document, indent=2).encode() + b"\n"
