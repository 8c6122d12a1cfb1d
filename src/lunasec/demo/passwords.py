"""Passwords: scrypt from the standard library (RFC 7914), its parameters in the stored text."""

import hashlib
import hmac
import secrets
from base64 import b64decode, b64encode

COST = 2**14  # 16 MiB and some 50 ms: OWASP's password storage cheat sheet, for r = 8 and p = 5.
BLOCK_SIZE = 8
PARALLELISM = 5
SALT_BYTES = 16

NOBODY = "scrypt$16384$8$5$AAAAAAAAAAAAAAAAAAAAAA==$" + "A" * 43 + "="
"""The hash of no password: checked for unknown users, so that they take as long as known ones."""


def hashed(password: str) -> str:
    """Return `scrypt$n$r$p$salt$hash` of a password, with a new salt. Slow on purpose."""
    salt = secrets.token_bytes(SALT_BYTES)
    digest = _scrypt(password, salt, COST, BLOCK_SIZE, PARALLELISM)
    parts = (COST, BLOCK_SIZE, PARALLELISM, b64encode(salt).decode(), b64encode(digest).decode())
    return "$".join(("scrypt", *map(str, parts)))


def matches(password: str, stored: str) -> bool:
    """Tell whether `stored` is the hash of this password. As slow as `hashed`."""
    _, cost, block_size, parallelism, salt, expected = stored.split("$")
    digest = _scrypt(password, b64decode(salt), int(cost), int(block_size), int(parallelism))
    return hmac.compare_digest(digest, b64decode(expected))


def _scrypt(password: str, salt: bytes, cost: int, block_size: int, parallelism: int) -> bytes:
    return hashlib.scrypt(
        password.encode(), salt=salt, n=cost, r=block_size, p=parallelism, dklen=32
    )
