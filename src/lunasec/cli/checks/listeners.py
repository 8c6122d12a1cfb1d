"""Looks at the listeners: free, ours, or in the way."""

import errno
import socket
from dataclasses import dataclass
from typing import Final

import msgspec

from lunasec.cli.checks.asking import AskingError, Reply, ask
from lunasec.cli.checks.findings import Section
from lunasec.tokenizer.proxy_listener import ProxyListener
from lunasec.tokenizer.settings import Address, Settings

ENTRY: Final = b'export * from "/assets/'
"""How the one module begins that pages load: nothing else answers like that."""

_ANY: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - what it means, to a client
_LOOPBACK: Final = ("127.0.0.1", "::1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Listeners:
    """What was found, and whether a tokenizer of ours is running."""

    section: Section
    running: bool


def look(settings: Settings) -> Listeners:
    """See whether the listeners' addresses are free, or a tokenizer's already."""
    section = Section(title="Listeners")
    public = _public(settings, section)
    operator = _operator(settings, section)
    running = public and operator
    if settings.proxy_listener is not None:
        _proxies(section, settings, settings.proxy_listener, running=running)
    if settings.operator_listen.host not in _LOOPBACK:
        section.doubt(
            f"operator_listen = {settings.operator_listen.text} may be reached from elsewhere",
            "Health and metrics are for you alone: take 127.0.0.1, or keep a firewall before it.",
        )
    if settings.listen.host not in _LOOPBACK and settings.tls_certificate is None:
        section.doubt(
            f"listen = {settings.listen.text} takes plain http from other machines",
            "Right only in a network that nobody but your TLS proxy is in.",
        )
    return Listeners(section=section, running=running)


def reach(settings: Settings, path: str) -> Reply:
    """Ask the public listener itself, past whatever is in front of it.

    Raises: `AskingError`.
    """
    scheme = "https" if settings.tls_certificate else "http"
    host = settings.origin.partition("://")[2]
    return ask(f"{scheme}://{host}", path, at=_target(settings.listen), trusting=True)


def _public(settings: Settings, section: Section) -> bool:
    name = f"listen = {settings.listen.text}"
    if not _is_taken(section, name, settings.listen):
        return False
    try:
        ours = reach(settings, "/lunasec.js").body.startswith(ENTRY)
    except AskingError:
        ours = False
    if ours:
        section.fine(f"{name}: the tokenizer answers")
    else:
        _other(section, name)
    return ours


def _operator(settings: Settings, section: Section) -> bool:
    name = f"operator_listen = {settings.operator_listen.text}"
    if not _is_taken(section, name, settings.operator_listen):
        return False
    try:
        origin = f"http://{settings.operator_listen.text}"
        reply = ask(origin, "/ready", at=_target(settings.operator_listen))
        said = msgspec.json.decode(reply.body, type=dict[str, object])
    except (AskingError, msgspec.DecodeError):
        said = {}
    match said.get("status"), said.get("code"):
        case "ready", _:
            section.fine(f"{name}: the tokenizer is ready, and reads its database")
        case _, str(code):
            section.wrong(f"{name}: the tokenizer is not ready: {code}", "Its log says why.")
        case _:
            _other(section, name)
            return False
    return True


def _proxies(
    section: Section, settings: Settings, listener: ProxyListener, *, running: bool
) -> None:
    """Say whether it is free. Whose it is, it tells nobody who has no proxy's certificate."""
    name = f"proxy_listener.listen = {listener.listen.text}"
    if _is_taken(section, name, listener.listen):
        if running:
            section.fine(f"{name}: in use, as it is while the tokenizer runs")
        else:
            _other(section, name)
    if not any(each.client_certificate for each in settings.applications.values()):
        section.doubt(
            "no application's proxy has to come through the proxy listener",
            'Set client_certificate = "required" in [applications.NAME.provider].',
        )


def _is_taken(section: Section, name: str, address: Address) -> bool:
    """Say whether somebody listens there; whether we could is a finding."""
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address.host, address.port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return True
            section.wrong(
                f"{name}: can't be listened on: {error.strerror}", _CURES.get(error.errno or 0, "")
            )
            return False
    section.note(f"{name}: free; the tokenizer is not running")
    return False


_CURES: Final = {
    errno.EACCES: "Ports below 1024 need a privilege; take another, with a proxy in front.",
    errno.EADDRNOTAVAIL: "This machine has no such address; 127.0.0.1 and 0.0.0.0 always are.",
}


def _other(section: Section, name: str) -> None:
    section.wrong(
        f"{name}: in use by another program", "Stop that one, or choose another address here."
    )


def _target(address: Address) -> tuple[str, int]:
    return _ANY.get(address.host, address.host), address.port
