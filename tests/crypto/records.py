"""Made-up records of a tokenizer, each with a token, a key set and a value of its own."""

import hashlib
from dataclasses import dataclass

from lunasec.sealing import seal_value
from lunasec.tokenizer.cipher import Cipher
from lunasec.tokenizer.core.envelope import Envelope
from lunasec.tokenizer.core.keyset import FRESH_BYTES, Keyset
from lunasec.tokenizer.core.secret import Secret
from lunasec.tokenizer.core.tokens import Token
from lunasec.tokenizer.core.wrapped import Wrapped

NOW = 1_800_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A record, and what its owner knows of it."""

    token: Token
    text: str
    dek: Secret
    envelope: Envelope
    wrapped: Wrapped


def made_up(name: str, length: int) -> bytes:
    """Give bytes that look random and are the same in each run."""
    return hashlib.shake_256(name.encode()).digest(length)


def keyset(name: str = "keys") -> Keyset:
    """Make a key set."""
    return Keyset.fresh(made_up(name, FRESH_BYTES), NOW)


def stored(cipher: Cipher, name: str = "one", kind: str = "ssn") -> Stored:
    """Store one value."""
    text, dek = f"123-45-{name}", made_up(f"{name} key", 32)
    value_id, nonce = made_up(f"{name} id", 16), made_up(f"{name} nonce", 12)
    token = Token.of(made_up(f"{name} token", 32))
    ciphertext = seal_value(
        text, application="payroll", kind=kind, dek=dek, value_id=value_id, nonce=nonce
    )
    envelope = Envelope.parse(ciphertext, application="payroll", kind=kind)
    wrapped = cipher.wrap(token, Secret(dek), envelope)
    return Stored(token=token, text=text, dek=Secret(dek), envelope=envelope, wrapped=wrapped)
