"""In what the tokens of some proxies differ from JWTs as others make them."""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from lunasec.errors import CredentialInvalid


class Quirks(Struct, frozen=True, kw_only=True):
    """How one kind of token differs; each is accepted where it is named, and nowhere else."""

    audience_claim: str = "aud"
    """What says whom a token is for."""

    header_claims: frozenset[str] = frozenset()
    """Claims that stand in the JOSE header (RFC 7519, section 5.3), and count there alone."""

    padded: bool = False
    """Base64url with the padding that RFC 7515, section 2, leaves out."""

    dated: bool = True
    """`iat` is there; without it, a token's life is counted from now on."""

    realm: str = ""
    """What sessions and users are named under where `iss` is another one for each upstream: the
    application and the tokenizer would make two things of one session."""

    def claims(self, header: Mapping[str, Any], payload: dict[str, Any]) -> dict[str, Any]:
        """Give the claims, from where they stand; `CredentialInvalid` if two places disagree."""
        if not self.header_claims:
            return payload
        stated = {name: header[name] for name in self.header_claims if name in header}
        if any(payload.get(name, value) != value for name, value in stated.items()):
            raise CredentialInvalid("The token's header and its claims contradict one another.")
        rest = {name: value for name, value in payload.items() if name not in self.header_claims}
        return rest | stated


PLAIN = Quirks()
