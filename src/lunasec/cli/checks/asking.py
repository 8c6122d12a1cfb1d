"""Asks another server over HTTP as a browser would, and says in words why it could not."""

import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPMessage
from typing import Final
from urllib.parse import urlsplit

from lunasec.cli.certificates import ends_at
from lunasec.cli.checks.findings import Section
from lunasec.tokenizer.origins import is_local

SECONDS: Final = 5
"""A server that needs longer than this is as good as not there, to somebody who waits."""

BODY_BYTES: Final = 64 * 1024
"""More than any answer that is looked at here."""

LOOPBACK: Final = "127.0.0.1"


class AskingError(Exception):
    """There was no answer; the text says why, and completes "… can't be reached: …"."""


class UntrustedError(AskingError):
    """The server's certificate is not trusted here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What a server answered; `certificate_ends` is in Unix seconds, None without TLS."""

    status: int
    headers: HTTPMessage
    body: bytes
    certificate_ends: int | None

    def header(self, name: str) -> str:
        """Give a header as browsers read it: several are one, with commas between them."""
        return ", ".join(self.headers.get_all(name, []))


def ask(
    origin: str,
    path: str,
    *,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    at: tuple[str, int] | None = None,
    trusting: bool = False,
) -> Reply:
    """Ask an origin for a path; `at` is where to connect instead of where its name leads.

    `trusting` takes any certificate, to see what is behind one that is not trusted.

    Raises: `AskingError`.
    """
    parts = urlsplit(origin)
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    # Browsers take these names to loopback by themselves; the system often does not know them.
    address = at or (LOOPBACK if is_local(host) else host, port)
    connection = HTTPConnection(host, port, timeout=SECONDS)
    try:
        connection.sock = _connected(address, host if parts.scheme == "https" else None, trusting)
        connection.request(method, path, headers={"Host": parts.netloc, **(headers or {})})
        answer = connection.getresponse()
        return Reply(
            status=answer.status,
            headers=answer.headers,
            body=answer.read(BODY_BYTES),
            certificate_ends=_certificate_ends(connection.sock),
        )
    except ssl.SSLCertVerificationError as error:
        raise UntrustedError(f"its certificate is not trusted: {error.verify_message}") from None
    except ssl.SSLError as error:
        raise AskingError(f"no TLS there ({error.reason})") from None
    except socket.gaierror:
        raise AskingError(f"the name {host} has no address (DNS)") from None
    except TimeoutError:
        raise AskingError(f"no answer within {SECONDS} s") from None
    except OSError as error:
        raise AskingError((error.strerror or "the connection broke").lower()) from None
    except HTTPException:
        raise AskingError("what answers does not speak HTTP") from None
    finally:
        connection.close()


def ask_noting(
    section: Section,
    origin: str,
    path: str,
    *,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
) -> Reply:
    """Ask; a certificate that is not trusted becomes a finding, once, and is looked behind.

    Raises: `AskingError`.
    """
    try:
        return ask(origin, path, method=method, headers=headers)
    except UntrustedError as error:
        what = f"{origin}: {error}"
        if all(each.what != what for each in section.findings):
            section.wrong(
                what,
                "Browsers show no frame of such a server. If it is of an authority of your own:\n"
                "SSL_CERT_FILE=AUTHORITY.pem lets this command trust it too.",
            )
        return ask(origin, path, method=method, headers=headers, trusting=True)


def _connected(address: tuple[str, int], name: str | None, trusting: bool) -> socket.socket:  # noqa: FBT001 - private
    plain = socket.create_connection(address, timeout=SECONDS)
    if name is None:
        return plain
    context = ssl.create_default_context()
    if trusting:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context.wrap_socket(plain, server_hostname=name)


def _certificate_ends(connected: socket.socket | None) -> int | None:
    if not isinstance(connected, ssl.SSLSocket):
        return None
    certificate = connected.getpeercert(binary_form=True)
    return None if certificate is None else ends_at(ssl.DER_cert_to_PEM_cert(certificate).encode())
