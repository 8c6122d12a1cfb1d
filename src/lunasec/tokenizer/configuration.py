"""The configuration file: its tables, and a reader whose refusals say what to write instead.

What is said of a setting here is said once: in refusals, and in `docs/configuration.md`.
"""

from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from lunasec.tokenizer.fonts import FontTables
from lunasec.tokenizer.providers import ProviderTable
from lunasec.tokenizer.proxy_listener import ProxyListenerTable
from lunasec.tokenizer.relying import OidcTable
from lunasec.tokenizer.validators import Validator

ORIGIN: Final = "an origin: https, a host, perhaps a port; plain http only below localhost"
ADDRESS: Final = "an IP address and a port"
ERASE_DELAY: Final = 7 * 24 * 3600


class ApplicationTable(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`[applications.NAME]` as it stands in the file."""

    origins: Annotated[
        list[str],
        Meta(
            min_length=1,
            description="The origins of the application's pages: they alone may frame the"
            " tokenizer. An origin belongs to one application.",
            examples=[["https://app.example.com"]],
            extra={"wants": "a list of origins"},
        ),
    ]
    keys: Annotated[
        str,
        Meta(
            min_length=1,
            description="The file with the application's public keys (a JWKS), as"
            " `lunasec app add` makes it; relative to the configuration file.",
            examples=["payroll.jwks.json"],
            extra={"wants": "the path of a file"},
        ),
    ]
    provider: Annotated[
        ProviderTable | OidcTable | None,
        Meta(
            description='Where its sessions come from: an auth proxy, or (`kind = "oidc"`) an'
            " identity provider; without it, its own back end vouches for them.",
            extra={
                "hint": " Where the application's own back end vouches for sessions, there is no"
                " such table at all."
            },
        ),
    ] = None
    ownership: Annotated[
        Literal["required"] | None,
        Meta(
            description="With `required`, a grant opens a token only for the user who made it, or"
            " where a policy allows it. Only with a `provider`: whom an application names, the"
            " tokenizer can't verify.",
            examples=["required"],
        ),
    ] = None
    policies: Annotated[
        list[Annotated[str, Meta(min_length=1)]],
        Meta(
            description="Files with Cedar policies, relative to the configuration file: what they"
            " permit beside the owner, and what they forbid. With `ownership` alone.",
            examples=[["payroll.cedar"]],
            extra={"wants": "a list of paths"},
        ),
    ] = []
    header_sessions: Annotated[
        bool,
        Meta(
            description="Let the application's sessions come from a header that its pages send"
            " instead of a cookie. A script in the page can then carry a session away.",
            examples=[False],
        ),
    ] = False
    reveal: Annotated[
        Literal["always", "click"],
        Meta(
            description="Show values at once, or after a click. A page can only be stricter.",
            examples=["click"],
        ),
    ] = "always"
    remask_after: Annotated[
        Annotated[int, Meta(ge=1, le=3600)] | None,
        Meta(
            description="Mask a shown value again after this time. A page can only be stricter.",
            examples=[30],
            extra={"unit": "seconds"},
        ),
    ] = None
    validators: Annotated[
        dict[str, Validator],
        Meta(description="Validators that its pages may name, beside the built-in ones."),
    ] = {}
    words: Annotated[
        dict[str, dict[str, str]],
        Meta(
            description="What frames say in other languages: a table for each, from the English"
            " phrase to another. The `lang` around an element chooses.",
        ),
    ] = {}
    fonts: FontTables = []
    grants_per_minute: Annotated[
        int,
        Meta(
            ge=1,
            description="Tokens that the application may grant in a minute: a bound on what"
            " whoever takes it over can read. More are refused until the minute is over.",
            examples=[6000],
        ),
    ] = 60_000
    values_per_minute: Annotated[
        int,
        Meta(
            ge=1,
            description="Values that one session may store in a minute. More are refused until"
            " the minute is over.",
            examples=[600],
        ),
    ] = 3_000
    reads_per_minute: Annotated[
        int,
        Meta(
            ge=1,
            description="Values that one session may read in a minute: each is named in the audit"
            " log. More are refused until the minute is over.",
            examples=[10_000],
        ),
    ] = 60_000
    max_file_size: Annotated[
        int,
        Meta(
            ge=1,
            le=2**38,
            description="The largest file that its pages may store.",
            examples=[26_214_400],
            extra={"unit": "bytes"},
        ),
    ] = 5 * 2**30
    file_bytes_per_hour: Annotated[
        int,
        Meta(
            ge=1,
            description="Bytes of files that one session may begin to store in an hour; all"
            " temporary sessions share as much, 1 GiB at most, and all sessions together have 16"
            " times that.",
            examples=[1_073_741_824],
            extra={"unit": "bytes"},
        ),
    ] = 20 * 2**30
    erases_per_hour: Annotated[
        int,
        Meta(
            ge=1,
            description="Tokens that the application may erase in an hour. More are refused.",
            examples=[100],
        ),
    ] = 1_000


class TokenizerTable(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`[tokenizer]` as it stands in the file."""

    origin: Annotated[
        str,
        Meta(
            description="Where browsers find the tokenizer. Its host is no application's; best is"
            " a sibling, such as `secure.example.com` beside `app.example.com`.",
            examples=["https://secure.example.com"],
            extra={"wants": ORIGIN},
        ),
    ]
    listen: Annotated[
        str,
        Meta(
            description="Where it listens for browsers and applications.",
            examples=["127.0.0.1:8001"],
            extra={"wants": ADDRESS},
        ),
    ] = "127.0.0.1:8001"
    operator_listen: Annotated[
        str,
        Meta(
            description="Where it listens for you: `/health`, `/ready`, `/metrics`. Never public.",
            examples=["127.0.0.1:9001"],
            extra={"wants": ADDRESS},
        ),
    ] = "127.0.0.1:9001"
    data: Annotated[
        str,
        Meta(
            min_length=1,
            description="The data directory, with the keys and the database; relative to the"
            " configuration file. Made at the first start, for its owner alone.",
            examples=["lunasec-data"],
            extra={"wants": "the path of a directory"},
        ),
    ] = "lunasec-data"
    tls_certificate: Annotated[
        Annotated[str, Meta(min_length=1)] | None,
        Meta(
            description="The certificate and its chain (PEM), if no proxy in front ends TLS.",
            examples=["secure.example.com.pem"],
            extra={"wants": "the path of a PEM file"},
        ),
    ] = None
    tls_key: Annotated[
        Annotated[str, Meta(min_length=1)] | None,
        Meta(
            description="The certificate's private key (PEM).",
            examples=["secure.example.com.key"],
            extra={"wants": "the path of a PEM file"},
        ),
    ] = None
    erase_delay: Annotated[
        int,
        Meta(
            ge=0,
            description="How long an erased value can be brought back with `lunasec erase --undo`"
            " before it is destroyed.",
            examples=[604800],
            extra={"unit": "seconds"},
        ),
    ] = ERASE_DELAY
    audit_keep: Annotated[
        Annotated[int, Meta(ge=86_400)] | None,
        Meta(
            description="How long the audit log is kept. What is older is taken out, whole segments"
            " at a time; `lunasec audit export` keeps it elsewhere. Without it, for ever.",
            examples=[31_536_000],
            extra={"unit": "seconds"},
        ),
    ] = None


class File(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The whole file."""

    tokenizer: Annotated[TokenizerTable, Meta(description="The tokenizer itself.")]
    proxy_listener: Annotated[
        ProxyListenerTable | None, Meta(description="Where proxies present a certificate.")
    ] = None
    applications: Annotated[
        dict[str, ApplicationTable], Meta(description="Its applications, by their names.")
    ] = {}
