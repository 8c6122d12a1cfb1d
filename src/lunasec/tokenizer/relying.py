"""`[applications.NAME.provider]` with `kind = "oidc"`: frames log in with the provider itself."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import replace

from lunasec.errors import ConfigurationInvalid
from lunasec.jose.claims import CLOCK_SKEW
from lunasec.jose.overrides import (
    LONGEST_LIFE,
    Algorithm,
    Algorithms,
    check_claims,
    check_text,
)
from lunasec.jose.presets import NOBODY, Provider, denied
from lunasec.jose.quirks import PLAIN
from lunasec.jose.sources import check_address, check_networks
from lunasec.tokenizer import tables
from lunasec.tokenizer.issuers import ALGORITHMS, DeniedKeys, Leeway, PrivateNetworks

TAKEN: Final = ("RS256", "ES256", "PS256", "EdDSA")


class Prompt(StrEnum):
    """What a provider is to ask a person (OpenID Connect Core 1.0, section 3.1.2.1)."""

    NONE = "none"
    """Nothing: it answers without a page, or not at all."""
    LOGIN = "login"
    """Who that is, though it knows: a policy wants it confirmed."""


class OidcTable(
    Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="kind", tag="oidc"
):
    """`[applications.NAME.provider]` as it stands in the file, where its kind is `oidc`."""

    issuer: Annotated[
        str,
        Meta(
            min_length=1,
            description="The identity provider, to the letter: what it is and where, it says at"
            " `/.well-known/openid-configuration` below it.",
            examples=["https://login.example.com"],
            extra={"wants": "an https address, or a plain http one of this machine"},
        ),
    ]
    client_id: Annotated[
        str,
        Meta(
            min_length=1,
            description="The id of the client that the tokenizer is there.",
            examples=["tokenizer"],
            extra={"wants": "a text"},
        ),
    ]
    client_secret: Annotated[
        Annotated[str, Meta(min_length=1)] | None,
        Meta(
            description="The file with that client's secret, which nobody else may read; relative"
            " to the configuration file. Without it, it is a public client: PKCE alone protects"
            " its codes.",
            examples=["oidc.secret"],
            extra={"wants": "the path of a file"},
        ),
    ] = None
    landing: Annotated[
        Annotated[str, Meta(min_length=1)] | None,
        Meta(
            description="Where a log-in comes back to: an address of the application. Without it,"
            " the root of its first origin.",
            examples=["https://app.example.com/"],
            extra={"wants": "an address below one of the application's origins"},
        ),
    ] = None
    hosts: Annotated[
        list[str],
        Meta(
            description="Hosts, beside the issuer's own, that may be named there: for its"
            " log-in page, its tokens and its keys.",
            examples=[["oauth2.example.com"]],
            extra={"wants": "a list of hosts, with a port where it is not the usual one"},
        ),
    ] = []
    scope: Annotated[
        str,
        Meta(
            pattern=r"^openid( [\x21\x23-\x5b\x5d-\x7e]+)*$",
            description="What is asked for. Only who it is counts, and what policies ask for.",
            examples=["openid groups"],
            extra={"wants": "openid, and others behind it"},
        ),
    ] = "openid"
    session_claim: Annotated[
        str,
        Meta(
            description="The claim with the provider's session id. The application's ID token has"
            " to have the same one. Empty where there is none: all browsers of a user share one"
            " session then.",
            examples=["sid"],
            extra={"wants": "the name of a claim, or an empty text"},
        ),
    ] = "sid"
    acr_values: Annotated[
        list[Annotated[str, Meta(pattern=r"^[\x21-\x7e]+$")]],
        Meta(
            description="What a person is asked for who has to confirm who that is, the most wanted"
            " first: the values of `acr` that a policy with `@step_up` takes.",
            examples=[["urn:mace:incommon:iap:silver"]],
            extra={"wants": "a list of texts without blanks"},
        ),
    ] = []
    algorithms: Annotated[
        Algorithms,
        Meta(
            description="The algorithms that it may sign with.",
            examples=[["RS256"]],
            extra=ALGORITHMS,
        ),
    ] = msgspec.field(default_factory=lambda: list[Algorithm](TAKEN))
    denied_subjects: Annotated[
        list[str],
        Meta(
            description="Users who are nobody, whatever the provider says of them.",
            examples=[["anonymous"]],
            extra={"wants": "a list of texts"},
        ),
    ] = msgspec.field(default_factory=lambda: list(NOBODY))
    denied_keys: DeniedKeys = []
    private_networks: PrivateNetworks = []
    leeway: Leeway = CLOCK_SKEW


class RelyingParty(Struct, frozen=True, kw_only=True):
    """What the tokenizer is to one application's identity provider."""

    tokens: Provider
    """Whose ID tokens count; their audience is our client's id. `jwks` is where it describes
    itself, and there is said where its keys are."""
    client_secret: Path | None
    redirect: str
    landing: str
    hosts: frozenset[str]
    scope: str
    acr_values: str
    asks_age: bool
    """Whether policies may ask when a person logged in, which a provider says where it has to."""

    @property
    def issuer(self) -> str:
        """Name the identity provider."""
        return self.tokens.issuer

    @property
    def client_id(self) -> str:
        """Name the client that we are to it."""
        return self.tokens.audience


def check(
    name: str,
    table: OidcTable,
    *,
    origin: str,
    origins: tuple[str, ...],
    directory: Path,
    policies: bool,
) -> RelyingParty:
    """Check what the types can't say of an application's identity provider.

    Raises: `ConfigurationInvalid`.
    """
    setting = f"applications.{name}.provider"
    described = f"{table.issuer.rstrip('/')}/.well-known/openid-configuration"
    check_text(f"{setting}.issuer", table.issuer)
    check_address(f"{setting}.issuer", table.issuer, example="https://login.example.com")
    check_claims(setting, table.session_claim, "sub")
    if urlsplit(table.issuer).query:
        raise ConfigurationInvalid(f"{setting}.issuer: an issuer has no query.")
    if table.acr_values and not policies:
        raise ConfigurationInvalid(
            f"{setting}.acr_values: got {tables.shown(table.acr_values)} without policies, so"
            " nobody would be asked for them; wants a policy with @step_up as well."
        )
    secret = table.client_secret
    return RelyingParty(
        tokens=Provider(
            issuer=table.issuer,
            jwks=described,
            audience=table.client_id,
            names_upstream=True,
            header="",
            session_claim=table.session_claim,
            subject_claim="sub",
            algorithms=frozenset(table.algorithms),
            types=frozenset({None, "JWT"}),
            denied_subjects=denied(table.denied_subjects),
            denied_keys=frozenset(table.denied_keys),
            private_networks=check_networks(f"{setting}.private_networks", table.private_networks),
            leeway=table.leeway,
            longest_life=LONGEST_LIFE,
            quirks=PLAIN,
        ),
        client_secret=None if secret is None else tables.path(directory, secret),
        redirect=f"{origin}/session/log-in/{name}/callback",
        landing=_landing(f"{setting}.landing", table.landing or f"{origins[0]}/", origins),
        hosts=frozenset({urlsplit(table.issuer).netloc, *table.hosts}),
        scope=table.scope,
        acr_values=" ".join(table.acr_values),
        asks_age=policies,
    )


def log_out(party: RelyingParty) -> Provider:
    """Say whose log-out tokens count: those of the provider itself, sent to our own client."""
    return replace(party.tokens, types=frozenset({None, "logout+jwt"}))


def _landing(setting: str, landing: str, origins: tuple[str, ...]) -> str:
    plain = landing.isascii() and landing.isprintable() and " " not in landing
    if plain and any(landing.startswith(f"{each}/") for each in origins):
        return landing
    raise ConfigurationInvalid(
        f'{setting}: got "{landing}", wants an address below one of the application\'s origins;'
        f' for example landing = "{origins[0]}/".'
    )
