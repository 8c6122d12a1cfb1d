"""The tokenizer's own signed tokens: what applications sign, and documents without cookies."""

from lunasec.tokenizer.jose.application import ApplicationTokens, verify_application_token

__all__ = ["ApplicationTokens", "verify_application_token"]
