"""A damaged file or an unusable certificate stops the start in one line, and is left as it is."""

from collections.abc import Callable
from pathlib import Path

import pytest

from lunasec.cli import certificates
from tests.cli.invocation import lunasec
from tests.cli.serving import add_line, running_server, state


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-40])


def _open_to_all(path: Path) -> None:
    path.chmod(0o644)


def _replace(path: Path) -> None:
    path.write_bytes(b"hello" * 100)


def _scribble(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:8192] + b"\xff" * 8192 + path.read_bytes()[16384:])


@pytest.mark.parametrize(
    ("name", "damage", "said"),
    [
        ("keys.json", _cut, "lunasec keys import"),
        ("keys.json", Path.unlink, "lunasec keys import"),
        ("keys.json", _open_to_all, "chmod 600"),
        ("high-water.json", _cut, "high-water.json is damaged"),
        ("lunasec.db", _replace, "is not an SQLite database"),
        ("lunasec.db", _scribble, "lunasec.db"),
        ("lunasec.db", Path.unlink, "is missing"),
    ],
)
def test_damage_is_said_and_left_alone(
    folder: Path, name: str, damage: Callable[[Path], object], said: str
) -> None:
    """A damaged file stops the start in one line, with its name; no file is changed by it."""
    with running_server(folder) as serving:
        serving.stop()
    damaged = folder / "lunasec-data" / name
    damage(damaged)
    before = state(folder)
    refusal = lunasec("serve", cwd=folder).refusal
    assert said in refusal
    assert str(damaged) in refusal
    assert state(folder) == before


# A key of P-256 under a passphrase, as `openssl genpkey -aes256` writes it.
ENCRYPTED = b"""\
-----BEGIN ENCRYPTED PRIVATE KEY-----
MIH0MF8GCSqGSIb3DQEFDTBSMDEGCSqGSIb3DQEFDDAkBBDeReO/ef63H1ucCvHu
Em6WAgIIADAMBggqhkiG9w0CCQUAMB0GCWCGSAFlAwQBKgQQei7DFddZXWIp9zjR
eEieMgSBkFZ68bWCGv+EJYD6FOgUdcQiS7R9zQNqoaYRmYwcB6z4lWB4zpSjCzaV
CcTyHXByMSXL3A3+Y2GgIThBj8NShp4Y4Y3Lgix9PjAEm2FVvsEdVTXRVLg+otSm
CfZ0jnvdadgd3v8nho7xAaEe824xEFXC4bfV7y6o1IPd92f3vwsKqEw/nubIqBeZ
51tYDn8x6Q==
-----END ENCRYPTED PRIVATE KEY-----
"""

NOW = 1_795_000_000


def _certificate(folder: Path) -> certificates.Certificate:
    made = certificates.ensure(folder, ["secure.example.com"], NOW)
    add_line(folder, f'tls_certificate = "{made.certificate}"\ntls_key = "{made.key}"')
    return made


def _no_key(files: certificates.Certificate) -> None:
    files.key.unlink()


def _no_certificate(files: certificates.Certificate) -> None:
    files.certificate.unlink()


def _no_pem(files: certificates.Certificate) -> None:
    files.certificate.write_text("x")


def _encrypted_key(files: certificates.Certificate) -> None:
    files.key.write_bytes(ENCRYPTED)


def _other_key(files: certificates.Certificate) -> None:
    other = certificates.ensure(files.key.parent / "other", ["other.example.com"], NOW)
    files.key.write_bytes(other.key.read_bytes())


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (_no_key, "tokenizer.tls_key: "),
        (_no_certificate, "tokenizer.tls_certificate: "),
        (_other_key, "is not the key of the certificate"),
        (_no_pem, "both have to be PEM"),
        (_encrypted_key, "is under a passphrase"),
    ],
)
def test_wrong_certificate_is_said(
    folder: Path, damage: Callable[[certificates.Certificate], object], said: str
) -> None:
    """A certificate that can't be used is named with its setting; nobody is asked for anything."""
    damage(_certificate(folder))
    assert said in lunasec("serve", cwd=folder).refusal
    assert not (folder / "lunasec-data").exists()
