"""What is known of each kind of auth proxy: rows of data, which a configuration may override."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final, Unpack
from urllib.parse import urlsplit

from msgspec import Struct
from msgspec.structs import replace

from lunasec.errors import ConfigurationInvalid
from lunasec.jose import overrides as own
from lunasec.jose.claims import CLOCK_SKEW
from lunasec.jose.overrides import LONGEST_LIFE, Overrides
from lunasec.jose.quirks import PLAIN, Quirks
from lunasec.jose.sources import PLACE, Network, check_networks, check_source, has_own_places
from lunasec.quoting import shown

BEARER: Final = "authorization"
"""The header whose token has `Bearer` before it (RFC 6750, section 2.1); in no other it has."""

UNDATED_LIFE: Final = 10 * 60
"""The same where tokens say neither whose session it is nor when they were made: for so long, a
log-out can't be told from what was signed before it."""

NOBODY: Final = ("", "anonymous", "guest")
"""Subjects that proxies give to who is not logged in."""


def _folded(subject: str) -> str:
    return subject.strip().casefold()


def denied(subjects: Iterable[str]) -> frozenset[str]:
    """Give the users who are nobody, for `Provider`; who has no name is always one of them."""
    return frozenset({"", *map(_folded, subjects)})


class Provider(Struct, frozen=True, kw_only=True):
    """An auth proxy as one side of it is configured; `jwks` is an address, or a file."""

    issuer: str
    jwks: str | Path
    audience: str
    names_upstream: bool
    """Whether `aud` is the proxy's own name for one upstream, which no other's tokens have."""
    header: str
    session_claim: str
    """Empty where its tokens name no session: the browsers of a user share one then."""
    subject_claim: str
    algorithms: frozenset[str]
    types: frozenset[str | None]
    denied_subjects: frozenset[str]
    """As `denied` gives them."""
    denied_keys: frozenset[str]
    private_networks: tuple[Network, ...]
    """Which its host's name may lead into."""
    leeway: int
    longest_life: int
    quirks: Quirks

    @property
    def realm(self) -> str:
        """Give what sessions and users are named under, on both sides."""
        return self.quirks.realm or self.issuer

    def denies(self, subject: str) -> bool:
        """Say whether a user is nobody; proxies write "Anonymous" as well as "anonymous"."""
        return _folded(subject) in self.denied_subjects

    def token_in(self, value: str) -> str:
        """Take the token out of the header's value; empty where there is none."""
        if self.header != BEARER:
            return value
        scheme, _, text = value.partition(" ")
        return text if scheme.lower() == "bearer" else ""


class Preset(Struct, frozen=True, kw_only=True):
    """Where a proxy puts its token, how it signs it, and what its claims are called."""

    header: str
    algorithms: tuple[str, ...]
    types: frozenset[str | None] = frozenset({"JWT"})
    session_claim: str = "sid"
    """Empty where the tokens name no session."""

    subject_claim: str = "sub"
    audience: str = ""
    """What the audience is, where it can't be an origin."""

    audience_is_host: bool = False
    """Whether it is the host of the origin, and not the origin."""

    names_upstream: bool = False

    key_places: bool = False
    """Whether each key has a place of its own, so that there is no set."""

    quirks: Quirks = PLAIN

    def audience_of(self, origin: str) -> str:
        """Give the audience that goes without saying; empty where there is none."""
        if self.audience:
            return ""
        return urlsplit(origin).hostname or "" if self.audience_is_host else origin

    def provider(
        self,
        where: str,
        *,
        issuer: str,
        jwks: str | Path,
        audience: str,
        **overrides: Unpack[Overrides],
    ) -> Provider:
        """Fill in what the preset knows; `where` is what a refusal begins with.

        Raises: `ConfigurationInvalid`.
        """
        own.check(where, overrides)
        own.check_text(f"{where}.issuer", issuer)
        check_source(f"{where}.jwks", jwks)
        header = overrides.get("header") or self.header
        own.check_header(f"{where}.header", header)
        said = overrides.get("session_claim")
        session_claim = self.session_claim if said is None else said
        subject_claim = overrides.get("subject_claim") or self.subject_claim
        own.check_claims(where, session_claim, subject_claim)
        longest_life = overrides.get("longest_life", LONGEST_LIFE)
        if not session_claim and not self.quirks.dated and longest_life > UNDATED_LIFE:
            raise ConfigurationInvalid(
                f"{where}.longest_life: got {longest_life}, wants 1 to {UNDATED_LIFE}, since this"
                " proxy's tokens say neither which session they are of nor when they were made, and"
                " who logs out is kept out for so long; for example longest_life = 120. Or name a"
                " session_claim."
            )
        if not audience:
            raise ConfigurationInvalid(
                f"{where}.audience: got nothing, wants {self.audience or 'a text'}."
            )
        own.check_text(f"{where}.audience", audience)
        if self.key_places and not has_own_places(jwks):
            raise ConfigurationInvalid(
                f"{where}.jwks: got {shown(str(jwks))}, wants an address with {PLACE} in its path,"
                " since each of this proxy's keys has its own; for example"
                f' "https://public-keys.auth.elb.REGION.amazonaws.com/{PLACE}".'
            )
        return Provider(
            issuer=issuer,
            jwks=jwks,
            audience=audience,
            names_upstream=self.names_upstream,
            header=header.lower(),
            session_claim=session_claim,
            subject_claim=subject_claim,
            algorithms=frozenset(overrides.get("algorithms") or self.algorithms),
            types=self.types,
            denied_subjects=denied(overrides.get("denied_subjects", NOBODY)),
            denied_keys=frozenset(overrides.get("denied_keys", ())),
            private_networks=check_networks(
                f"{where}.private_networks", overrides.get("private_networks", ())
            ),
            leeway=overrides.get("leeway", CLOCK_SKEW),
            longest_life=longest_life,
            quirks=self.quirks,
        )


# What an identity provider signed, passed on: an ID token (OpenID Connect Core, section 2), whose
# `aud` is the client's id, or an access token (RFC 9068), whose `aud` is the upstream.
_PASSED_ON: Final = Preset(
    header=BEARER,
    algorithms=("RS256", "ES256", "PS256"),
    types=frozenset({None, "JWT", "at+jwt"}),
)

PRESETS: Final[Mapping[str, Preset]] = MappingProxyType(
    {
        # The `id_token` mutator; the recipe's claims template adds `aud` and `sid`.
        "oathkeeper": Preset(header=BEARER, algorithms=("RS256", "ES256")),
        # `session.tokenize_as`; the session's id is in the claims of each template.
        "kratos": Preset(header=BEARER, algorithms=("ES256", "RS256")),
        # An assertion for each route; `iss` and `aud` are the route's host, `sid` the session.
        "pomerium": Preset(
            header="x-pomerium-jwt-assertion",
            algorithms=("ES256",),
            audience_is_host=True,
            quirks=Quirks(realm="pomerium"),
        ),
        "oidc": _PASSED_ON,
        # `pass_authorization_header` or `set_authorization_header`: the ID token.
        "oauth2-proxy": _PASSED_ON,
        # `jwt_authn` with `forward`, `oauth2` with `forward_bearer_token`, or what the service
        # behind `ext_authz` answers. What `forward_payload_header` writes is not signed.
        "envoy": _PASSED_ON,
        # What the service that each of them asks has answered in `Authorization`.
        "traefik": _PASSED_ON,
        "caddy": _PASSED_ON,
        "nginx": _PASSED_ON,
        # `OIDC_access_token` or `OIDC_id_token`, put into `Authorization`.
        "apache": _PASSED_ON,
        # Of an OAuth2 provider with a signing key. `X-authentik-jwt` of a proxy provider is signed
        # with the client's secret (HS256): whoever can check that could sign it.
        "authentik": Preset(
            header=BEARER, algorithms=("RS256", "ES256"), types=frozenset({None, "JWT", "at+jwt"})
        ),
        # Of its OpenID Connect provider, whose claims name no session. `Remote-User` and its kin
        # are not signed.
        "authelia": replace(_PASSED_ON, session_claim=""),
        # `aud` is a list of one tag; of a service token `sub` is empty. `identity_nonce` is for
        # looking a user up, and documented as no session.
        "cloudflare-access": Preset(
            header="cf-access-jwt-assertion",
            algorithms=("RS256",),
            session_claim="",
            audience="the AUD tag of the Access application before the tokenizer",
            names_upstream=True,
        ),
        # User claims; the rest is in the JOSE header, and base64url has its padding.
        "aws-alb": Preset(
            header="x-amzn-oidc-data",
            algorithms=("ES256",),
            session_claim="",
            key_places=True,
            audience="the ARN of the load balancer before the tokenizer, which signs",
            quirks=Quirks(
                audience_claim="signer",
                header_claims=frozenset({"iss", "exp", "signer", "client"}),
                padded=True,
                dated=False,
            ),
        ),
        "google-iap": Preset(
            header="x-goog-iap-jwt-assertion",
            algorithms=("ES256",),
            types=frozenset({None, "JWT"}),
            session_claim="",
            audience="/projects/NUMBER/global/backendServices/ID of the tokenizer",
            names_upstream=True,
        ),
    }
)
