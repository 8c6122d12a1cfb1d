"""Verifies signed tokens (JWT): of applications now, of auth proxies by the same steps."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from joserfc import jws
from joserfc.errors import JoseError, UnsupportedAlgorithmError

from lunasec.encoding import from_base64url, from_padded_base64url
from lunasec.errors import CredentialInvalid
from lunasec.jose.claims import CLOCK_SKEW, Claims, check_audience, checked_times, text_of
from lunasec.jose.keys import ALGORITHMS, KeySet, VerificationKey
from lunasec.jose.quirks import PLAIN, Quirks
from lunasec.jose.strict_json import parse_object

MAX_TOKEN_BYTES: Final = 4096  # A credential has some 400; more is never parsed.
MAX_PROXY_TOKEN_BYTES: Final = 12_288  # With the groups that a person is in.
# Keys that a token brings along or points to, and extensions that change what is signed.
_REFUSED_HEADERS: Final = frozenset({"jwk", "jku", "x5c", "x5u", "crit", "b64", "zip", "enc"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Issuer:
    """What a token of one issuer has to look like; all of it comes from the configuration."""

    name: str  # `iss`
    keys: KeySet
    audience: str  # `aud`
    types: frozenset[str | None]  # `typ`; None: it may be absent
    algorithms: frozenset[str]  # `alg`: of those that the key allows, these
    longest_life: int | None  # seconds from `iat` to `exp`
    skew: int = CLOCK_SKEW  # seconds by which its clock may differ
    longest: int = MAX_TOKEN_BYTES  # characters
    quirks: Quirks = PLAIN
    assumed_life: int | None = None  # seconds that a token without `exp` lives; None: it has one


class KeyUnknown(CredentialInvalid):
    """The issuer may have a new key, of the id that the token names, which is worth a look."""

    def __init__(self, key_id: str) -> None:
        super().__init__('The issuer has no key by the name in "kid".')
        self.key_id = key_id


def verify(text: str, *, issuers: Mapping[str, Issuer], now: float) -> Claims:
    """Verify a signed token of one of `issuers` (by name), or raise `CredentialInvalid`.

    1. Size, before anything is parsed.
    2. Three parts, each in its one base64url spelling (RFC 7515, sections 2, 5.2 and 7.1).
    3. Strict JSON; a header without keys of its own and extensions (RFC 7515, sections 4.1.2 to
       4.1.6 and 4.1.11; RFC 8725, section 3.10).
    4. The issuer that it claims is one of ours (RFC 8725, section 3.8); from here on that issuer's
       rules alone count, so a false claim leads to keys that did not sign it.
    5. `typ` (RFC 8725, section 3.11).
    6. `kid` names one of the issuer's keys (RFC 7515, section 4.1.4).
    7. `alg` is one that this key and this issuer allow (RFC 8725, sections 3.1 and 3.2).
    8. The signature (RFC 7515, section 5.2).
    9. Audience and times (RFC 7519, sections 4.1.3 to 4.1.6).
    """
    # 1.
    longest = max(each.longest for each in issuers.values())
    if len(text) > longest:
        raise CredentialInvalid(f"The token has more than {longest} characters.")
    # 2. and 3. The payload is read here for step 4 alone, and trusted after step 8.
    header, payload = _parts(text, padded=any(each.quirks.padded for each in issuers.values()))
    if not _REFUSED_HEADERS.isdisjoint(header):
        raise CredentialInvalid("The token's header has a member that is never accepted.")
    # 4.
    issuer = _issuer(header, payload, issuers)
    if "=" in text and not issuer.quirks.padded:
        raise CredentialInvalid("The token is not a signed JWT.")
    # 5.
    if text_of(header, "typ") not in issuer.types:
        raise CredentialInvalid('The token is of another type ("typ").')
    # 6.
    key_id = text_of(header, "kid") or ""
    key = issuer.keys.keys.get(key_id)
    if key is None:
        raise KeyUnknown(key_id)
    # 7.
    if text_of(header, "alg") not in key.algorithms & issuer.algorithms:
        raise CredentialInvalid('The key is not for the algorithm in "alg".')
    # 8.
    _check_signature(text, key, header["alg"], padded=issuer.quirks.padded)
    # 9.
    claims = issuer.quirks.claims(header, payload)
    check_audience(claims, issuer.audience, issuer.quirks.audience_claim)
    issued_at, expires_at = checked_times(
        claims,
        longest_life=issuer.longest_life,
        now=now,
        skew=issuer.skew,
        dated=issuer.quirks.dated,
        assumed_life=issuer.assumed_life,
    )
    return Claims(
        issuer=issuer.name,
        key_id=key.id,
        issued_at=issued_at,
        expires_at=expires_at,
        members=MappingProxyType(claims),
    )


def _parts(text: str, *, padded: bool) -> tuple[dict[str, Any], dict[str, Any]]:
    """Read header and payload, both still unproven; refuse what is not a signed JWT at all."""
    read = from_padded_base64url if padded else from_base64url
    try:
        header, payload, _ = (read(part) for part in text.split("."))
        return parse_object(header), parse_object(payload)
    except ValueError:
        raise CredentialInvalid("The token is not a signed JWT.") from None


def _issuer(
    header: Mapping[str, Any], payload: dict[str, Any], issuers: Mapping[str, Issuer]
) -> Issuer:
    """Find whose token it claims to be, where that issuer's tokens say so."""
    for stated in (payload, header):
        issuer = issuers.get(text_of(stated, "iss") or "")
        if issuer and issuer.quirks.claims(header, payload).get("iss") == issuer.name:
            return issuer
    raise CredentialInvalid('Nobody by the name in "iss" is configured here.')


def _check_signature(text: str, key: VerificationKey, algorithm: str, *, padded: bool) -> None:
    """Refuse a text that its issuer did not sign, padding and all."""
    try:
        if not padded:
            jws.deserialize_compact(text, key.key, registry=REGISTRY)
            return
        # The library reads no padding; what it does after reading is the same.
        message, _, signature = text.rpartition(".")
        right = REGISTRY.get_alg(algorithm).verify(
            message.encode(), from_padded_base64url(signature), key.key
        )
    except (JoseError, ValueError):
        right = False
    if not right:
        raise CredentialInvalid("The token's signature does not match.")


class _Registry(jws.JWSRegistry):
    """joserfc's algorithms, without its own limits and its warning at each use of `EdDSA`.

    Step 7 has picked the algorithm by the key; step 1 has bounded the size.
    """

    max_header_length = MAX_PROXY_TOKEN_BYTES

    def get_alg(self, name: str) -> Any:  # noqa: ANN401 - joserfc names no public type for it
        if name not in ALGORITHMS:
            raise UnsupportedAlgorithmError(name)
        return self.algorithms[name]


REGISTRY: Final = _Registry(strict_check_header=False)
