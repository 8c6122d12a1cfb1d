"""The tokenizer's own TLS, where no proxy in front of it ends it."""

import ssl
from pathlib import Path

from lunasec.errors import ConfigurationInvalid
from lunasec.tokenizer.settings import Settings


def context(settings: Settings) -> ssl.SSLContext | None:
    """Read the certificate and its key; None where there is none.

    Raises: `ConfigurationInvalid`.
    """
    certificate, key = settings.tls_certificate, settings.tls_key
    if certificate is None or key is None:
        return None
    _readable("tls_certificate", certificate)
    _readable("tls_key", key)
    made = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        made.load_cert_chain(certificate, key, _no_passphrase)
    except ssl.SSLError as error:
        raise ConfigurationInvalid(_wrong(certificate, key, error)) from None
    except _EncryptedError:
        raise ConfigurationInvalid(
            f"tokenizer.tls_key: {key} is under a passphrase, and nobody is there to type it at a"
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
        detail = f"tokenizer.{name}: {path}: {error.strerror}."
        raise ConfigurationInvalid(detail) from None


def _wrong(certificate: Path, key: Path, error: ssl.SSLError) -> str:
    if error.reason == "KEY_VALUES_MISMATCH":
        return f"tokenizer.tls_key: {key} is not the key of the certificate in {certificate}."
    return (
        f"tokenizer.tls_certificate: {certificate} and {key} can't be used ({error.reason});"
        " both have to be PEM, the certificate first and its chain behind it."
    )
