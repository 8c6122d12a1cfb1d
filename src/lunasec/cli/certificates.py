"""Certificates of the demo's own making; the one module of the command that knows `cryptography`.

The authority's private key is never written down: it signs once and is forgotten, so that nobody
who finds the demo's files can make a certificate that a browser would trust.
"""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from lunasec.cli import text_file
from lunasec.tokenizer import private_file

LIFE: Final = timedelta(days=365)
SPARE: Final = timedelta(days=30)
"""A certificate that ends within this time is made anew at the next start."""

_CLOCKS: Final = timedelta(days=1)  # For a browser whose clock is behind ours.


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """Three PEM files: who signed it, the certificate itself, its private key (0600)."""

    authority: Path
    certificate: Path
    key: Path


def ensure(directory: Path, names: Sequence[str], now: int) -> Certificate:
    """Give a certificate for these names and addresses; make one where there is none that holds."""
    files = Certificate(
        authority=directory / "tls-authority.pem",
        certificate=directory / "tls.pem",
        key=directory / "tls.key",
    )
    at = datetime.fromtimestamp(now, UTC)
    there = files.key.exists() and files.authority.exists() and files.certificate.exists()
    if not there or not _holds(files.certificate, names, at):
        _make(files, names, at)
    return files


def ends_at(pem: bytes) -> int:
    """Say when the first certificate of a PEM file ends (Unix seconds), or raise `ValueError`."""
    return int(x509.load_pem_x509_certificate(pem).not_valid_after_utc.timestamp())


def _holds(path: Path, names: Sequence[str], at: datetime) -> bool:
    try:
        made = x509.load_pem_x509_certificate(path.read_bytes())
        covered = made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (ValueError, x509.ExtensionNotFound):
        return False
    return list(covered) == _alternatives(names) and made.not_valid_after_utc - SPARE > at


def _make(files: Certificate, names: Sequence[str], at: datetime) -> None:
    root_key, leaf_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    root_name = _name("LunaSec demo, this machine only")
    root = _signed(
        _builder(root_name, root_name, root_key.public_key(), at)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        # Should a person trust it: it is good for this machine's own names and nothing else.
        .add_extension(
            x509.NameConstraints(
                [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_network("127.0.0.0/8"))],
                None,
            ),
            critical=True,
        ),
        root_key,
        root_key.public_key(),
    )
    leaf = _signed(
        _builder(_name(names[0]), root_name, leaf_key.public_key(), at)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(_alternatives(names)), critical=False),
        root_key,
        root_key.public_key(),
    )
    files.key.unlink(missing_ok=True)
    private_file.create(files.key, _written_key(leaf_key))
    text_file.replace(files.authority, _written(root))
    text_file.replace(files.certificate, _written(leaf))


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, at: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - _CLOCKS)
        .not_valid_after(at + LIFE)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _signed(
    builder: x509.CertificateBuilder,
    key: ec.EllipticCurvePrivateKey,
    issuer: ec.EllipticCurvePublicKey,
) -> x509.Certificate:
    identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer)
    return builder.add_extension(identifier, critical=False).sign(key, hashes.SHA256())


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _alternatives(names: Sequence[str]) -> list[x509.GeneralName]:
    return [_alternative(name) for name in names]


def _alternative(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _written(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def _written_key(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
