"""Signed tokens (JWT) and the keys that check them; the only importer of `joserfc` here.

`joserfc` checks signatures. What it leaves open is decided here, once, for every kind of token: its
decoder validates no claim, takes a token without `exp`, and reads a member named twice.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Any, Final, Literal, Self

import msgspec
from joserfc import jwk, jws
from joserfc.errors import JoseError, UnsupportedAlgorithmError

from lunasec.encoding import from_base64url
from lunasec.errors import ConfigurationInvalid, CredentialInvalid
from lunasec.tokenizer.core.claims import (
    ApplicationClaims,
    Claims,
    check_audience,
    checked_times,
    text_of,
)
from lunasec.tokenizer.core.strict_json import parse_object

MAX_TOKEN_BYTES: Final = 4096  # A credential has some 400; more is never parsed.
APPLICATION_TYPE: Final = "lunasec-app+jwt"
APPLICATION_LIFE: Final = 300  # Seconds from `iat` to `exp`: a stolen credential dies soon.
RSA_BITS: Final = range(2048, 8193)  # RFC 7518, section 3.3; above, verifying is a burden.

# What each type of key may verify: the token's `alg` never picks the kind of key (RFC 8725, 3.1).
_ALGORITHMS: Final[Mapping[tuple[str, str | None], frozenset[str]]] = {
    ("OKP", "Ed25519"): frozenset({"EdDSA", "Ed25519"}),  # RFC 8037; RFC 9864 renames it.
    ("EC", "P-256"): frozenset({"ES256"}),
    ("RSA", None): frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"}),
}
_PRIVATE: Final = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
# Keys that a token brings along or points to, and extensions that change what is signed.
_REFUSED_HEADERS: Final = frozenset({"jwk", "jku", "x5c", "x5u", "crit", "b64", "zip", "enc"})


@dataclass(frozen=True, slots=True, kw_only=True)
class VerificationKey:
    """A public key and the algorithms that it may verify."""

    id: str
    algorithms: frozenset[str]
    key: jwk.Key


@dataclass(frozen=True, slots=True, kw_only=True)
class KeySet:
    """The public keys of one issuer, by `kid`; a `kid` is looked up here and nowhere else."""

    keys: Mapping[str, VerificationKey]

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Read a JWKS (RFC 7517, section 5), or raise `ConfigurationInvalid`.

        One bad key refuses the whole set: an operator who put a private or a weak key into it
        should hear of it now.
        """
        try:
            members = msgspec.convert(parse_object(data), _JsonWebKeySet).keys
        except (ValueError, msgspec.ValidationError):
            raise ConfigurationInvalid('A key set is {"keys": [{"kid": …, "kty": …}]}.') from None
        keys = [_key(member, f"Key {place} of the set") for place, member in enumerate(members, 1)]
        by_id = {key.id: key for key in keys}
        if len(by_id) != len(keys):
            raise ConfigurationInvalid('Two keys of the set have the same "kid".')
        return cls(keys=MappingProxyType(by_id))


class _JsonWebKeySet(msgspec.Struct, frozen=True):
    keys: Annotated[list[dict[str, Any]], msgspec.Meta(min_length=1)]


class _JsonWebKey(msgspec.Struct, frozen=True, omit_defaults=True):
    """A public key as text (RFC 7517, section 4; RFC 7518, section 6); other members are ignored.

    A `kid` can't be empty, or it would be found for a token that has none.
    """

    kid: Annotated[str, msgspec.Meta(min_length=1)]
    kty: str
    crv: str | None = None
    x: str | None = None
    y: str | None = None
    n: str | None = None
    e: str | None = None
    alg: str | None = None
    use: Literal["sig"] = "sig"
    key_ops: tuple[Literal["verify"]] = ("verify",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Issuer:
    """What a token of one issuer has to look like; all of it comes from the configuration."""

    name: str  # `iss`
    keys: KeySet
    audience: str  # `aud`
    types: frozenset[str | None]  # `typ`; None: it may be absent
    algorithms: frozenset[str]  # `alg`: of those that the key allows, these
    longest_life: int | None  # seconds from `iat` to `exp`


def application_issuer(application: str, *, keys: KeySet, audience: str) -> Issuer:
    """Describe the credentials of an application's back end (protocol: application credential)."""
    return Issuer(
        name=application,
        keys=keys,
        audience=audience,
        types=frozenset({APPLICATION_TYPE}),
        algorithms=frozenset({"EdDSA", "Ed25519", "ES256"}),
        longest_life=APPLICATION_LIFE,
    )


def verify_application_token(
    text: str, *, keys: KeySet, application: str, audience: str, now: float
) -> ApplicationClaims:
    """Verify the credential of one application's back end, or raise `CredentialInvalid`."""
    issuer = application_issuer(application, keys=keys, audience=audience)
    return application_claims(verify(text, issuers={application: issuer}, now=now))


def application_claims(claims: Claims) -> ApplicationClaims:
    """Name what a verified credential of an application proves."""
    return ApplicationClaims(
        application=claims.issuer,
        key_id=claims.key_id,
        issued_at=claims.issued_at,
        expires_at=claims.expires_at,
    )


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
    if len(text) > MAX_TOKEN_BYTES:
        raise CredentialInvalid(f"The token has more than {MAX_TOKEN_BYTES} characters.")
    # 2. and 3. The payload is read here for step 4 alone, and trusted after step 8.
    header, payload = _parts(text)
    if not _REFUSED_HEADERS.isdisjoint(header):
        raise CredentialInvalid("The token's header has a member that is never accepted.")
    # 4.
    issuer = issuers.get(text_of(payload, "iss") or "")
    if issuer is None:
        raise CredentialInvalid('Nobody by the name in "iss" is configured here.')
    # 5.
    if text_of(header, "typ") not in issuer.types:
        raise CredentialInvalid('The token is of another type ("typ").')
    # 6.
    key = issuer.keys.keys.get(text_of(header, "kid") or "")
    if key is None:
        raise CredentialInvalid('The issuer has no key by the name in "kid".')
    # 7.
    if text_of(header, "alg") not in key.algorithms & issuer.algorithms:
        raise CredentialInvalid('The key is not for the algorithm in "alg".')
    # 8.
    try:
        jws.deserialize_compact(text, key.key, registry=_REGISTRY)
    except (JoseError, ValueError):
        raise CredentialInvalid("The token's signature does not match.") from None
    # 9.
    check_audience(payload, issuer.audience)
    issued_at, expires_at = checked_times(payload, longest_life=issuer.longest_life, now=now)
    return Claims(
        issuer=issuer.name,
        key_id=key.id,
        issued_at=issued_at,
        expires_at=expires_at,
        members=MappingProxyType(payload),
    )


def _parts(text: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Read header and payload, both still unproven; refuse what is not a signed JWT at all."""
    try:
        header, payload, _ = (from_base64url(part) for part in text.split("."))
        return parse_object(header), parse_object(payload)
    except ValueError:
        raise CredentialInvalid("The token is not a signed JWT.") from None


class _Registry(jws.JWSRegistry):
    """joserfc's algorithms, without its own limits and its warning at each use of `EdDSA`.

    Step 7 has picked the algorithm by the key; step 1 has bounded the size.
    """

    max_header_length = MAX_TOKEN_BYTES

    def get_alg(self, name: str) -> Any:  # noqa: ANN401 - joserfc names no public type for it
        if not any(name in allowed for allowed in _ALGORITHMS.values()):
            raise UnsupportedAlgorithmError(name)
        return self.algorithms[name]


_REGISTRY: Final = _Registry(strict_check_header=False)


def _key(member: dict[str, Any], name: str) -> VerificationKey:
    """Read one key of a set, or refuse it by `name`, which is its place in the file."""
    if not _PRIVATE.isdisjoint(member):
        raise ConfigurationInvalid(f"{name} is private or symmetric; only public keys belong here.")
    try:
        read = msgspec.convert(member, _JsonWebKey)
        algorithms = _ALGORITHMS.get((read.kty, read.crv), frozenset())
        if read.alg is not None:
            algorithms &= {read.alg}
        if not algorithms:
            raise ConfigurationInvalid(f"{name} is not Ed25519, P-256 or RSA, or not for its alg.")
        key = jwk.import_key(msgspec.to_builtins(read))
        size = getattr(key.public_key, "key_size", None)
    except msgspec.ValidationError as error:
        raise ConfigurationInvalid(f"{name} is no key for verifying: {error}") from None
    except (JoseError, ValueError):
        raise ConfigurationInvalid(f"{name} is not a point or number that can be a key.") from None
    if read.kty == "RSA" and size not in RSA_BITS:
        raise ConfigurationInvalid(f"{name} has to have {RSA_BITS.start} bits or more.")
    return VerificationKey(id=read.kid, algorithms=algorithms, key=key)
