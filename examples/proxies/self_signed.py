"""Certificates that sign themselves: whoever is to believe one is given that very one."""

import ipaddress
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

LIFE: Final = timedelta(days=365)


def to_ask(name: str) -> tuple[bytes, bytes]:
    """Make a certificate for a client, and its private key (PEM)."""
    return _made(name, ExtendedKeyUsageOID.CLIENT_AUTH, [x509.DNSName(name)])


def to_serve(names: Sequence[str]) -> tuple[bytes, bytes]:
    """Make a certificate for a server of these names and of 127.0.0.1, and its key (PEM)."""
    here = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    others = [x509.DNSName(each) for each in names]
    return _made(names[0], ExtendedKeyUsageOID.SERVER_AUTH, [here, *others])


def _made(
    name: str, use: x509.ObjectIdentifier, names: Sequence[x509.GeneralName]
) -> tuple[bytes, bytes]:
    key = ec.generate_private_key(ec.SECP256R1())
    own = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)  # noqa: TID251 - a program of its own, with its own clock
    certificate = (
        x509.CertificateBuilder(own, own, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + LIFE)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.ExtendedKeyUsage([use]), critical=False)
        .sign(key, hashes.SHA256())
    )
    return certificate.public_bytes(serialization.Encoding.PEM), key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
