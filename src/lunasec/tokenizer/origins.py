"""Origins and addresses as an operator writes them, and which origins browsers count as one site.

What can't be read raises `ValueError`, whose text completes a refusal: what was meant, perhaps.
"""

import functools
import ipaddress
import re
from typing import Final
from urllib.parse import urlsplit

from msgspec import Struct
from publicsuffixlist import PublicSuffixList

_HOST: Final = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?|\[[0-9a-f:.]{2,45}\]")
_ADDRESS: Final = re.compile(r"([0-9.]+|\[[0-9a-fA-F:.]+\]):([0-9]{1,5})")
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_LAST_PORT: Final = 65535  # RFC 9293, section 3.1.


class Address(Struct, frozen=True):
    """Where a listener listens."""

    host: str
    port: int

    @property
    def text(self) -> str:
        """Write it as in the configuration."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def origin(text: str) -> str:
    """Read an origin in the one spelling that browsers send (RFC 6454, section 6.1).

    Raises: `ValueError`.
    """
    if "*" in text:
        raise ValueError(" There are no wildcards: list each origin.")
    if _spelled(text) != text:
        meant = _meant(text)
        raise ValueError(f' Did you mean "{meant}"?' if meant else "")
    if text.startswith("http:") and not is_local(urlsplit(text).hostname or ""):
        raise ValueError(" On plain http, browsers give a page neither cryptography nor cookies.")
    return text


def is_local(host: str) -> bool:
    """Say whether browsers take a name to this machine, and count it as secure (RFC 6761, 6.3)."""
    return host == "localhost" or host.endswith(".localhost")


def address(text: str) -> tuple[str, int]:
    """Read the IP address and the port of a listener.

    Raises: `ValueError`.
    """
    found = _ADDRESS.fullmatch(text)
    if found is None or int(found[2]) > _LAST_PORT:
        raise ValueError(_address_meant(text))
    host = found[1].strip("[]")
    try:
        return str(ipaddress.ip_address(host)), int(found[2])
    except ValueError:
        raise ValueError(_address_meant(text)) from None


def same_site(one: str, other: str) -> bool:
    """Say whether browsers count two origins as one site (HTML, section 7.1.1, "same site")."""
    first, second = urlsplit(one), urlsplit(other)
    return first.scheme == second.scheme and site(first.hostname) == site(second.hostname)


def site(host: str | None) -> str:
    """Give the part of a host that one owner registered: `example.com` of `app.example.com`."""
    host = host or ""
    try:
        return str(ipaddress.ip_address(host))  # An address is a site of its own.
    except ValueError:
        return _suffixes().privatesuffix(host) or host


@functools.cache
def _suffixes() -> PublicSuffixList:
    """Read the list when it is first needed: it takes 50 ms."""
    return PublicSuffixList()


def _spelled(text: str) -> str | None:
    """Spell the origin of an address as browsers do, or None where it has none."""
    try:
        parts = urlsplit(text)
        host, port = (parts.hostname or "").rstrip("."), parts.port
        name = f"[{host}]" if ":" in host else host.encode("idna").decode("ascii")
    except ValueError:  # of which UnicodeError is one
        return None
    if parts.scheme not in _DEFAULT_PORTS or not _HOST.fullmatch(name):
        return None
    shown = "" if port in {None, _DEFAULT_PORTS[parts.scheme]} else f":{port}"
    return f"{parts.scheme}://{name}{shown}"


def _meant(text: str) -> str | None:
    """Guess at an origin from an address with a path, a bare host, or another spelling."""
    text = text.strip()
    meant = _spelled(text if "://" in text else f"https://{text}")
    named = meant is not None and ("." in meant or "localhost" in meant)
    return meant if named else None


def _address_meant(text: str) -> str:
    host, _, port = text.rpartition(":")
    if not port.isdecimal() or int(port) > _LAST_PORT or host not in {"", "localhost", "*"}:
        return ""
    meant = "0.0.0.0" if host == "*" else "127.0.0.1"  # noqa: S104 - what the operator wrote
    return f' Did you mean "{meant}:{port}"?'
