"""Looks at the identity provider that an application's frames log in with."""

from typing import cast

from lunasec.cli.checks.findings import Section
from lunasec.errors import ConfigurationInvalid, LunaSecError
from lunasec.jose import fetching
from lunasec.jose.fetched import reason_of
from lunasec.tokenizer import counterparties
from lunasec.tokenizer.oidc.description import Description, described
from lunasec.tokenizer.relying import RelyingParty


def look(section: Section, name: str, party: RelyingParty, *, offline: bool) -> None:
    """Say what the provider has to know of us, and what it offers."""
    section.fine(f"its frames log in with {party.issuer}; redirect address {party.redirect}")
    _client(section, name, party)
    if not party.tokens.session_claim:
        section.note(
            "its provider names no session: all browsers of a user share one, and log out together"
        )
    if offline:
        return
    try:
        found = described(party, fetching.reading(party.tokens.private_networks))
    except (OSError, ConfigurationInvalid) as error:
        section.wrong(
            f"{party.issuer} can't be used: {reason_of(error)}",
            f"The tokenizer asks {party.tokens.jwks}, without redirects, and takes addresses on"
            "\nhosts alone that are the issuer's or in `hosts`. Nobody can log in meanwhile.",
        )
        return
    _offers(section, name, party, found)


def _client(section: Section, name: str, party: RelyingParty) -> None:
    try:
        secret = counterparties.client_secret(name, party)
    except LunaSecError as error:
        section.wrong(error.detail, "")
        return
    if not secret:
        section.doubt(
            "it is a public client: client_secret is not given",
            "Whoever reads a code in transit is kept out by PKCE alone. If the provider gives the"
            "\nclient a secret, put it into a file that nobody else may read.",
        )


def _offers(section: Section, name: str, party: RelyingParty, found: Description) -> None:
    pushed = "pushed" if found.pushed_authorization_request_endpoint else "not pushed"
    section.fine(f"{party.issuer} answers; requests are {pushed}")
    if not found.authorization_response_iss_parameter_supported:
        section.doubt(
            f"{party.issuer} does not name itself in its answers (RFC 9207)",
            "With one provider for each application that is no danger by itself; see if it can be"
            " turned on.",
        )
    if not found.backchannel_logout_supported:
        section.doubt(
            f"{party.issuer} does not say that it logs users out by the back channel",
            "Who logs out there keeps the tokenizer's session for 15 minutes at most. If it can,"
            f"\nregister /session/back-channel-logout/{name}.",
        )
    if party.asks_age:
        _says(section, party, found)


def _texts(found: object) -> list[str]:
    """Read a list of names, of which a terminal makes nothing else."""
    listed = cast("list[object]", found) if isinstance(found, list) else []
    return [each for each in listed if isinstance(each, str) and each.isprintable()]


def _says(section: Section, party: RelyingParty, found: Description) -> None:
    """Say what policies may wait for in vain, where the provider lists what it has."""
    known, claims = _texts(found.acr_values_supported), _texts(found.claims_supported)
    unknown = sorted(set(party.acr_values.split()).difference(known))
    if known and unknown:
        section.doubt(
            f"{party.issuer} does not know {', '.join(unknown)}",
            f"It lists {', '.join(known)}. A policy that wants another `acr`"
            "\nstays shut, however often somebody logs in.",
        )
    if claims and "auth_time" not in claims:
        section.doubt(
            f"{party.issuer} does not list auth_time among its claims",
            "It has to say it where it is asked for `max_age`, as the tokenizer does. If it does"
            "\nnot, a policy that wants `context.auth_age` stays shut.",
        )
