"""Tokens: what the application keeps in place of a value."""

import hashlib
import re
from typing import Final, Self

from msgspec import Struct

from lunasec.encoding import from_base64url, to_base64url
from lunasec.errors import TokenMalformed
from lunasec.tokenizer.core.secret import Secret

SECRET_BYTES: Final = 32  # 256 random bits: nobody guesses a token, whatever he is let try.
PREFIX: Final = "lunasec-"  # So that a log scanner finds one.
_BODY_CHARACTERS: Final = 43  # 32 bytes in base64url
_CHECKSUM_CHARACTERS: Final = 6  # 36 bits: a typo fails offline, without a question to the store.
_CHECKSUM_LABEL: Final = b"lunasec/token/v1"
_SHAPE: Final = re.compile(rf"{PREFIX}[A-Za-z0-9_-]{{{_BODY_CHARACTERS + _CHECKSUM_CHARACTERS}}}")


class Token(Struct, frozen=True, kw_only=True, gc=False):
    """A token that was read and found whole; whether it opens anything is for the gate to say."""

    secret: Secret

    @classmethod
    def of(cls, random: bytes) -> Self:
        """Make a token of 32 random bytes, or raise `ValueError`."""
        if len(random) != SECRET_BYTES:
            message = f"a token takes {SECRET_BYTES} random bytes, not {len(random)}"
            raise ValueError(message)
        return cls(secret=Secret(random))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a token, or raise `TokenMalformed`, which never quotes the text."""
        if not _SHAPE.fullmatch(text):
            detail = f"A token is {PREFIX!r} and 49 characters of A-Z, a-z, 0-9, '-' and '_'."
            raise TokenMalformed(detail)
        body, checksum = text[len(PREFIX) : -_CHECKSUM_CHARACTERS], text[-_CHECKSUM_CHARACTERS:]
        # The checksum holds no secret (anybody can compute it), so this comparison may be fast.
        if _checksum(body) != checksum:
            raise TokenMalformed("The token's checksum does not match: it was mistyped or cut off.")
        try:
            return cls(secret=Secret(from_base64url(body)))
        except ValueError:
            raise TokenMalformed("The token is not in its one canonical spelling.") from None

    def text(self) -> str:
        """Write the token as the application keeps it: 57 characters of ASCII."""
        body = to_base64url(self.secret.reveal())
        return f"{PREFIX}{body}{_checksum(body)}"


def _checksum(body: str) -> str:
    """Give the first 36 bits of SHA-256 over the label and the 43 characters, in base64url."""
    digest = hashlib.sha256(_CHECKSUM_LABEL + body.encode("ascii")).digest()
    return to_base64url(digest)[:_CHECKSUM_CHARACTERS]
