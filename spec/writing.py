"""How the vectors are written; on the standard library alone."""

import base64
import hashlib
from typing import Any

Case = dict[str, Any]


def b64(data: bytes) -> str:
    """Write base64url without padding."""
    return base64.urlsafe_b64encode(data).decode("ascii").rstrip("=")


def unb64(text: str) -> bytes:
    """Read base64url without padding."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def made_up(name: str, length: int) -> bytes:
    """Give bytes that look random and are the same each time."""
    return hashlib.shake_256(f"lunasec vectors: {name}".encode()).digest(length)


def fields(*values: bytes) -> bytes:
    """Join fields, each behind its length as 32 bits big-endian."""
    return b"".join(len(value).to_bytes(4, "big") + value for value in values)
