"""Looks from before an auth proxy, as somebody who is not logged in: refused is what is right."""

import re
from collections.abc import Callable
from http.client import OK
from typing import Final
from urllib.parse import urljoin, urlsplit

import msgspec

from lunasec.cli.checks.asking import AskingError, Reply, ask_noting
from lunasec.cli.checks.findings import Section
from lunasec.tokenizer.http.problems import DOCUMENTATION
from lunasec.tokenizer.settings import Settings

ALONE: Final = (
    "Let the proxy in front pass on /lunasec.js, /assets/, /errors and\n"
    "/session/back-channel-logout/ without a log-in (docs/recipes/proxies.md)."
)

GATEWAY: Final = frozenset({502, 503, 504})
"""What a proxy says of a server that it does not reach (RFC 9110, section 15.6)."""

_MODULE: Final = re.compile(rb'"(/assets/[^"]+)"')


class _Problem(msgspec.Struct, frozen=True):
    type: str = ""


def refusal(reply: Reply, origin: str, path: str) -> str:
    """Say how a proxy refused this, or where to it leads; empty where it did not.

    To the same path of the same host, as from http to https, leads no log-in.
    """
    if reply.status in {401, 403}:
        return str(reply.status)
    location = reply.header("location")
    if reply.status not in range(300, 400) or not location:
        return ""
    try:
        target = urlsplit(urljoin(f"{origin}{path}", location))
    except ValueError:
        return ""  # It leads nowhere.
    if (target.hostname, target.path) == (urlsplit(origin).hostname, path):
        return ""
    # Its query may be long, and is for the browser.
    return f"{reply.status} to {target._replace(query='', fragment='').geturl()}"


def open_paths(section: Section, settings: Settings, entry: Reply) -> None:
    """See that what needs no log-in gets through: what pages load, and providers' log-outs."""
    found = _MODULE.search(entry.body)
    if found is not None:
        _open(section, settings, found[1].decode(), _is_module)
    _open(section, settings, "/errors", _is_page)
    for application in settings.applications.values():
        if application.provider is not None and application.log_out is not None:
            path = f"/session/back-channel-logout/{application.name}"
            # Not a form, so it is refused before anything is counted or written down.
            _open(section, settings, path, _is_ours, method="POST")


def _open(
    section: Section,
    settings: Settings,
    path: str,
    is_right: Callable[[Reply], bool],
    *,
    method: str = "GET",
) -> None:
    try:
        seen = ask_noting(section, settings.origin, path, method=method)
    except AskingError as error:
        section.wrong(f"{path} can't be reached: {error}", "")
        return
    if is_right(seen):
        section.fine(f"{path} is open to everybody")
    elif how := refusal(seen, settings.origin, path):
        section.wrong(f"{path} is kept from who is not logged in ({how})", ALONE)
    else:
        section.wrong(f"what answers at {path} is not the tokenizer ({seen.status})", ALONE)


def _is_module(reply: Reply) -> bool:
    return reply.status == OK and "javascript" in reply.header("content-type")


def _is_page(reply: Reply) -> bool:
    return reply.status == OK and b"<title>Errors of LunaSec</title>" in reply.body


def _is_ours(reply: Reply) -> bool:
    """Say whether it is a problem document, as the tokenizer writes them."""
    try:
        return msgspec.json.decode(reply.body, type=_Problem).type.startswith(DOCUMENTATION)
    except msgspec.DecodeError:
        return False
