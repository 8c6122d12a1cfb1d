"""Where an application's sessions come from, checked: its back end, a proxy, or a provider."""

from pathlib import Path

from msgspec import Struct

from lunasec.errors import ConfigurationInvalid
from lunasec.jose.presets import Provider
from lunasec.tokenizer import origins, providers, relying, tables
from lunasec.tokenizer.configuration import ApplicationTable
from lunasec.tokenizer.relying import OidcTable, RelyingParty


class Source(Struct, frozen=True, kw_only=True):
    """One of the first two, or neither; `log_out` is whose log-out tokens count."""

    proxy: Provider | None = None
    oidc: RelyingParty | None = None
    log_out: Provider | None = None


def check(name: str, table: ApplicationTable, origin: str, directory: Path) -> Source:
    """Check where an application's sessions come from; there is one place alone.

    Raises: `ConfigurationInvalid`.
    """
    setting = f"applications.{name}"
    if table.provider is None:
        return Source()
    if table.header_sessions:
        raise ConfigurationInvalid(
            f"{setting}: got a provider beside header_sessions = true; sessions come from one"
            " place alone."
        )
    if isinstance(table.provider, OidcTable):
        return _oidc(name, table, table.provider, origin, directory)
    proxy = providers.check(f"{setting}.provider", table.provider, origin, directory)
    return Source(
        proxy=proxy,
        log_out=providers.check_log_out(f"{setting}.provider", table.provider, proxy, directory),
    )


def _oidc(
    name: str, table: ApplicationTable, provider: OidcTable, origin: str, directory: Path
) -> Source:
    setting = f"applications.{name}"
    for each in table.origins:
        # A log-in is a page of its own, and what it keeps there a frame on another site never sees.
        if not origins.same_site(each, origin):
            raise ConfigurationInvalid(
                f"{setting}.origins: {each} is on another site than the tokenizer, and"
                ' kind = "oidc" needs one site; for example https://app.example.com beside'
                " https://secure.example.com."
            )
    oidc = relying.check(
        name,
        provider,
        origin=origin,
        origins=tuple(table.origins),
        directory=directory,
        policies=bool(table.policies),
    )
    return Source(oidc=oidc, log_out=relying.log_out(oidc))


def check_ownership(setting: str, table: ApplicationTable) -> bool:
    """Say whether its tokens have owners.

    Raises: `ConfigurationInvalid`.
    """
    if table.ownership is not None and table.provider is None:
        raise ConfigurationInvalid(
            f"{setting}.ownership: got {tables.shown(table.ownership)} without a provider. Whom"
            " an application names, the tokenizer can't verify, so nothing would be anybody's;"
            f" wants [{setting}.provider] as well, or no ownership."
        )
    if table.policies and table.ownership is None:
        raise ConfigurationInvalid(
            f"{setting}.policies: got {tables.shown(table.policies)} without ownership, and nobody"
            ' would ask them; wants ownership = "required" as well.'
        )
    return table.ownership is not None
