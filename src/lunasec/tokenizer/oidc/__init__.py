"""The tokenizer as a relying party of identity providers (OpenID Connect Core 1.0)."""

from lunasec.tokenizer.oidc.conversation import Conversation

__all__ = ["Conversation"]
