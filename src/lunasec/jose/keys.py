"""Public keys that check signatures, and what each of them may check."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Any, Final, Literal, Self

import msgspec
from joserfc import jwk
from joserfc.errors import JoseError

from lunasec.encoding import from_base64url
from lunasec.errors import ConfigurationInvalid
from lunasec.jose.strict_json import parse_object

RSA_BITS: Final = range(2048, 8193)  # RFC 7518, section 3.3; above, verifying is a burden.

# What each type of key may verify: the token's `alg` never picks the kind of key (RFC 8725, 3.1).
_ALGORITHMS: Final[Mapping[tuple[str, str | None], frozenset[str]]] = {
    ("OKP", "Ed25519"): frozenset({"EdDSA", "Ed25519"}),  # RFC 8037; RFC 9864 renames it.
    ("EC", "P-256"): frozenset({"ES256"}),
    ("RSA", None): frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"}),
}
ALGORITHMS: Final = frozenset[str]().union(*_ALGORITHMS.values())
_NUMBERS: Final = ("crv", "x", "y", "n", "e")
_PRIVATE: Final = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_PEMS: Final = (b"-----BEGIN PUBLIC KEY-----", b"-----BEGIN CERTIFICATE-----")


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
        members = _members(data)
        keys = [_key(member, f"Key {place} of the set") for place, member in enumerate(members, 1)]
        by_id = {key.id: key for key in keys}
        if len(by_id) != len(keys):
            raise ConfigurationInvalid('Two keys of the set have the same "kid".')
        return cls(keys=MappingProxyType(by_id))

    @classmethod
    def usable(cls, data: bytes) -> Self:
        """Read a JWKS that somebody else keeps: keys that are not for us are passed over.

        A provider may publish keys for encryption, or of kinds that we do not take, beside those
        that it signs with (RFC 7517, section 5). A private one refuses the whole set.

        Raises: `ConfigurationInvalid`.
        """
        found: dict[str, VerificationKey] = {}
        for place, member in enumerate(_members(data), 1):
            if not _PRIVATE.isdisjoint(member):
                raise ConfigurationInvalid(f"Key {place} of the set is private or symmetric.")
            with suppress(ConfigurationInvalid):
                key = _key(member, f"Key {place}")
                found.setdefault(key.id, key)
        if not found:
            raise ConfigurationInvalid("The set has no key that can verify a signature.")
        return cls(keys=MappingProxyType(found))

    @classmethod
    def of_pem(cls, data: bytes, key_id: str) -> Self:
        """Read the one public key, or the certificate, that has this id (RFC 7468, section 13).

        Raises: `ConfigurationInvalid`.
        """
        if not data.lstrip().startswith(_PEMS):
            raise ConfigurationInvalid("The key is no public key, nor a certificate, in PEM.")
        for kind in (jwk.ECKey, jwk.RSAKey, jwk.OKPKey):
            with suppress(JoseError, ValueError):
                member = kind.import_key(data).as_dict(private=False)
                key = _key({**member, "kid": key_id}, "The key")
                return cls(keys=MappingProxyType({key_id: key}))
        raise ConfigurationInvalid("The key is not Ed25519, P-256 or RSA.")


def _members(data: bytes) -> list[dict[str, Any]]:
    try:
        return msgspec.convert(parse_object(data), _JsonWebKeySet).keys
    except (ValueError, msgspec.ValidationError):
        raise ConfigurationInvalid('A key set is {"keys": [{"kid": …, "kty": …}]}.') from None


class _JsonWebKeySet(msgspec.Struct, frozen=True):
    keys: Annotated[list[dict[str, Any]], msgspec.Meta(min_length=1)]


class _JsonWebKey(msgspec.Struct, frozen=True):
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
        if read.kty == "RSA" and _bits(read.n) not in RSA_BITS:
            raise ConfigurationInvalid(f"{name} has to have {RSA_BITS.start} bits or more.")
        # The numbers alone: what a key says of itself was judged above, by our rules.
        numbers = {each: value for each in _NUMBERS if (value := getattr(read, each)) is not None}
        key = jwk.import_key({"kty": read.kty, **numbers})
    except msgspec.ValidationError as error:
        raise ConfigurationInvalid(f"{name} is no key for verifying: {error}") from None
    except (JoseError, ValueError):
        raise ConfigurationInvalid(f"{name} is not a point or number that can be a key.") from None
    return VerificationKey(id=read.kid, algorithms=algorithms, key=key)


def _bits(modulus: str | None) -> int:
    return int.from_bytes(from_base64url(modulus or ""), "big").bit_length()
