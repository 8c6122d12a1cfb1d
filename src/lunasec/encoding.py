"""The encodings that every hash, tag and wire field is built from; no more than these."""

import base64
import binascii


def to_base64url(data: bytes) -> str:
    """Write bytes as base64url without padding (RFC 4648, section 5)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def from_base64url(text: str) -> bytes:
    """Read base64url without padding, or raise `ValueError`.

    Strict: one text for one value. Padding, white space, the `+/` alphabet and stray bits in the
    last character (RFC 4648, section 3.5) are refused, since a second spelling of a token or a
    signature would slip past everything that compares or remembers texts.
    """
    try:
        data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        data = b""
    if to_base64url(data) != text:
        # `from None`, and nothing of the text: it may be a key or a token.
        raise ValueError("not base64url")
    return data


def from_padded_base64url(text: str) -> bytes:
    """Read base64url with its padding or without, or raise `ValueError`; otherwise as strict."""
    bare = text.rstrip("=")
    if text not in {bare, bare + "=" * (-len(bare) % 4)}:
        raise ValueError("not base64url")
    return from_base64url(bare)


def length_prefixed(*fields: bytes) -> bytes:
    """Join fields, each behind its length as 32 bits big-endian.

    No two different lists of fields give the same bytes, so a hash or a tag over them means one
    list only: ("ab", "c") and ("a", "bc") differ.
    """
    return b"".join([len(field).to_bytes(4, "big") + field for field in fields])
