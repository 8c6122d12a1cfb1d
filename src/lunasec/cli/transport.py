"""The tokenizer's own TLS: where no proxy in front ends it, and where proxies prove themselves."""

import ssl
from pathlib import Path

from lunasec.errors import ConfigurationInvalid
from lunasec.tokenizer.proxy_listener import SETTING, ProxyListener
from lunasec.tokenizer.settings import Settings


def context(settings: Settings) -> ssl.SSLContext | None:
    """Read the certificate and its key; None where there is none.

    Raises: `ConfigurationInvalid`.
    """
    certificate, key = settings.tls_certificate, settings.tls_key
    if certificate is None or key is None:
        return None
    return _context("tokenizer", certificate, key)


def proxies_context(listener: ProxyListener) -> ssl.SSLContext:
    """Read the same for the listener that takes nobody but proxies, by their certificates.

    What stands in `client_ca` is trusted as it is: a proxy's own certificate there is enough, and
    nothing else of the authority that signed it gets in. What the machine trusts does not count.

    Raises: `ConfigurationInvalid`.
    """
    made = _context(SETTING, listener.tls_certificate, listener.tls_key)
    _readable(f"{SETTING}.client_ca", listener.client_ca)
    try:
        made.load_verify_locations(cafile=listener.client_ca)
    except ssl.SSLError as error:
        raise ConfigurationInvalid(
            f"{SETTING}.client_ca: {listener.client_ca} can't be used ({error.reason}); wants one"
            " certificate or several, in PEM."
        ) from None
    made.verify_flags |= ssl.VerifyFlags.VERIFY_X509_PARTIAL_CHAIN
    made.verify_mode = ssl.CERT_REQUIRED
    return made


def _context(where: str, certificate: Path, key: Path) -> ssl.SSLContext:
    _readable(f"{where}.tls_certificate", certificate)
    _readable(f"{where}.tls_key", key)
    made = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        made.load_cert_chain(certificate, key, _no_passphrase)
    except ssl.SSLError as error:
        raise ConfigurationInvalid(_wrong(where, certificate, key, error)) from None
    except _EncryptedError:
        raise ConfigurationInvalid(
            f"{where}.tls_key: {key} is under a passphrase, and nobody is there to type it at a"
            " start. Write it without one, of mode 0600."
        ) from None
    return made


class _EncryptedError(Exception):
    """The private key asks for a passphrase."""


def _no_passphrase() -> str:
    raise _EncryptedError


def _readable(name: str, path: Path) -> None:
    try:
        path.read_bytes()
    except OSError as error:
        detail = f"{name}: {path}: {error.strerror}."
        raise ConfigurationInvalid(detail) from None


def _wrong(where: str, certificate: Path, key: Path, error: ssl.SSLError) -> str:
    if error.reason == "KEY_VALUES_MISMATCH":
        return f"{where}.tls_key: {key} is not the key of the certificate in {certificate}."
    return (
        f"{where}.tls_certificate: {certificate} and {key} can't be used ({error.reason});"
        " both have to be PEM, the certificate first and its chain behind it."
    )
