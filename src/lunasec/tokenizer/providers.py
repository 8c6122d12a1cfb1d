"""`[applications.NAME.provider]`: the auth proxy that signs who is calling, read and checked."""

from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import replace

from lunasec.errors import ConfigurationInvalid
from lunasec.jose.claims import CLOCK_SKEW
from lunasec.jose.overrides import LONGEST_LIFE, Algorithms, ClaimName, HeaderName, Life
from lunasec.jose.presets import NOBODY, PRESETS, Provider
from lunasec.jose.quirks import PLAIN
from lunasec.jose.sources import check_source
from lunasec.tokenizer import tables
from lunasec.tokenizer.issuers import ALGORITHMS, DeniedKeys, Leeway, PrivateNetworks

PresetName = Literal[
    "oathkeeper",
    "kratos",
    "pomerium",
    "oidc",
    "oauth2-proxy",
    "envoy",
    "traefik",
    "caddy",
    "nginx",
    "apache",
    "authentik",
    "authelia",
    "cloudflare-access",
    "aws-alb",
    "google-iap",
]


class ProviderTable(
    Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="kind", tag="proxy"
):
    """`[applications.NAME.provider]` as it stands in the file."""

    preset: Annotated[
        PresetName,
        Meta(
            description="Which proxy stands before the application and the tokenizer.",
            examples=["oathkeeper"],
        ),
    ]
    issuer: Annotated[
        str,
        Meta(
            min_length=1,
            description="The `iss` of the proxy's tokens, to the letter.",
            examples=["https://proxy.example.com"],
            extra={"wants": "a text"},
        ),
    ]
    jwks: Annotated[
        str,
        Meta(
            min_length=1,
            description="Where its public keys are: the address of a JWKS, or a file relative to"
            " the configuration file. With `{kid}` in the path, each key has its own, a PEM.",
            examples=["https://proxy.example.com/.well-known/jwks.json"],
            extra={"wants": "an https address, a plain http one of this machine, or a path"},
        ),
    ]
    audience: Annotated[
        Annotated[str, Meta(min_length=1)] | None,
        Meta(
            description="The `aud` of the tokens that the proxy sends to the tokenizer. Those that"
            " it sends to the application must have another one. Without it, the tokenizer's"
            " origin, or with `pomerium` its host; `aws-alb`, `cloudflare-access` and `google-iap`"
            " have no origin there.",
            examples=["https://secure.example.com"],
            extra={"wants": "a text"},
        ),
    ] = None
    client_certificate: Annotated[
        Literal["required"] | None,
        Meta(
            description="With `required`, its tokens count through `[proxy_listener]` alone, where"
            " it presents its certificate. For a proxy that can't sign a token for the tokenizer"
            " alone: what the application is sent would open the tokenizer otherwise.",
            examples=["required"],
        ),
    ] = None
    header: Annotated[
        HeaderName | None,
        Meta(
            description="The header with the token, if it is not the preset's.",
            examples=["X-Assertion"],
            extra={"wants": "the name of a header"},
        ),
    ] = None
    session_claim: Annotated[
        str | None,
        Meta(
            description="The claim with the proxy's session id, if it is not the preset's. Empty"
            " where there is none, as by themselves with `authelia`, `aws-alb`,"
            " `cloudflare-access` and `google-iap`: all browsers of a user share one session then,"
            " and log out together.",
            examples=["sid"],
            extra={"wants": "the name of a claim, or an empty text"},
        ),
    ] = None
    subject_claim: Annotated[
        ClaimName | None,
        Meta(
            description="The claim with the user's id, if it is not the preset's.",
            examples=["sub"],
            extra={"wants": "the name of a claim"},
        ),
    ] = None
    algorithms: Annotated[
        Algorithms | None,
        Meta(
            description="The algorithms that it signs with, if they are not the preset's.",
            examples=[["RS256"]],
            extra=ALGORITHMS,
        ),
    ] = None
    denied_subjects: Annotated[
        list[str],
        Meta(
            description="Users who are nobody, whatever the proxy says of them, in capitals or"
            " small letters.",
            examples=[["anonymous"]],
            extra={"wants": "a list of texts"},
        ),
    ] = msgspec.field(default_factory=lambda: list(NOBODY))
    denied_keys: DeniedKeys = []
    private_networks: PrivateNetworks = []
    leeway: Leeway = CLOCK_SKEW
    longest_life: Annotated[
        Life,
        Meta(
            description="The longest life that one of its tokens may have.",
            examples=[3600],
            extra={"unit": "seconds"},
        ),
    ] = LONGEST_LIFE
    logout_audience: Annotated[
        Annotated[str, Meta(min_length=1)] | None,
        Meta(
            description="The `aud` of the log-out tokens that the identity provider sends (OpenID"
            " Connect Back-Channel Logout): the id of the client that is logged out. Without it,"
            " none is taken.",
            examples=["tokenizer"],
            extra={"wants": "a text"},
        ),
    ] = None
    logout_issuer: Annotated[
        Annotated[str, Meta(min_length=1)] | None,
        Meta(
            description="Their `iss`, if it is not `issuer`.",
            examples=["https://login.example.com"],
            extra={"wants": "a text"},
        ),
    ] = None
    logout_jwks: Annotated[
        Annotated[str, Meta(min_length=1)] | None,
        Meta(
            description="Where the keys are that sign them, if not in `jwks`.",
            examples=["https://login.example.com/jwks"],
            extra={"wants": "an https address, a plain http one of this machine, or a path"},
        ),
    ] = None
    logout_algorithms: Annotated[
        Algorithms | None,
        Meta(
            description="The algorithms that they are signed with, if not those of the tokens.",
            examples=[["RS256"]],
            extra=ALGORITHMS,
        ),
    ] = None


def check(setting: str, table: ProviderTable, origin: str, directory: Path) -> Provider:
    """Fill in what the preset knows.

    Raises: `ConfigurationInvalid`.
    """
    preset = PRESETS[table.preset]
    return preset.provider(
        setting,
        issuer=table.issuer,
        jwks=_source(table.jwks, directory),
        audience=table.audience or preset.audience_of(origin),
        header=table.header,
        session_claim=table.session_claim,
        subject_claim=table.subject_claim,
        algorithms=table.algorithms,
        denied_subjects=table.denied_subjects,
        denied_keys=table.denied_keys,
        private_networks=table.private_networks,
        leeway=table.leeway,
        longest_life=table.longest_life,
    )


def check_log_out(
    setting: str, table: ProviderTable, provider: Provider, directory: Path
) -> Provider | None:
    """Say whose log-out tokens count; None where log-out by an identity provider is off.

    Raises: `ConfigurationInvalid`.
    """
    if table.logout_audience is None:
        for name in ("logout_issuer", "logout_jwks", "logout_algorithms"):
            if getattr(table, name) is not None:
                raise ConfigurationInvalid(
                    f"{setting}.logout_audience: got nothing, wants a text, since {name} is given"
                    ' and nothing is taken without it; for example logout_audience = "tokenizer".'
                )
        return None
    if provider.subject_claim != "sub":
        raise ConfigurationInvalid(
            f'{setting}.logout_audience: got "{table.logout_audience}" beside subject_claim ='
            f' "{provider.subject_claim}"; a log-out token names users by "sub" alone, so the'
            ' proxy\'s tokens have to do so too, with subject_claim = "sub".'
        )
    jwks = provider.jwks if table.logout_jwks is None else _source(table.logout_jwks, directory)
    check_source(f"{setting}.logout_jwks", jwks)
    return replace(
        provider,
        issuer=table.logout_issuer or provider.issuer,
        jwks=jwks,
        audience=table.logout_audience,
        algorithms=frozenset(table.logout_algorithms or provider.algorithms),
        types=frozenset({None, "logout+jwt"}),
        longest_life=LONGEST_LIFE,  # how old one may be, `iat` says
        quirks=PLAIN,
    )


def _source(text: str, directory: Path) -> str | Path:
    return text if "://" in text else tables.path(directory, text)
