"""Looks at an application's auth proxy: whose its tokens are, and what a log-out does."""

from urllib.parse import urlsplit

from lunasec.cli.checks.findings import Section
from lunasec.errors import ConfigurationInvalid
from lunasec.jose import KeySet, fetching
from lunasec.jose.fetched import reason_of
from lunasec.jose.presets import Provider
from lunasec.jose.sources import has_own_places
from lunasec.tokenizer import counterparties
from lunasec.tokenizer.settings import Application, Settings


def look(
    section: Section,
    settings: Settings,
    application: Application,
    provider: Provider,
    *,
    offline: bool,
) -> None:
    """Look at an auth proxy as it is configured, and at its keys as they are."""
    for setting, each in counterparties.signers(application).items():
        _keys(section, setting, each, offline=offline)
    _audience(section, settings, application, provider)
    _log_out(section, application, provider)


def _keys(section: Section, setting: str, provider: Provider, *, offline: bool) -> None:
    """Read the keys that tokens are checked with, as the server does."""
    try:
        found = counterparties.key_file(setting, provider)
    except ConfigurationInvalid as error:
        section.wrong(error.detail, "")
        return
    if has_own_places(provider.jwks):
        section.note(
            f"{setting}: each key has a place of its own, and is read when a token names it"
        )
        return
    if found is None and offline:
        return
    try:
        found = found or KeySet.usable(fetching.read(provider.jwks, provider.private_networks))
    except (OSError, ConfigurationInvalid) as error:
        section.wrong(
            f"{setting}: no keys can be had there: {reason_of(error)}",
            "Let this machine reach the proxy's key set, by https or on this machine, without a"
            " redirect.\nNobody gets in meanwhile, once known keys are a day old.",
        )
        return
    _fit(section, setting, provider, found)


def _fit(section: Section, setting: str, provider: Provider, found: KeySet) -> None:
    """Say which keys there are, and what each may have signed."""
    fits = {
        name: sorted(key.algorithms & provider.algorithms)
        for name, key in found.keys.items()
        if name not in provider.denied_keys
    }
    if not any(fits.values()):
        section.wrong(
            f"{setting}: no key there is for {', '.join(sorted(provider.algorithms))}",
            "Let the proxy sign with one of these, or say with algorithms what it signs with.",
        )
        return
    listed = [f"{name} ({', '.join(each)})" for name, each in fits.items() if each]
    section.fine(f"{setting}: the keys {'; '.join(listed)}")


def _audience(
    section: Section, settings: Settings, application: Application, provider: Provider
) -> None:
    """Say whether what the proxy gives to the application may open the tokenizer."""
    own = provider.audience in {settings.origin, urlsplit(settings.origin).hostname}
    if application.client_certificate:
        section.fine("its proxy's tokens count beside the proxy's certificate alone")
    elif own or provider.names_upstream:
        section.fine(f"its proxy's tokens are made out to the tokenizer: {provider.audience}")
    else:
        section.doubt(
            f"audience = {provider.audience} is not the tokenizer's own: what the proxy sends to"
            " the application may open the tokenizer",
            f"Have the proxy sign a token for each upstream, this one with the aud"
            f" {settings.origin}.\nIf it can't: [proxy_listener], and client_certificate ="
            ' "required" for its provider. If the\napplication\'s tokens have another aud already,'
            " nothing has to be done.",
        )


def _log_out(section: Section, application: Application, provider: Provider) -> None:
    """Say what a log-out behind its auth proxy does."""
    if application.log_out is None:
        section.doubt(
            "its identity provider can't log users out: logout_audience is not given",
            "Open pages go blank when the proxy refuses them, or at lunasec.sessions.end.\n"
            "If the provider has OpenID Connect's back-channel log-out, have it sent here too.",
        )
    else:
        section.fine(
            f"{application.log_out.issuer} logs users out, at"
            f" /session/back-channel-logout/{application.name}"
        )
    if not provider.session_claim:
        section.note(
            "its proxy names no session: all browsers of a user share one, and log out together"
        )
