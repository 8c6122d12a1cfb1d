"""What a document without cookies has in their place: a key, and a signature on each request."""

from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from lunasec.encoding import to_base64url
from lunasec.tokenizer.core.signed import Request, Signature, key_name

HEADER: Final = "lunasec-signature"
_HALF: Final = 32  # bytes of r, and of s


class Signer:
    """Signs the requests of one session."""

    def __init__(self, session: str) -> None:
        """Make a key."""
        self._session = session
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._counter = 0
        public = self._key.public_key()
        self._point = public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    @property
    def public_key(self) -> str:
        """The key as it is registered."""
        return to_base64url(self._point)

    def header(self, path: str, body: bytes) -> str:
        """Sign a `POST`, and write the header that goes with it."""
        self._counter += 1
        name = key_name(self._point)
        unsigned = Signature(key_name=name, counter=self._counter, value=b"")
        request = Request(method="POST", path=path, body=body, signature=unsigned)
        signed = self._key.sign(request.message(self._session), ec.ECDSA(SHA256()))
        r, s = decode_dss_signature(signed)
        value = r.to_bytes(_HALF, "big") + s.to_bytes(_HALF, "big")
        return f"{to_base64url(name)}.{self._counter}.{to_base64url(value)}"
