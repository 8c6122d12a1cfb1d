"""Vectors of the two locks around a value's key."""

import hashlib

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF, HKDFExpand

from spec.envelope_vectors import flipped, padded, sealed
from spec.token_vectors import token_text
from spec.writing import Case, b64, fields, made_up, unb64

ROOT = made_up("root", 32)


def number(value: int) -> bytes:
    """Write a number as 32 bits big-endian."""
    return value.to_bytes(4, "big")


def from_root(label: bytes, value: int) -> bytes:
    """Give the key of a number."""
    return HKDFExpand(SHA256(), 32, fields(label, number(value))).derive(ROOT)


LOOKUP = {each: from_root(b"lunasec/lookup-key/v1", each) for each in (1, 2, 3)}
WRAP = {each: from_root(b"lunasec/wrap-key/v1", each) for each in (1, 2, 3, 4, 2**32 - 1)}


def derived(secret: bytes, version: int) -> tuple[bytes, bytes, bytes]:
    """Give record id, token key and commitment of a token."""
    prk = HKDF.extract(SHA256(), LOOKUP[version], secret)
    labels = (b"lunasec/record-id/v1", b"lunasec/token-key/v1", b"lunasec/commitment/v1")
    record_id, key, commitment = (HKDFExpand(SHA256(), 32, each).derive(prk) for each in labels)
    return record_id, key, commitment


def locked(secret: bytes, value: Case, version: int, epoch: int) -> Case:
    """Lock a value's key; both nonces follow from the name of the case."""
    record_id, key, commitment = derived(secret, version)
    bound = (unb64(value["associated_data"]), hashlib.sha256(unb64(value["ciphertext"])).digest())
    inner_nonce = made_up(f"inner {version}", 12)
    inner = inner_nonce + AESGCM(key).encrypt(
        inner_nonce,
        unb64(value["key"]),
        fields(b"lunasec/inner-lock/v1", *bound, record_id, number(version)),
    )
    outer_nonce = made_up(f"outer {version} {epoch}", 12)
    names = (record_id, number(version), commitment, number(epoch))
    outer = AESGCM(WRAP[epoch]).encrypt(
        outer_nonce, inner, fields(b"lunasec/outer-lock/v1", *bound, *names)
    )
    return {
        "record_id": b64(record_id),
        "lookup_version": version,
        "epoch": epoch,
        "commitment": b64(commitment),
        "wrapped": b64(outer_nonce + outer),
    }


def record() -> Case:
    """Locked keys that open, and the same with one thing changed."""
    secret = made_up("token 0", 32)
    value = sealed(padded(b"123-45-6789"), "payroll", "ssn", "record")
    # Two are ahead of the key set, as after a start with an older backup of it.
    versions = ((1, 1), (1, 2), (2, 2), (3, 4), (1, 2**32 - 1), (2, 3))
    good = locked(secret, value, 2, 2)
    other = locked(made_up("token 1", 32), value, 2, 2)
    wrapped = unb64(good["wrapped"])
    changes: dict[str, Case] = {
        "an older lookup version": {"lookup_version": 1},
        "a newer lookup version": {"lookup_version": 3},
        "lookup version 0": {"lookup_version": 0},
        "a lookup version that can't be": {"lookup_version": 17},
        "an older epoch": {"epoch": 1},
        "a newer epoch": {"epoch": 4},
        "epoch 0": {"epoch": 0},
        "an epoch of over 32 bits": {"epoch": 2**32 + 2},
        "another record's id": {"record_id": other["record_id"]},
        "another record's commitment": {"commitment": other["commitment"]},
        "another record's lock": {"wrapped": other["wrapped"]},
        "another record": other,
        "nonce changed": {"wrapped": b64(flipped(wrapped, 0, 0))},
        "lock changed": {"wrapped": b64(flipped(wrapped, 40, 3))},
        "tag changed": {"wrapped": b64(flipped(wrapped, 87, 7))},
        "cut off": {"wrapped": b64(wrapped[:-1])},
        "empty": {"wrapped": ""},
    }
    return {
        "keyset": {"root": b64(ROOT), "lookup": 2, "wrap": 3},
        "derived": {
            "lookup": [{"number": each, "key": b64(key)} for each, key in LOOKUP.items()],
            "wrap": [{"number": each, "key": b64(key)} for each, key in WRAP.items()],
        },
        "token": token_text(secret),
        "record_ids": [b64(derived(secret, version)[0]) for version in (2, 1)],
        "value": value,
        # Written with lookup key 2 and wrap key 3, these nonces give the last of the valid ones.
        "nonces": [b64(made_up("inner 2", 12)), b64(made_up("outer 2 3", 12))],
        "valid": [locked(secret, value, version, epoch) for version, epoch in versions],
        "invalid": [
            {"why": why, **good, **change, "error": "record_damaged"}
            for why, change in changes.items()
        ],
    }
