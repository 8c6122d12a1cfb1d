"""Looks at an application's auth proxy: whose its tokens are, and what a log-out does."""

from urllib.parse import urlsplit

from lunasec.cli.checks.findings import Section
from lunasec.jose.presets import Provider
from lunasec.tokenizer.settings import Application, Settings


def look(
    section: Section, settings: Settings, application: Application, provider: Provider
) -> None:
    """Look at an auth proxy as it is configured."""
    _audience(section, settings, application, provider)
    _log_out(section, application, provider)


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
