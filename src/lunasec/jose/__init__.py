"""Signed tokens (JWT) and the keys that check them, for the tokenizer and applications alike.

`joserfc` checks signatures. What it leaves open is decided here, once, for every kind of token: its
decoder validates no claim, takes a token without `exp`, and reads a member named twice.
"""

from lunasec.jose.claims import Claims
from lunasec.jose.keys import KeySet
from lunasec.jose.verification import MAX_TOKEN_BYTES, Issuer, verify
from lunasec.jose.verified import VerifiedTokens

__all__ = ["MAX_TOKEN_BYTES", "Claims", "Issuer", "KeySet", "VerifiedTokens", "verify"]
