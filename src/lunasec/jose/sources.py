"""Where an auth proxy's public keys are: an address or a file; `{kid}` in it, and each has its own.

An address is one of https. Plain http is for a proxy on this machine: on the way, anybody could put
his own keys in. A host's name may lead into a private network where the configuration says so.
"""

import ipaddress
import re
from collections.abc import Iterable
from contextlib import suppress
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Final
from urllib.parse import SplitResult, urlsplit

from lunasec.errors import ConfigurationInvalid
from lunasec.quoting import shown

PLACE: Final = "{kid}"
"""What a key's id stands for in the address or the file of that key alone, a PEM."""

Network = IPv4Network | IPv6Network

PRIVATE: Final[tuple[Network, ...]] = (
    IPv4Network("10.0.0.0/8"),
    IPv4Network("172.16.0.0/12"),
    IPv4Network("192.168.0.0/16"),
    IPv4Network("100.64.0.0/10"),
    IPv6Network("fc00::/7"),
)
"""What may be one's own (RFC 1918; RFC 6598; RFC 4193): no addresses of this machine, and not those
at which clouds hand out credentials (RFC 3927)."""

_KEY_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,128}")
"""Without a dot or a slash, no id leads to another place; nobody has to be asked for others."""


def check_source(where: str, source: str | Path) -> None:
    """Refuse a place that no key can come from, or not without somebody else's word.

    Raises: `ConfigurationInvalid`, which begins with `where`.
    """
    text = str(source)
    if isinstance(source, Path):
        wanted = source.name
        if not wanted:
            raise ConfigurationInvalid(
                f"{where}: got {shown(text)}, wants an address, or the path of a file; for example"
                ' "https://proxy.example.com/.well-known/jwks.json".'
            )
    else:
        check_address(where, text, example="http://127.0.0.1:4456/.well-known/jwks.json")
        wanted = urlsplit(text).path
    if PLACE not in text:
        return
    if text.count(PLACE) > 1 or PLACE not in wanted:
        place = "name of a file" if isinstance(source, Path) else "path of an address"
        raise ConfigurationInvalid(f"{where}: {PLACE} stands once, and in the {place}.")


def check_address(where: str, text: str, *, example: str) -> None:
    """Refuse an address that nobody can be asked at, or not without somebody on the way.

    Raises: `ConfigurationInvalid`, which begins with `where`.
    """
    with suppress(ValueError):
        parts = urlsplit(text)
        usable = parts.port != 0 and bool(parts.hostname) and is_private_line(parts)
        if usable and not parts.fragment and not parts.username:
            return
    got = "an address with a user name (not shown)" if "@" in text else shown(text)
    raise ConfigurationInvalid(
        f"{where}: got {got}, wants an https address, or a plain http one of this machine, without"
        f' a user name and a fragment; for example "{example}".'
    )


def check_networks(where: str, texts: Iterable[str]) -> tuple[Network, ...]:
    """Read private networks as they are configured, such as `10.1.0.0/16`.

    Raises: `ConfigurationInvalid`, which begins with `where`.
    """
    return tuple(_network(where, text) for text in texts)


def _network(where: str, text: str) -> Network:
    with suppress(ValueError):
        network = ipaddress.ip_network(text)
        # `subnet_of` would raise where one of the two is IPv6 and the other is not.
        if any(network[0] in each and network[-1] in each for each in PRIVATE):
            return network
    raise ConfigurationInvalid(
        f"{where}: got {shown(text)}, wants private networks, each within"
        f' {", ".join(map(str, PRIVATE))}; for example ["10.1.0.0/16"], or ["10.1.2.3"]'
        " for one address."
    )


def is_private_line(parts: SplitResult) -> bool:
    """Say whether nobody on the way can change what is answered."""
    return parts.scheme == "https" or (parts.scheme == "http" and is_own(parts.hostname or ""))


def is_own(host: str) -> bool:
    """Say whether a host is this machine, by its name or its address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def has_own_places(source: str | Path) -> bool:
    """Say whether each key has a place of its own."""
    return PLACE in str(source)


def place_of(source: str | Path, key_id: str) -> str | Path | None:
    """Give the place of one key; None for an id that no key has."""
    if not _KEY_ID.fullmatch(key_id):
        return None
    found = str(source).replace(PLACE, key_id)
    return Path(found) if isinstance(source, Path) else found
