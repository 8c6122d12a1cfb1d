"""Web origins: the one spelling that browsers send, and nothing looser."""

import re
from typing import Final
from urllib.parse import urlsplit

_HOST: Final = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?|\[[0-9a-f:.]{2,45}\]")
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_LOOPBACK: Final = "127.0.0.1"


def parse_origin(url: str) -> str:
    """Give the origin of a URL that has nothing but an origin, or raise `ValueError`.

    The result is what a browser would send (HTML, section 7.1.1, serialization of an origin): lower
    case and without the scheme's own port. One slash at the end is let pass. A user name, a path, a
    query, a fragment, white space and names that are not ASCII are refused.
    """
    bare = url.removesuffix("/")
    origin = origin_of(bare)
    if origin is None or urlsplit(bare).path or set("?#@") & set(bare):
        raise ValueError("not an origin")
    return origin


def origin_of(url: str) -> str | None:
    """Give the origin of any http or https URL, or None where it has none that is safe to use."""
    try:
        parts = urlsplit(url)
        host, port = parts.netloc.rpartition("@")[2].lower(), parts.port
    except ValueError:
        return None
    # `urlsplit` drops tabs and line feeds anywhere, and white space before it all.
    if not url.isascii() or not url.isprintable() or " " in url:
        return None
    name = re.sub(r":[0-9]*\Z", "", host)
    if parts.scheme not in _DEFAULT_PORTS or not _HOST.fullmatch(name):
        return None
    shown = "" if port is None or port == _DEFAULT_PORTS[parts.scheme] else f":{port}"
    return f"{parts.scheme}://{name}{shown}"


def is_this_machine(origin: str) -> bool:
    """Say whether an origin needs no TLS: its packets never leave the machine.

    That is so for loopback addresses and for `localhost` and all names below it (RFC 6761,
    section 6.3), which browsers count as secure for the same reason.
    """
    host = urlsplit(origin).hostname or ""
    return host in {_LOOPBACK, "::1", "localhost"} or host.endswith(".localhost")


def connectable(origin: str) -> str:
    """Give the address for a back-channel call: `*.localhost` becomes 127.0.0.1.

    Browsers take such names to loopback by themselves; Python asks the system, which often does
    not know them.
    """
    parts = urlsplit(origin)
    host = parts.hostname or ""
    if host != "localhost" and not host.endswith(".localhost"):
        return origin
    port = "" if parts.port is None else f":{parts.port}"
    return f"{parts.scheme}://{_LOOPBACK}{port}"
