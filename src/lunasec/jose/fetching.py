"""Fetches keys, and asks identity providers, at the addresses that the configuration names.

No redirect is followed and no proxy of the environment asked. A host's name leads to this machine
where it is one of its names, and into a private network where the configuration has that (RFC 7517,
section 5; OWASP on SSRF).
"""

import http.client
import io
import ipaddress
import socket
import ssl
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import IO, Any, Final, cast
from urllib.parse import urlsplit

from lunasec.jose.sources import Network, is_own, is_private_line

PATIENCE_SECONDS: Final = 5
"""For all of an answer: who sends a byte now and then would hold us for ever otherwise."""

LARGEST: Final = 256 * 1024  # Bytes.
_ABSENT: Final = frozenset({http.HTTPStatus.FORBIDDEN, http.HTTPStatus.NOT_FOUND})


def read(source: str | Path, networks: Sequence[Network] = ()) -> bytes:
    """Read keys from a file, or fetch them; this waits, so call it in a thread.

    `networks` are the private ones that the host's name may lead into.

    Raises: `OSError`, with a reason that is safe to log; `FileNotFoundError` where somebody says
    that they are not there.
    """
    if isinstance(source, Path) or "://" not in source:
        return Path(source).read_bytes()
    return _fetch(source, networks)


def reading(networks: Sequence[Network]) -> Callable[[str | Path], bytes]:
    """Give `read` for what may be in those private networks."""
    return partial(read, networks=networks)


def post(
    address: str, form: bytes, headers: Mapping[str, str], networks: Sequence[Network] = ()
) -> tuple[int, bytes]:
    """Send a form and give the answer's status and content; this waits, so call it in a thread.

    `networks` are as for `read`.

    Raises: `OSError`, with a reason that is safe to log.
    """
    stated = {"Content-Type": "application/x-www-form-urlencoded", **headers}
    return _ask("POST", address, form, stated, networks)


def _fetch(address: str, networks: Sequence[Network]) -> bytes:
    status, content = _ask("GET", address, None, {}, networks)
    if status != http.HTTPStatus.OK:
        kind = FileNotFoundError if status in _ABSENT else OSError
        raise kind(f"the answer is {status}, and redirects are not followed")
    return content


def _ask(
    method: str,
    address: str,
    body: bytes | None,
    headers: Mapping[str, str],
    networks: Sequence[Network],
) -> tuple[int, bytes]:
    parts = urlsplit(address)
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    if not is_private_line(parts):
        raise OSError("the address is not one of https, nor a plain http one of this machine")
    path = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
    connection = _Pinned(host, port, networks, tls=parts.scheme == "https")
    try:
        connection.request(method, path, body, {"Accept": "application/json", **headers})
        with connection.getresponse() as response:
            content = response.read(LARGEST + 1)
            status = response.status
    except http.client.HTTPException as error:
        raise OSError(type(error).__name__) from None
    finally:
        connection.close()
    if len(content) > LARGEST:
        raise OSError(f"the answer has more than {LARGEST} bytes")
    return status, content


class _Pinned(http.client.HTTPConnection):
    """A connection to the address that was judged: a second look-up might give another one."""

    def __init__(self, host: str, port: int, networks: Sequence[Network], *, tls: bool) -> None:
        super().__init__(host, port)
        self._networks = networks
        self._end = time.monotonic() + PATIENCE_SECONDS
        self._tls = ssl.create_default_context() if tls else None

    def connect(self) -> None:
        """Look the name up once, refuse addresses that nobody can mean by it, try the rest."""
        addresses = self._found()
        if not all(map(self._is_meant, addresses)):
            raise OSError(
                "the name leads to a private address that is in none of private_networks,"
                " or away from this machine"
            )
        # Kept at once, so that it is closed whatever comes.
        self.sock = self._connected(addresses)
        self.sock.settimeout(self._left())
        if self._tls is not None:
            self.sock = self._tls.wrap_socket(self.sock, server_hostname=self.host)
        self.sock = cast("socket.socket", _Bounded(self.sock, self._left))

    def _is_meant(self, address: str) -> bool:
        judged = ipaddress.ip_address(address)
        if is_own(self.host):
            return judged.is_loopback
        return judged.is_global or any(judged in each for each in self._networks)

    def _left(self) -> float:
        """Give the seconds that are left of the time for all."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError(f"there is no whole answer within {PATIENCE_SECONDS} s")
        return left

    def _found(self) -> list[str]:
        """Look the name up; one of this machine leads here where nobody knows it (RFC 6761)."""
        try:
            found = socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)
        except socket.gaierror:
            if not is_own(self.host):
                raise
            return ["127.0.0.1"]
        return list(dict.fromkeys(str(each[4][0]) for each in found))

    def _connected(self, addresses: list[str]) -> socket.socket:
        """Connect to the first address that answers: a machine may have IPv6 and no way there."""
        *others, last = addresses
        for address in others:
            with suppress(OSError):
                return self._connected_to(address)
        return self._connected_to(last)

    def _connected_to(self, address: str) -> socket.socket:
        return socket.create_connection((address, self.port), timeout=self._left())


class _Bounded:
    """A connection as `http.client` uses one, whose time is one for all that is sent and read."""

    def __init__(self, connected: socket.socket, left: Callable[[], float]) -> None:
        self._connected, self._left = connected, left

    def sendall(self, data: bytes) -> None:
        self._connected.settimeout(self._left())
        self._connected.sendall(data)

    def makefile(self, _mode: str) -> IO[bytes]:
        raw = self._connected.makefile("rb", buffering=0)
        return io.BufferedReader(_Read(self._connected, raw, self._left))

    def close(self) -> None:
        self._connected.close()


class _Read(io.RawIOBase):
    """What is read of a connection, each time with what is left of its time."""

    def __init__(
        self, connected: socket.socket, raw: socket.SocketIO, left: Callable[[], float]
    ) -> None:
        self._connected, self._raw, self._left = connected, raw, left

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:  # noqa: ANN401 - a buffer has no name yet
        self._connected.settimeout(self._left())
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()
