"""A token of each kind of auth proxy, as its documentation shows one, and what it is configured by.

Sources: oauth2-proxy, Envoy, Traefik, Caddy, nginx and Apache pass on what an identity provider
signed (OpenID Connect Core, section 2; RFC 9068, section 2); Authelia's page "OpenID Connect 1.0
Claims"; Cloudflare's page "Application
token"; AWS's page "Authenticate users using an Application Load Balancer", with its own library
`aws-jwt-verify`; Google's page "Securing your app with signed headers".
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from joserfc.jwk import ECKey, RSAKey

from lunasec.errors import NotProxied
from lunasec.jose.fetched import Read
from lunasec.jose.presets import Provider
from lunasec.jose.proxied import Named, ProxyTokens
from lunasec.tokenizer.providers import PresetName, ProviderTable, check
from tests.crypto.signing import Key, key_set, pem_of, signed

NOW = 1_900_000_000
ORIGIN = "https://secure.example.com"
IDP = "https://login.example.com"
TEAM = "https://example.cloudflareaccess.com"
TAG = "32eafc7626e974616deaf0dc3ce63d7bcbed58a2731e84d06bc3cdf1b53c4228"
ARN = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/app/secure/50dc6c495c0c"
BACKEND = "/projects/123456789012/global/backendServices/1234567890123456789"
UUID = "1a2b3c4d-0000-4000-8000-123456789abc"

RSA = RSAKey.generate_key(2048, {"kid": "rsa-1"})
EC = ECKey.generate_key("P-256", {"kid": UUID})


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of token: its header and its claims, signed with `key`."""

    preset: PresetName
    header: Mapping[str, Any]
    claims: Mapping[str, Any]
    carrier: str = "authorization"
    key: Key = field(default_factory=lambda: RSA)
    settings: Mapping[str, Any] = field(default_factory=dict[str, Any])
    subject: str = "ada"
    padded: bool = False

    def token(
        self,
        header: Mapping[str, Any] | None = None,
        key: Key | None = None,
        algorithm: str | None = None,
        **claims: object,
    ) -> str:
        """Sign it, with other members than it has; one that is None is left out."""
        merged = {**self.header, **(header or {})}
        stated = {**self.claims, **claims}
        return signed(
            {name: each for name, each in merged.items() if each is not None},
            {name: each for name, each in stated.items() if each is not None},
            key or self.key,
            algorithm=algorithm or self.header["alg"],
            padded=self.padded,
        )

    def tokens(self, read: Read | None = None, **more: Any) -> ProxyTokens:  # noqa: ANN401 - settings
        """Make what verifies it."""
        return ProxyTokens(self.provider(**more), read or published, _tell)

    def provider(self, **more: Any) -> Provider:  # noqa: ANN401 - settings
        """Read a configuration that says no more than it has to."""
        own: dict[str, Any] = {
            "issuer": self.claims.get("iss") or self.header["iss"],
            "jwks": "https://a.example/",
        }
        table = self.table(**(own | dict(self.settings) | more))
        return check("provider", table, ORIGIN, Path("/"))

    def table(self, **more: Any) -> ProviderTable:  # noqa: ANN401 - settings
        """Write that configuration."""
        return ProviderTable(preset=self.preset, **more)


def published(source: str | Path) -> bytes:
    """Answer the keys of all of these proxies."""
    return pem_of(EC) if UUID in str(source) else json.dumps(key_set(RSA, EC)).encode()


def _tell(_reason: str) -> None:
    """Say nothing."""


async def named(tokens: ProxyTokens, text: str, now: float = NOW) -> Named | None:
    """Verify a token; None where it is refused."""
    try:
        return await tokens.verify(text, now=now)
    except NotProxied:
        return None


_ID = {"alg": "RS256", "kid": "rsa-1"}
_PERSON = {"sub": "ada", "sid": "08a5019c-17e1-4977-8f42-65a12843ea02"}
_TIMES = {"iat": NOW - 5, "exp": NOW + 295}
_ID_TOKEN = {"iss": IDP, "aud": "tokenizer", **_TIMES, **_PERSON, "nonce": "n-0S6_WzA2Mj"}
_ACCESS = {"iss": IDP, "aud": ORIGIN, **_TIMES, **_PERSON, "client_id": "proxy", "jti": "1"}
_CLIENT = {"audience": "tokenizer"}

KINDS = (
    Kind(
        preset="oathkeeper",
        header={**_ID, "typ": "JWT"},
        claims={**_ACCESS, "aud": [ORIGIN], "nbf": NOW - 5},
    ),
    Kind(
        preset="kratos",
        header={"alg": "ES256", "kid": UUID, "typ": "JWT"},
        claims={**_ACCESS, "nbf": NOW - 5},
        key=EC,
    ),
    Kind(
        preset="pomerium",
        header={"alg": "ES256", "kid": UUID, "typ": "JWT"},
        claims={
            **_ACCESS,
            "iss": "secure.example.com",
            "aud": "secure.example.com",
            "email": "ada@example.com",
        },
        carrier="x-pomerium-jwt-assertion",
        key=EC,
    ),
    Kind(preset="oidc", header={**_ID, "typ": "at+jwt"}, claims=_ACCESS),
    Kind(preset="oauth2-proxy", header=_ID, claims=_ID_TOKEN, settings=_CLIENT),
    Kind(preset="envoy", header={**_ID, "typ": "at+jwt"}, claims=_ACCESS),
    Kind(preset="traefik", header={**_ID, "typ": "JWT"}, claims=_ACCESS),
    Kind(preset="caddy", header={**_ID, "typ": "JWT"}, claims=_ACCESS),
    Kind(preset="nginx", header={**_ID, "typ": "JWT"}, claims=_ACCESS),
    Kind(preset="apache", header={**_ID, "typ": "at+jwt"}, claims=_ACCESS),
    Kind(
        preset="authentik",
        header={"alg": "ES256", "kid": UUID, "typ": "JWT"},
        claims={**_ID_TOKEN, "sid": "9f" * 32, "amr": ["pwd"], "azp": "tokenizer"},
        key=EC,
        settings=_CLIENT,
    ),
    Kind(
        preset="authelia",
        header={**_ID, "typ": "JWT"},
        claims={
            "iss": IDP,
            "jti": "63c19d22-9f62-4d10-9bb1-8ebe1d4fd3a6",
            "sub": "ada",
            "aud": ["tokenizer"],
            **_TIMES,
            "auth_time": NOW - 60,
            "nonce": "n-0S6_WzA2Mj",
            "amr": ["pwd"],
            "azp": "tokenizer",
        },
        settings=_CLIENT,
    ),
    Kind(
        preset="cloudflare-access",
        header={**_ID, "typ": "JWT"},
        claims={
            "aud": [TAG],
            "email": "user@example.com",
            "exp": NOW + 55,
            "iat": NOW - 5,
            "nbf": NOW - 5,
            "iss": TEAM,
            "type": "app",
            "identity_nonce": "6ei69kawdKzMIAPF",
            "sub": "7335d417-61da-459d-899c-0a01c76a2f94",
            "country": "US",
        },
        carrier="cf-access-jwt-assertion",
        settings={"audience": TAG, "session_claim": "identity_nonce"},
        subject="7335d417-61da-459d-899c-0a01c76a2f94",
    ),
    Kind(
        preset="aws-alb",
        header={
            "typ": "JWT",
            "kid": UUID,
            "alg": "ES256",
            "iss": IDP,
            "client": "tokenizer",
            "signer": ARN,
            "exp": NOW + 115,
        },
        claims={**_PERSON, "email": "ada@example.com", "exp": NOW + 115, "iss": IDP},
        carrier="x-amzn-oidc-data",
        key=EC,
        settings={
            "audience": ARN,
            "session_claim": "sid",
            "jwks": "https://public-keys.auth.elb.eu-central-1.amazonaws.com/{kid}",
        },
        padded=True,
    ),
    Kind(
        preset="google-iap",
        header={"alg": "ES256", "kid": UUID, "typ": "JWT"},
        claims={
            "iss": "https://cloud.google.com/iap",
            "aud": BACKEND,
            "iat": NOW - 5,
            "exp": NOW + 595,
            "sub": "accounts.google.com:114321",
            "email": "ada@example.com",
            "hd": "example.com",
            "google": {"access_levels": ["accessPolicies/1/accessLevels/2"]},
            "sid": "configured",
        },
        carrier="x-goog-iap-jwt-assertion",
        key=EC,
        settings={"audience": BACKEND, "session_claim": "sid"},
        subject="accounts.google.com:114321",
    ),
)
BY_NAME = {each.preset: each for each in KINDS}
