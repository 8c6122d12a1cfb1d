"""Signed tokens (JWT) and the keys that check them; the only importer of `joserfc` here.

`joserfc` checks signatures. What it leaves open is decided here, once, for every kind of token: its
decoder validates no claim, takes a token without `exp`, and reads a member named twice.
"""

from lunasec.tokenizer.core.claims import ApplicationClaims, Claims
from lunasec.tokenizer.jose.application import (
    ApplicationTokens,
    verify_application_token,
)
from lunasec.tokenizer.jose.keys import KeySet
from lunasec.tokenizer.jose.verification import MAX_TOKEN_BYTES, Issuer, verify
from lunasec.tokenizer.jose.verified import VerifiedTokens

__all__ = [
    "MAX_TOKEN_BYTES",
    "ApplicationClaims",
    "ApplicationTokens",
    "Claims",
    "Issuer",
    "KeySet",
    "VerifiedTokens",
    "verify",
    "verify_application_token",
]
