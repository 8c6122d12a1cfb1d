"""The configuration: the TOML file and the environment in, one frozen struct out, or a refusal.

Each refusal names the setting, what it got, what it wants, and an example.
"""

import ipaddress
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final, Literal
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta, Struct
from publicsuffixlist import PublicSuffixList

from lunasec.errors import ConfigurationInvalid

APPLICATION_NAME: Final = re.compile(r"(?!bind-)[a-z](?:[a-z0-9-]{0,38}[a-z0-9])?")
"""`bind-…` is refused: its session cookie would be another application's binding cookie."""

ERASE_DELAY: Final = 7 * 24 * 3600

_SITES: Final = PublicSuffixList()


class Validator(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A validator of the operator's own: data, never code, and never from a page."""

    pattern: Annotated[str, Meta(min_length=1, max_length=512)]
    message: Annotated[str, Meta(min_length=1, max_length=200)]


class ApplicationTable(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`[applications.NAME]` as it stands in the file."""

    origins: Annotated[list[str], Meta(min_length=1)]
    keys: str
    header_sessions: bool = False
    reveal: Literal["always", "click"] = "always"
    remask_after: Annotated[int, Meta(ge=1, le=3600)] | None = None
    validators: dict[str, Validator] = {}
    grants_per_minute: Annotated[int, Meta(ge=1)] = 60_000
    erases_per_hour: Annotated[int, Meta(ge=1)] = 1_000


class TokenizerTable(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`[tokenizer]` as it stands in the file."""

    origin: str
    listen: str = "127.0.0.1:8001"
    operator_listen: str = "127.0.0.1:9001"
    data: str = "lunasec-data"
    tls_certificate: str | None = None
    tls_key: str | None = None
    erase_delay: Annotated[int, Meta(ge=0)] = ERASE_DELAY


class File(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The whole file."""

    tokenizer: TokenizerTable
    applications: dict[str, ApplicationTable] = {}


class Application(Struct, frozen=True, kw_only=True):
    """One application, checked. `cross_site` decides the attributes of its cookies."""

    name: str
    origins: tuple[str, ...]
    keys: Path
    cross_site: bool
    header_sessions: bool
    reveal: Literal["always", "click"]
    remask_after: int | None
    validators: Mapping[str, Validator]
    grants_per_minute: int
    erases_per_hour: int


class Address(Struct, frozen=True):
    """Where a listener listens."""

    host: str
    port: int

    @property
    def text(self) -> str:
        """Write it as in the configuration."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


class Settings(Struct, frozen=True, kw_only=True):
    """All that the tokenizer has to be told, checked."""

    origin: str
    listen: Address
    operator_listen: Address
    data: Path
    tls_certificate: Path | None
    tls_key: Path | None
    erase_delay: int
    applications: Mapping[str, Application]

    @property
    def secure(self) -> bool:
        """Whether browsers reach the tokenizer over TLS."""
        return self.origin.startswith("https://")


def load(path: Path, environment: Mapping[str, str] | None = None) -> Settings:
    """Read the file, let `LUNASEC_ORIGIN`, `_LISTEN`, `_OPERATOR_LISTEN`, `_DATA` override it.

    Relative paths in the file are relative to it.

    Raises: `ConfigurationInvalid`.
    """
    environment = os.environ if environment is None else environment
    try:
        content = path.read_bytes()
    except OSError as error:
        detail = f"{path}: {error.strerror}. `lunasec app add NAME` makes a first one."
        raise ConfigurationInvalid(detail) from None
    return parse(content, path, environment)


def parse(content: bytes, path: Path, environment: Mapping[str, str] | None = None) -> Settings:
    """Read a configuration that is, or will be, the file `path`.

    Raises: `ConfigurationInvalid`.
    """
    try:
        file = msgspec.toml.decode(content, type=File)
    except msgspec.DecodeError as error:
        raise ConfigurationInvalid(f"{path}: {error}") from None
    overridden = {
        name: text
        for name in ("origin", "listen", "operator_listen", "data")
        if (text := (environment or {}).get(f"LUNASEC_{name.upper()}"))
    }
    table = msgspec.structs.replace(file.tokenizer, **overridden)
    return check(msgspec.structs.replace(file, tokenizer=table), path.resolve().parent)


def check(file: File, directory: Path) -> Settings:
    """Check what the types can't say.

    Raises: `ConfigurationInvalid`.
    """
    table = file.tokenizer
    origin = _origin("tokenizer.origin", table.origin)
    if (table.tls_certificate is None) != (table.tls_key is None):
        raise ConfigurationInvalid("tokenizer.tls_certificate and tls_key go together.")
    settings = Settings(
        origin=origin,
        listen=_address("tokenizer.listen", table.listen),
        operator_listen=_address("tokenizer.operator_listen", table.operator_listen),
        data=directory / table.data,
        tls_certificate=directory / table.tls_certificate if table.tls_certificate else None,
        tls_key=directory / table.tls_key if table.tls_key else None,
        erase_delay=table.erase_delay,
        applications={
            name: _application(name, each, origin, directory)
            for name, each in file.applications.items()
        },
    )
    _refuse_shared_origins(settings)
    return settings


def same_site(one: str, other: str) -> bool:
    """Say whether browsers count two origins as one site (HTML, "schemelessly same site" + scheme)."""
    first, second = urlsplit(one), urlsplit(other)
    return first.scheme == second.scheme and _site(first.hostname) == _site(second.hostname)


def _site(host: str | None) -> str:
    host = host or ""
    return _SITES.privatesuffix(host) or host


def _application(name: str, table: ApplicationTable, origin: str, directory: Path) -> Application:
    setting = f"applications.{name}"
    if not APPLICATION_NAME.fullmatch(name):
        detail = (
            f"{setting}: the name has 1 to 40 characters of a-z, 0-9 and '-', starts with a letter,"
            " and not with 'bind-'; for example `payroll`."
        )
        raise ConfigurationInvalid(detail)
    origins = tuple(_origin(f"{setting}.origins", each) for each in table.origins)
    for each in origins:
        if urlsplit(each).hostname == urlsplit(origin).hostname:
            detail = (
                f"{setting}.origins: {each} is on the tokenizer's own host. Ports share cookies, so"
                " the two need different hosts, for example https://app.example.com beside"
                " https://secure.example.com."
            )
            raise ConfigurationInvalid(detail)
    return Application(
        name=name,
        origins=origins,
        keys=directory / table.keys,
        cross_site=not all(same_site(each, origin) for each in origins),
        header_sessions=table.header_sessions,
        reveal=table.reveal,
        remask_after=table.remask_after,
        validators=table.validators,
        grants_per_minute=table.grants_per_minute,
        erases_per_hour=table.erases_per_hour,
    )


def _refuse_shared_origins(settings: Settings) -> None:
    owners: dict[str, str] = {}
    for application in settings.applications.values():
        for origin in application.origins:
            if origin in owners:
                detail = (
                    f"applications.{application.name}.origins: {origin} belongs to"
                    f" {owners[origin]} already; an origin is one application's."
                )
                raise ConfigurationInvalid(detail)
            owners[origin] = application.name


def _origin(setting: str, text: str) -> str:
    """Read an origin: scheme, host and port, nothing else (RFC 6454, section 6.1)."""
    wrong = ConfigurationInvalid(
        f"{setting}: got {text!r}, wants an origin such as https://secure.example.com;"
        " plain http only below localhost."
    )
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise wrong from None
    host = parts.hostname
    rebuilt = f"{parts.scheme}://{host}" + (f":{port}" if port else "")
    default = {"http": 80, "https": 443}.get(parts.scheme)
    if not host or rebuilt != text or default is None or port == default:
        raise wrong
    if parts.scheme == "http" and not (host == "localhost" or host.endswith(".localhost")):
        raise wrong
    return text


def _address(setting: str, text: str) -> Address:
    host, _, port = text.rpartition(":")
    try:
        ipaddress.ip_address(host.strip("[]"))
        number = int(port)
        if not 0 <= number <= 65535:  # noqa: PLR2004 - RFC 9293, section 3.1
            raise ValueError
    except ValueError:
        detail = f"{setting}: got {text!r}, wants an address and a port such as 127.0.0.1:8001."
        raise ConfigurationInvalid(detail) from None
    return Address(host.strip("[]"), number)
