"""`[applications.NAME.provider]` with `kind = "oidc"`: frames log in with the provider itself."""

from pathlib import Path
from typing import Annotated, Final
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import replace

from lunasec.errors import ConfigurationInvalid
from lunasec.jose.claims import CLOCK_SKEW
from lunasec.jose.presets import LONGEST_LIFE, NOBODY, Provider
from lunasec.jose.quirks import PLAIN
from lunasec.jose.sources import check_source
from lunasec.tokenizer import tables
from lunasec.tokenizer.issuers import Algorithm, DeniedKeys, Leeway

ALGORITHMS: Final = ("RS256", "ES256", "PS256", "EdDSA")


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
            description="What is asked for. Only who it is counts.",
            examples=["openid"],
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
    algorithms: Annotated[
        list[Algorithm],
        Meta(
            min_length=1,
            description="The algorithms that it may sign with.",
            examples=[["RS256"]],
            extra={"wants": "a list of algorithms (RS256, PS256, ES256, EdDSA, …)"},
        ),
    ] = msgspec.field(default_factory=lambda: list[Algorithm](ALGORITHMS))
    denied_subjects: Annotated[
        list[str],
        Meta(
            description="Users who are nobody, whatever the provider says of them.",
            examples=[["anonymous"]],
            extra={"wants": "a list of texts"},
        ),
    ] = msgspec.field(default_factory=lambda: list(NOBODY))
    denied_keys: DeniedKeys = []
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

    @property
    def issuer(self) -> str:
        """Name the identity provider."""
        return self.tokens.issuer

    @property
    def client_id(self) -> str:
        """Name the client that we are to it."""
        return self.tokens.audience


def check(
    name: str, table: OidcTable, *, origin: str, origins: tuple[str, ...], directory: Path
) -> RelyingParty:
    """Check what the types can't say of an application's identity provider.

    Raises: `ConfigurationInvalid`.
    """
    setting = f"applications.{name}.provider"
    described = f"{table.issuer.rstrip('/')}/.well-known/openid-configuration"
    check_source(f"{setting}.issuer", described)
    if urlsplit(table.issuer).query:
        raise ConfigurationInvalid(f"{setting}.issuer: an issuer has no query.")
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
            denied_subjects=frozenset({"", *table.denied_subjects}),
            denied_keys=frozenset(table.denied_keys),
            leeway=table.leeway,
            longest_life=LONGEST_LIFE,
            quirks=PLAIN,
        ),
        client_secret=None if secret is None else tables.path(directory, secret),
        redirect=f"{origin}/session/log-in/{name}/callback",
        landing=_landing(f"{setting}.landing", table.landing or f"{origins[0]}/", origins),
        hosts=frozenset({urlsplit(table.issuer).netloc, *table.hosts}),
        scope=table.scope,
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
