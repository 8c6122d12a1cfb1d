"""Vectors of the value envelope."""

import hashlib

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from spec.writing import Case, b64, fields, made_up, unb64


def bound_data(application: str, kind: str, buckets: int, value_id: bytes) -> bytes:
    """Give a value's associated data."""
    size = buckets.to_bytes(4, "big")
    names = (application.encode(), kind.encode())
    return fields(b"lunasec/value/v1", b"\x01", b"\x01", *names, size, value_id)


def padded(data: bytes) -> bytes:
    """Pad to whole buckets of 256 bytes (ISO/IEC 7816-4)."""
    return data + b"\x80" + bytes(-(len(data) + 1) % 256)


def sealed(plain: bytes, application: str, kind: str, name: str) -> Case:
    """Seal already padded bytes; `name` gives key, value id and nonce."""
    key, value_id = made_up(f"{name} key", 32), made_up(f"{name} id", 16)
    nonce = made_up(f"{name} nonce", 12)
    associated = bound_data(application, kind, len(plain) // 256, value_id)
    ciphertext = AESGCM(key).encrypt(nonce, plain, associated)
    return {
        "application": application,
        "kind": kind,
        "key": b64(key),
        "value_id": b64(value_id),
        "nonce": b64(nonce),
        "buckets": len(plain) // 256,
        "associated_data": b64(associated),
        "ciphertext": b64(b"\x01\x01" + value_id + nonce + ciphertext),
    }


def envelope() -> Case:
    """Value envelopes: some that open, some that can't be read, some that don't open."""
    texts = {
        "nothing": "",
        "a number": "123-45-6789",
        "beyond ASCII": "Zoë 😀 ﷽",
        "ends in the byte of the end mark": "\u00c0",
        "one byte below a bucket": "x" * 254,
        "fills a bucket with its end mark": "x" * 255,
        "a whole bucket": "x" * 256,
        "zeros at its end": "x\u0000\u0000",
    }
    opening = [
        {"why": why, "text": text, **sealed(padded(text.encode()), "payroll", "ssn", why)}
        for why, text in texts.items()
    ]
    longest = sealed(padded(b"x" * 65536), "payroll", "text", "longest")
    digest = hashlib.sha256(unb64(longest.pop("ciphertext"))).digest()
    opening.append(
        {
            "why": "the longest value",
            "repeated": {"text": "x", "times": 65536},
            **longest,
            "ciphertext_sha256": b64(digest),
        }
    )
    good = opening[1]
    return {
        "valid": opening,
        "invalid": unreadable(unb64(good["ciphertext"])),
        "unopenable": unopenable(good),
    }


def unreadable(good: bytes) -> list[Case]:
    """Give what the server refuses from header, length and kind alone."""
    wrong = {
        "nothing": b"",
        "the header alone": good[:30],
        "no bucket": good[:46],
        "format 0": b"\x00" + good[1:],
        "format 2": b"\x02" + good[1:],
        "suite 0": b"\x01\x00" + good[2:],
        "suite 2": b"\x01\x02" + good[2:],
        "one byte short": good[:-1],
        "one byte long": good + b"\x00",
        "the tag missing": good[:-16],
    }
    cases: list[Case] = [
        {"why": why, "kind": "ssn", "ciphertext": b64(data), "error": "ciphertext_malformed"}
        for why, data in wrong.items()
    ]
    kinds = ("", "SSN", "1st", "-ssn", "s" * 33, "employee_id", "ssn\n", "čip")
    cases += [
        {"why": "kind", "kind": kind, "ciphertext": b64(good), "error": "ciphertext_malformed"}
        for kind in kinds
    ]
    # 258 buckets: one more than the longest value needs. Only its start is written here.
    cases.append(
        {
            "why": "one bucket too long",
            "kind": "text",
            "zeros_after": b64(good[:30]),
            "length": 46 + 258 * 256,
            "error": "too_large",
        }
    )
    return [{"application": "payroll", **case} for case in cases]


def unopenable(good: Case) -> list[Case]:
    """Give what can be read and must not open."""
    data = unb64(good["ciphertext"])
    changed = [
        {"why": f"bit {bit} of byte {place}", "ciphertext": b64(flipped(data, place, bit))}
        for place, bit in ((2, 0), (17, 7), (18, 0), (29, 7), (30, 0), (285, 7), (286, 0), (301, 7))
    ]
    changed += [
        {"why": "another key", "key": b64(made_up("another key", 32))},
        {"why": "another application", "application": "payrol"},
        {"why": "another kind", "kind": "ss"},
        {"why": "application and kind shifted", "application": "payrolls", "kind": "sn"},
        {"why": "no end mark", **sealed(bytes(256), "payroll", "ssn", "no end mark")},
        {"why": "after the end mark", **sealed(b"x\x80y" + bytes(253), "payroll", "ssn", "after")},
        {"why": "not UTF-8", **sealed(padded(b"\xff"), "payroll", "ssn", "not UTF-8")},
    ]
    kept = ("application", "kind", "key", "ciphertext")
    return [
        {**{each: good[each] for each in kept}, **case, "error": "ciphertext_malformed"}
        for case in changed
    ]


def flipped(data: bytes, place: int, bit: int) -> bytes:
    """Flip one bit."""
    return data[:place] + bytes((data[place] ^ 1 << bit,)) + data[place + 1 :]
