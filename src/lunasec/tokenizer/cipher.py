"""Locks and opens the keys of values; the only importer of `cryptography` in the tokenizer.

From the key set's root, HKDF-SHA-256 (RFC 5869) gives the keys of every number, so that one copy of
the root opens all there will ever be. `n` is the number as 32 bits, each field behind its length:

    lookup key = HKDF-Expand(root, "lunasec/lookup-key/v1" ‖ n, 32)
    wrap key   = HKDF-Expand(root, "lunasec/wrap-key/v1" ‖ n, 32)

Expand alone, for the root is what Extract would make: as many uniformly random bits as the hash
has, from the operating system, used for nothing else (RFC 5869, section 3.3). A derived key leads
neither back to the root nor to another one. From a token comes everything that depends on it:

    PRK        = HKDF-Extract(salt = lookup key of the version, IKM = the token's 32 bytes)
    record id  = HKDF-Expand(PRK, "lunasec/record-id/v1", 32)
    token key  = HKDF-Expand(PRK, "lunasec/token-key/v1", 32)
    commitment = HKDF-Expand(PRK, "lunasec/commitment/v1", 32)

A value's key (DEK) is locked twice with AES-256-GCM (NIST SP 800-38D), each time behind a random
nonce: inside by the token key, outside by the key set's wrap key. Whoever opens it needs the token
*and* the key set, and the outer lock can be renewed without the token.
"""

import hmac
import secrets
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from msgspec.structs import replace

from lunasec.encoding import length_prefixed
from lunasec.errors import KeyFileDamaged, RecordDamaged
from lunasec.tokenizer.bound import bound_to, inner_data, outer_data
from lunasec.tokenizer.core.envelope import DEK_BYTES, NONCE_BYTES, TAG_BYTES
from lunasec.tokenizer.core.keyset import LAST_LOOKUP, LAST_WRAP
from lunasec.tokenizer.core.secret import Secret
from lunasec.tokenizer.core.wrapped import Wrapped

if TYPE_CHECKING:
    from collections.abc import Callable

    from lunasec.tokenizer.core.envelope import Envelope
    from lunasec.tokenizer.core.keyset import Keyset
    from lunasec.tokenizer.core.tokens import Token

LOOKUP_KEY: Final = b"lunasec/lookup-key/v1"
WRAP_KEY: Final = b"lunasec/wrap-key/v1"
RECORD_ID: Final = b"lunasec/record-id/v1"
TOKEN_KEY: Final = b"lunasec/token-key/v1"
COMMITMENT: Final = b"lunasec/commitment/v1"
INNER_BYTES: Final = NONCE_BYTES + DEK_BYTES + TAG_BYTES
WRAPPED_BYTES: Final = NONCE_BYTES + INNER_BYTES + TAG_BYTES
CACHED: Final = 16
"""Keys of each kind that are kept ready: all lookup keys, and far more epochs than are in use."""

_HASH: Final = SHA256()


class Cipher:
    """All that the tokenizer does with its key set; `adopt` takes its next wrap epoch into use.

    A record may name any number, also one that the key set has not come to: its keys may be from a
    backup that is older than the record. Keys are derived when they are met, which costs
    microseconds, and few are kept, so that a store full of made-up numbers fills no memory.

    Any record that does not open raises `RecordDamaged`, whatever the reason: an attacker who can
    write to the store learns nothing from which of the checks refused.
    """

    def __init__(
        self, keyset: "Keyset", *, random: "Callable[[int], bytes]" = secrets.token_bytes
    ) -> None:
        """Prepare the keys of `keyset`; `random` gives nonces and is replaced only by vectors."""
        self._random = random
        self._id = keyset.id
        self.lookup_version = keyset.lookup.number
        self._epoch = keyset.wrap.number
        # Key set-up costs more than its use, hence once here and not once a record.
        self._lookup = lru_cache(maxsize=CACHED)(partial(_keyed_lookup, keyset.root))
        self._wrap = lru_cache(maxsize=CACHED)(partial(_wrap_lock, keyset.root))

    def adopt(self, keyset: "Keyset") -> None:
        """Lock with the key set's newest epoch from now on, as after a rotation.

        Its lookup version is for the next start: while requests run, a token has one list of ids,
        or a revocation could miss a record that another request has just moved.

        Raises: `KeyFileDamaged` for another key set, or one that did not go on: it is from an older
        backup, and an epoch that was used up could come again. A start puts that right.
        """
        if keyset.id != self._id or keyset.wrap.number <= self._epoch:
            detail = "The key file was exchanged while it was in use. Restart `lunasec serve`."
            raise KeyFileDamaged(detail)
        self._epoch = keyset.wrap.number

    def derive(self, token: "Token") -> "Derived":
        """Derive what a token leads to, once for all that a request needs of it."""
        return Derived(self, token)

    def record_ids(self, token: "Token") -> tuple[bytes, ...]:
        """Name the record of a token under each version of the lookup key, newest first."""
        return self.derive(token).record_ids

    def prk(self, token: "Token", version: int) -> HMAC:
        """Give the token's PRK under a version of the lookup key, ready to expand."""
        return keyed(extract(self._lookup(version), token))

    def is_current(self, wrapped: Wrapped) -> bool:
        """Say whether a record has its name from the newest lookup key."""
        return wrapped.lookup_version == self.lookup_version

    def wrap(self, token: "Token", dek: Secret, envelope: "Envelope") -> Wrapped:
        """Lock the key of a new value with its token and the newest keys of the key set."""
        if len(dek) != DEK_BYTES:
            message = f"a value's key has {DEK_BYTES} bytes, not {len(dek)}"
            raise ValueError(message)
        prk = self.prk(token, self.lookup_version)
        record = Wrapped(
            record_id=expand(prk, RECORD_ID),
            lookup_version=self.lookup_version,
            epoch=self._epoch,
            commitment=expand(prk, COMMITMENT),
            wrapped=b"",
        )
        bound = bound_to(envelope)
        inner = self._lock(AESGCM(expand(prk, TOKEN_KEY)), dek.reveal(), inner_data(record, bound))
        return replace(
            record, wrapped=self._lock(self._wrap(self._epoch), inner, outer_data(record, bound))
        )

    def rewrap(self, envelope: "Envelope", wrapped: Wrapped) -> Wrapped:
        """Renew the outer lock with the newest key; no token is needed, and the rest stays.

        A record that has the newest key is given back as it is. Raises `RecordDamaged`.
        """
        if wrapped.epoch == self._epoch:
            return wrapped
        bound = bound_to(envelope)
        inner = self.open_outer(wrapped, bound)
        renewed = replace(wrapped, epoch=self._epoch)
        return replace(
            renewed, wrapped=self._lock(self._wrap(self._epoch), inner, outer_data(renewed, bound))
        )

    def open_outer(self, wrapped: Wrapped, bound: bytes) -> bytes:
        """Open the outer lock, by the key set, or raise `RecordDamaged`."""
        if not (1 <= wrapped.epoch <= LAST_WRAP and 1 <= wrapped.lookup_version <= LAST_LOOKUP):
            raise RecordDamaged("The record names a key that can't be.")
        if len(wrapped.wrapped) != WRAPPED_BYTES:
            raise RecordDamaged("The record's locked key has a wrong length.")
        return _open(self._wrap(wrapped.epoch), wrapped.wrapped, outer_data(wrapped, bound))

    def _lock(self, key: AESGCM, plaintext: bytes, associated: bytes) -> bytes:
        nonce = self._random(NONCE_BYTES)
        return nonce + key.encrypt(nonce, plaintext, associated)


class Derived:
    """A token's `record_ids`, newest first, and the keys behind them; never kept for longer."""

    __slots__ = ("_cipher", "_prks", "_token", "record_ids")

    def __init__(self, cipher: Cipher, token: "Token") -> None:
        """Derive the ids; `cipher` has the key set."""
        self._cipher, self._token = cipher, token
        versions = range(cipher.lookup_version, 0, -1)
        self._prks = {each: cipher.prk(token, each) for each in versions}
        self.record_ids = tuple([expand(prk, RECORD_ID) for prk in self._prks.values()])

    def unwrap(self, envelope: "Envelope", wrapped: Wrapped) -> Secret:
        """Open the key of the token's value, or raise `RecordDamaged`."""
        # 1. The numbers it was made with can be ours.
        version = wrapped.lookup_version
        if not 1 <= version <= LAST_LOOKUP:
            raise RecordDamaged("The record names a lookup key that can't be.")
        # 2. The commitment, before anything is decrypted: AES-GCM does not commit to its key, so a
        #    record could be forged that opens under two tokens.
        prk = self._prks.get(version) or self._cipher.prk(self._token, version)
        if not hmac.compare_digest(expand(prk, COMMITMENT), wrapped.commitment):
            raise RecordDamaged("The record is not the one of this token.")
        # 3. The outer lock, by the key set; 4. the inner one, by the token.
        bound = bound_to(envelope)
        inner = self._cipher.open_outer(wrapped, bound)
        return Secret(_open(AESGCM(expand(prk, TOKEN_KEY)), inner, inner_data(wrapped, bound)))


def seal(key: Secret, nonce: bytes, plaintext: bytes, associated: bytes) -> bytes:
    """Encrypt with AES-256-GCM under a key and nonce that were never used together before."""
    return AESGCM(key.reveal()).encrypt(nonce, plaintext, associated)


def unseal(key: Secret, nonce: bytes, sealed: bytes, associated: bytes) -> bytes:
    """Decrypt what `seal` made, or raise `ValueError`."""
    try:
        return AESGCM(key.reveal()).decrypt(nonce, sealed, associated)
    except InvalidTag:
        raise ValueError("not sealed with this key, or changed since") from None


def lookup_key(root: Secret, version: int) -> Secret:
    """Derive the lookup key of a version from the key set's root."""
    return Secret(expand(keyed(root.reveal()), _numbered(LOOKUP_KEY, version)))


def wrap_key(root: Secret, epoch: int) -> Secret:
    """Derive the wrap key of an epoch from the key set's root."""
    return Secret(expand(keyed(root.reveal()), _numbered(WRAP_KEY, epoch)))


def keyed(key: bytes) -> HMAC:
    """Give HMAC-SHA-256 under a key, from which HKDF is made; it is copied for each use."""
    return HMAC(key, _HASH)


def extract(lookup: HMAC, token: "Token") -> bytes:
    """Give the PRK of a token (RFC 5869, section 2.2)."""
    return _mac(lookup, token.secret.reveal())


def expand(prk: HMAC, label: bytes) -> bytes:
    """Derive 32 bytes of their own for each label: one block (RFC 5869, section 2.3)."""
    return _mac(prk, label + b"\x01")


def _mac(under: HMAC, message: bytes) -> bytes:
    mac = under.copy()
    mac.update(message)
    return mac.finalize()


def _keyed_lookup(root: Secret, version: int) -> HMAC:
    return keyed(lookup_key(root, version).reveal())


def _numbered(label: bytes, number: int) -> bytes:
    return length_prefixed(label, number.to_bytes(4, "big"))


def _wrap_lock(root: Secret, epoch: int) -> AESGCM:
    return AESGCM(wrap_key(root, epoch).reveal())


def _open(key: AESGCM, locked: bytes, associated: bytes) -> bytes:
    try:
        return key.decrypt(locked[:NONCE_BYTES], locked[NONCE_BYTES:], associated)
    except InvalidTag:
        raise RecordDamaged("The record was changed, or exchanged with another.") from None
