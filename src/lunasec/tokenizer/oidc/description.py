"""What an identity provider says of itself (OpenID Connect Discovery 1.0), as far as it counts."""

from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

from lunasec.errors import ConfigurationInvalid
from lunasec.jose.fetched import Read
from lunasec.jose.sources import is_private_line
from lunasec.tokenizer.relying import RelyingParty

CHALLENGE: Final = "S256"


class Description(Struct, frozen=True, kw_only=True):
    """Where the provider is asked for what; what is not in here counts for nothing."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    pushed_authorization_request_endpoint: str = ""
    """Empty where requests can't be pushed (RFC 9126)."""
    authorization_response_iss_parameter_supported: bool = False
    """Whether it names itself in each answer (RFC 9207)."""
    code_challenge_methods_supported: tuple[str, ...] = ()
    backchannel_logout_supported: bool = False
    acr_values_supported: object = None
    claims_supported: object = None
    """Both only to be told: nobody is kept out by what stands there."""


def described(party: RelyingParty, read: Read) -> Description:
    """Fetch what the provider says of itself; this waits.

    1. It is the issuer that is configured, to the letter (Discovery, section 4.3).
    2. Every address is on a host that is configured, and nobody on the way can change what it
       answers: a description leads neither browsers nor us to somebody else.
    3. It does not say that it can't do without PKCE's S256.

    Raises: `OSError`, `ConfigurationInvalid`, with a reason that is safe to log.
    """
    try:
        found = msgspec.json.decode(read(party.tokens.jwks), type=Description)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise ConfigurationInvalid("the provider's description can't be read.") from None
    # 1.
    if found.issuer != party.issuer:
        raise ConfigurationInvalid("the description is another issuer's.")
    # 2.
    for each in (found.authorization_endpoint, found.token_endpoint, found.jwks_uri):
        _check_address(each, party)
    if found.pushed_authorization_request_endpoint:
        _check_address(found.pushed_authorization_request_endpoint, party)
    # 3.
    methods = found.code_challenge_methods_supported
    if methods and CHALLENGE not in methods:
        raise ConfigurationInvalid("the provider has no PKCE with S256.")
    return found


def keys(party: RelyingParty, read: Read) -> Read:
    """Give what reads the provider's keys, from where it says that they are; this waits."""

    def read_keys(_described: str | Path) -> bytes:
        return read(described(party, read).jwks_uri)

    return read_keys


def _check_address(address: str, party: RelyingParty) -> None:
    try:
        parts = urlsplit(address)
        usable = is_private_line(parts) and parts.port != 0 and not parts.fragment
        # It goes into a header of ours as it is, where a line's end would begin another one.
        usable = usable and address.isascii() and address.isprintable() and " " not in address
    except ValueError:
        usable, parts = False, urlsplit("")
    if not usable or parts.netloc not in party.hosts:
        raise ConfigurationInvalid(
            "the provider names an address on a host that is neither its own nor in `hosts`."
        )
