"""The configuration once it is checked: what the tokenizer works with, or a refusal."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, Literal, TypeVar
from urllib.parse import urlsplit

from msgspec import Struct

from lunasec.errors import ConfigurationInvalid
from lunasec.jose.presets import Provider
from lunasec.tokenizer import fonts, origins, proxy_listener, sources, tables, validators, words
from lunasec.tokenizer.configuration import ApplicationTable, File, TokenizerTable
from lunasec.tokenizer.fonts import Font
from lunasec.tokenizer.origins import Address
from lunasec.tokenizer.providers import ProviderTable
from lunasec.tokenizer.proxy_listener import ProxyListener
from lunasec.tokenizer.relying import RelyingParty

T = TypeVar("T")

APPLICATION_NAME: Final = re.compile(r"(?!bind-)[a-z](?:[a-z0-9-]{0,38}[a-z0-9])?")
"""`bind-…` is refused: its session cookie would be another application's binding cookie."""


class Application(Struct, frozen=True, kw_only=True):
    """One application, checked. `cross_site` decides the attributes of its cookies."""

    name: str
    origins: tuple[str, ...]
    keys: Path
    cross_site: bool
    log_out: Provider | None
    """Whose log-out tokens count, where the provider's sessions are ended by such."""
    provider: Provider | None
    """The auth proxy whose word makes its sessions, where there is one."""
    oidc: RelyingParty | None
    """The same of an identity provider that frames log in with themselves."""
    client_certificate: bool
    """Whether the proxy's tokens count through the proxy listener alone."""
    ownership: bool
    policies: tuple[Path, ...]
    header_sessions: bool
    reveal: Literal["always", "click"]
    remask_after: int | None
    validators: Mapping[str, validators.Validator]
    fonts: tuple[Font, ...]
    words: Mapping[str, Mapping[str, str]]
    """By language, in small letters."""
    grants_per_minute: int
    values_per_minute: int
    max_file_size: int
    file_bytes_per_hour: int
    erases_per_hour: int
    reads_per_minute: int

    @property
    def issuer(self) -> str:
        """Whose users its tokens can belong to; empty where nobody verifies who they are."""
        source = self.provider or self.oidc
        return source.issuer if source else ""

    @property
    def asks_log_ins(self) -> bool:
        """Whether its policies may ask what an identity provider said at the log-in."""
        return self.oidc is not None and bool(self.policies)


class Settings(Struct, frozen=True, kw_only=True):
    """All that the tokenizer has to be told, checked."""

    origin: str
    listen: Address
    operator_listen: Address
    data: Path
    tls_certificate: Path | None
    tls_key: Path | None
    proxy_listener: ProxyListener | None
    erase_delay: int
    audit_keep: int | None
    applications: Mapping[str, Application]

    @property
    def secure(self) -> bool:
        """Whether browsers reach the tokenizer over TLS."""
        return self.origin.startswith("https://")


def check(file: File, directory: Path) -> Settings:
    """Check what the types can't say; `directory` is what the file's paths are relative to.

    Raises: `ConfigurationInvalid`.
    """
    table = file.tokenizer
    _read_origin(TokenizerTable, "tokenizer.origin", table.origin)
    listen = _address("listen", table.listen)
    operator_listen = _address("operator_listen", table.operator_listen)
    settings = Settings(
        origin=table.origin,
        listen=listen,
        operator_listen=operator_listen,
        data=tables.path(directory, table.data),
        tls_certificate=tables.path(directory, table.tls_certificate)
        if table.tls_certificate
        else None,
        tls_key=tables.path(directory, table.tls_key) if table.tls_key else None,
        proxy_listener=proxy_listener.check(
            file.proxy_listener,
            directory,
            others=(listen, operator_listen),
            required_by=[name for name, each in file.applications.items() if _certified(each)],
        ),
        erase_delay=table.erase_delay,
        audit_keep=table.audit_keep,
        applications={
            name: _application(name, each, table.origin, directory)
            for name, each in file.applications.items()
        },
    )
    _refuse_contradictions(settings)
    _refuse_shared_origins(settings)
    _refuse_shared_tokens(settings)
    return settings


def _application(name: str, table: ApplicationTable, origin: str, directory: Path) -> Application:
    setting = f"applications.{name}"
    if not APPLICATION_NAME.fullmatch(name):
        raise ConfigurationInvalid(
            f"{setting}: the name has 1 to 40 characters of a-z, 0-9 and '-', starts with a letter,"
            " and not with 'bind-'; for example [applications.payroll]."
        )
    for each in table.origins:
        _read_origin(ApplicationTable, f"{setting}.origins", each)
        _refuse_own_host(f"{setting}.origins", each, origin)
    for each, declared in table.validators.items():
        validators.check(f"{setting}.validators", each, declared)
    messages = frozenset(each.message for each in table.validators.values())
    words.check(f"{setting}.words", table.words, messages)
    source = sources.check(name, table, origin, directory)
    return Application(
        name=name,
        origins=tuple(table.origins),
        keys=tables.path(directory, table.keys),
        cross_site=not all(origins.same_site(each, origin) for each in table.origins),
        log_out=source.log_out,
        provider=source.proxy,
        oidc=source.oidc,
        client_certificate=_certified(table),
        ownership=sources.check_ownership(setting, table),
        policies=tuple(tables.path(directory, each) for each in table.policies),
        header_sessions=table.header_sessions,
        reveal=table.reveal,
        remask_after=table.remask_after,
        validators=table.validators,
        fonts=fonts.check(f"{setting}.fonts", table.fonts, directory),
        words={language.lower(): phrases for language, phrases in table.words.items()},
        grants_per_minute=table.grants_per_minute,
        values_per_minute=table.values_per_minute,
        max_file_size=table.max_file_size,
        file_bytes_per_hour=table.file_bytes_per_hour,
        erases_per_hour=table.erases_per_hour,
        reads_per_minute=table.reads_per_minute,
    )


def _certified(table: ApplicationTable) -> bool:
    proxy = table.provider
    return isinstance(proxy, ProviderTable) and proxy.client_certificate is not None


def _refuse_own_host(setting: str, each: str, origin: str) -> None:
    if urlsplit(each).hostname == urlsplit(origin).hostname:
        raise ConfigurationInvalid(
            f"{setting}: {each} is on the tokenizer's own host. Ports share cookies, so the two"
            " need different hosts; for example https://app.example.com beside"
            " https://secure.example.com."
        )


def _refuse_contradictions(settings: Settings) -> None:
    if (settings.tls_certificate is None) != (settings.tls_key is None):
        there, absent = ("tls_certificate", "tls_key")[:: 1 if settings.tls_certificate else -1]
        raise ConfigurationInvalid(
            f"tokenizer.{absent}: got nothing, wants the path of a PEM file, since {there} is given"
            f' and the two go together; for example {absent} = "secure.example.com.pem".'
        )
    if settings.tls_certificate is not None and not settings.secure:
        raise ConfigurationInvalid(
            f'tokenizer.origin: got "{settings.origin}", wants an origin with https, since'
            " tls_certificate is given."
        )
    if settings.listen == settings.operator_listen and settings.listen.port:
        raise ConfigurationInvalid(
            f'tokenizer.operator_listen: got "{settings.operator_listen.text}", which is listen as'
            ' well, wants an address of its own; for example operator_listen = "127.0.0.1:9001".'
        )


def _refuse_shared_origins(settings: Settings) -> None:
    owners: dict[str, str] = {}
    for application in settings.applications.values():
        for origin in application.origins:
            if origin in owners:
                raise ConfigurationInvalid(
                    f"applications.{application.name}.origins: {origin} belongs to"
                    f" {owners[origin]} already; an origin is one application's."
                )
            owners[origin] = application.name


def _refuse_shared_tokens(settings: Settings) -> None:
    """Refuse tokens that are made out to an application: its server could be each of its users."""
    everybody = [each for every in settings.applications.values() for each in every.origins]
    theirs = {name for each in everybody for name in (each, *_hosts(each))}
    for application in settings.applications.values():
        audience = "" if application.provider is None else application.provider.audience
        if audience.rstrip("/").lower() in theirs and not application.client_certificate:
            raise ConfigurationInvalid(
                f"applications.{application.name}.provider.audience: got {tables.shown(audience)},"
                " which is an application's: what the proxy sends there would open the tokenizer."
                " Wants the aud of tokens for the tokenizer alone; for example audience ="
                f' "{settings.origin}". Where the proxy signs one for both, wants'
                ' client_certificate = "required" as well.'
            )


def _hosts(origin: str) -> tuple[str, str]:
    parts = urlsplit(origin)
    return parts.netloc, parts.hostname or ""


def _read_origin(table: type[Struct], setting: str, text: str) -> None:
    _read(origins.origin, table, setting, text)


def _address(name: str, text: str) -> Address:
    return Address(*_read(origins.address, TokenizerTable, f"tokenizer.{name}", text))


def _read(reader: Callable[[str], T], table: type[Struct], setting: str, text: str) -> T:
    try:
        return reader(text)
    except ValueError as error:
        field = tables.field_of(table, setting.rpartition(".")[2])
        raise tables.refusal(setting, text, field, str(error)) from None
