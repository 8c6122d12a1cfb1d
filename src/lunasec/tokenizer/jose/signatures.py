"""Signatures of documents' own keys, which come as raw points and not as JWK."""

from typing import Final

from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from lunasec.encoding import to_base64url
from lunasec.jose.verification import REGISTRY

POINT_BYTES: Final = 65
SIGNATURE_BYTES: Final = 64
_UNCOMPRESSED: Final = 4  # the first byte of such a point (SEC 1, section 2.3.3)


class EcdsaSignatures:
    """ECDSA on P-256 with SHA-256, as WebCrypto makes it: ES256 (RFC 7518, section 3.4)."""

    def is_key(self, public_key: bytes) -> bool:
        """Say whether the bytes are a point on the curve, uncompressed."""
        return _key(public_key) is not None

    def is_genuine(self, public_key: bytes, message: bytes, signature: bytes) -> bool:
        """Say whether a key signed a message; the signature is r ‖ s."""
        key = _key(public_key)
        if key is None or len(signature) != SIGNATURE_BYTES:
            return False
        return bool(REGISTRY.get_alg("ES256").verify(message, signature, key))


def _key(public_key: bytes) -> ECKey | None:
    if len(public_key) != POINT_BYTES or public_key[0] != _UNCOMPRESSED:
        return None
    x, y = to_base64url(public_key[1:33]), to_base64url(public_key[33:])
    try:
        # joserfc refuses a point that is not on the curve.
        return ECKey.import_key({"kty": "EC", "crv": "P-256", "x": x, "y": y})
    except (JoseError, ValueError):
        return None
