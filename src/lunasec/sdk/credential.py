"""The application's credential: a short-lived JWT that says which application calls.

The only importer of `joserfc` in the SDK.
"""

import json
import os
import stat
from pathlib import Path
from typing import Any, Final, TypeAlias

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, import_key
from joserfc.jws import JWSRegistry

from lunasec.errors import KeyFileDamaged

TYPE: Final = "lunasec-app+jwt"
LIFETIME: Final = 300  # Seconds; the most that the tokenizer accepts.
SPARE: Final = 30  # Seconds before its end at which a credential is replaced: calls take time.

_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
_ALGORITHMS: Final = {"Ed25519": "EdDSA", "P-256": "ES256"}  # by curve
# What else a JWK may state (`alg`, `use`, an embedded certificate) decides nothing here.
_MEMBERS: Final = ("kty", "crv", "x", "y", "d", "kid")

_Key: TypeAlias = OKPKey | ECKey


class Credential:
    """Signs the credential, and reuses one until shortly before its end: no signature per call."""

    __slots__ = ("_application", "_audience", "_key", "_signed")

    def __init__(self, key: OKPKey | ECKey, *, application: str, audience: str) -> None:
        """Sign for an application with its private key; `audience` is the tokenizer's origin."""
        self._key = key
        self._application = application
        self._audience = audience
        self._signed: tuple[int, str] | None = None

    def token(self, now: float) -> str:
        """Give a credential that the tokenizer accepts at `now` (unix seconds).

        The remembered one is replaced in one assignment, so threads may share this object: at worst
        two of them sign at once.
        """
        if self._signed is not None:
            issued, token = self._signed
            # A clock that was set back makes the remembered one a credential from the future.
            if issued <= now < issued + LIFETIME - SPARE:
                return token
        issued = int(now)
        token = self._sign(issued)
        self._signed = (issued, token)
        return token

    def public_keys(self) -> bytes:
        """Give the JWK Set (RFC 7517, section 5) by which the tokenizer knows this application."""
        stated = {"kid": self._key_id, "alg": self._algorithm, "use": "sig"}
        return json.dumps({"keys": [{**self._key.as_dict(private=False), **stated}]}).encode()

    @property
    def _algorithm(self) -> str:
        return _ALGORITHMS[self._key.curve_name]

    @property
    def _key_id(self) -> str:
        """Give the key's own id, or its thumbprint (RFC 7638) where the file states none."""
        return self._key.kid or self._key.thumbprint()

    def _sign(self, issued: int) -> str:
        header = {"alg": self._algorithm, "kid": self._key_id, "typ": TYPE}
        claims = {
            "iss": self._application,
            "aud": self._audience,
            "iat": issued,
            "exp": issued + LIFETIME,
        }
        return jwt.encode(header, claims, self._key, registry=_Registry())


def read_credential(key_file: Path, *, application: str, audience: str) -> Credential:
    """Read an application's private key: one JWK (RFC 7517) in a file that only its owner can read.

    Ed25519 and P-256 keys are taken. Raises `KeyFileDamaged`, which names the file and shows
    nothing of what is in it.
    """
    key = _private_key(_read_private(key_file), key_file)
    if not _fits_itself(key):
        raise KeyFileDamaged(f"The two halves of the key in {key_file} don't belong together.")
    return Credential(key, application=application, audience=audience)


def _read_private(key_file: Path) -> bytes:
    """Read a file; the mode is asked of the opened file, so that it is the one that is read."""
    try:
        with key_file.open("rb") as opened:
            mode = stat.S_IMODE(os.fstat(opened.fileno()).st_mode)
            content = opened.read()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        detail = f"The key file {key_file} can't be read: {reason}. `lunasec app add` makes one."
        raise KeyFileDamaged(detail) from None
    # Only POSIX has these bits.
    if os.name == "posix" and mode & _OTHERS:
        detail = (
            f"The key file {key_file} has mode {mode:04o}, so others on this machine can use it. "
            f"Set it right with: chmod 600 {key_file}"
        )
        raise KeyFileDamaged(detail)
    return content


def _private_key(content: bytes, key_file: Path) -> _Key:
    try:
        stated = json.loads(content)
        key = import_key({name: stated[name] for name in _MEMBERS if name in stated})
        private = key.is_private
    except (ValueError, TypeError, KeyError, AttributeError, JoseError):
        # `from None`: the original error may quote what is in the file.
        raise KeyFileDamaged(f"The key file {key_file} does not hold one whole JWK.") from None
    if not isinstance(key, OKPKey | ECKey) or key.curve_name not in _ALGORITHMS:
        detail = f"The key in {key_file} is neither Ed25519 nor P-256; `lunasec app add` makes one."
        raise KeyFileDamaged(detail)
    if not private:
        raise KeyFileDamaged(f"The key file {key_file} holds only the public half of a key.")
    return key


def _fits_itself(key: _Key) -> bool:
    """Sign, and verify with the public half, which is what the tokenizer will do.

    `joserfc` takes the public half as the file states it, whatever the private one says.
    """
    header, registry = {"alg": _ALGORITHMS[key.curve_name]}, _Registry()
    signed = jws.serialize_compact(header, b"", key, registry=registry)
    try:
        public = import_key(key.as_dict(private=False))
        jws.deserialize_compact(signed, public, registry=registry)
    except (ValueError, JoseError):
        return False
    return True


class _Registry(JWSRegistry):
    """Gives each algorithm by its name.

    The stock one warns at every signature that RFC 9864 gave EdDSA a second name. Nothing is let in
    by this: the name comes from the key's curve and `_ALGORITHMS` alone.
    """

    def get_alg(self, name: str) -> Any:  # noqa: ANN401 - joserfc does not export the type
        """Give the algorithm."""
        return self.algorithms[name]
