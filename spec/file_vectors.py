"""Vectors of files: streams that open, and what is made of their segments and must not open."""

import hashlib
import math
from typing import Final

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from spec.writing import Case, b64, fields, made_up

MIB: Final = 1048576
PATTERN: Final = made_up("a file's bytes", 64)


def file() -> Case:
    """Files: streams of 1 MiB segments in Tink's format, their padding, and what must not open.

    A file is `repeated.bytes` again and again, up to `size`. Where `stream` would be long,
    `segments` has the size and the SHA-256 of each. A stream that must not open is made of segments
    of those that do, each named by its case's `why` and its number, the last one shortened by `cut`
    bytes.
    """
    opening = [
        valid("no byte at all", 0),
        valid("one byte", 1),
        valid("a number of bytes that is padded", 1000),
        valid("exactly one segment", MIB - 40 - 16),
        valid("one byte into a second segment", MIB - 40 - 16 + 1),
        valid("two segments", 1300000),
        valid("two others", 1300000),
    ]
    return {
        "padded": [{"size": size, "length": padme(size)} for size in sizes()],
        "valid": opening,
        "unopenable": unopenable(),
    }


def sizes() -> list[int]:
    """Give sizes around powers of two, and some large ones."""
    around = [2**power + step for power in (2, 6, 8, 16, 20, 26) for step in (-1, 0, 1)]
    return [0, 1, 9, 1000, *around, 5 * 2**30, 5 * 2**30 - 12345, 2**38]


def padme(size: int) -> int:
    """Pad as the PURBs paper says, in its own words: floating point, for sizes it can take."""
    if size <= 1:
        return 1
    exponent = math.floor(math.log2(size))
    digits = math.floor(math.log2(exponent)) + 1 if exponent else 0
    last = exponent - digits
    return math.ceil(size / 2**last) * 2**last if last > 0 else size


def plain(size: int) -> bytes:
    """Give a file's bytes."""
    return (PATTERN * (size // len(PATTERN) + 1))[:size]


def sealed(plaintext: bytes, name: str, application: str = "payroll") -> list[bytes]:
    """Seal padded bytes in segments; `name` gives key, salt and nonce prefix."""
    salt, prefix = made_up(f"{name} salt", 32), made_up(f"{name} prefix", 7)
    bound = fields(b"lunasec/file/v1", application.encode())
    key = HKDF(SHA256(), 32, salt, bound).derive(made_up(f"{name} key", 32))
    first = MIB - 40 - 16
    parts = [plaintext[:first]]
    parts += [plaintext[at : at + MIB - 16] for at in range(first, len(plaintext), MIB - 16)]
    segments: list[bytes] = []
    for number, part in enumerate(parts):
        last = b"\x01" if number == len(parts) - 1 else b"\x00"
        nonce = prefix + number.to_bytes(4, "big") + last
        header = b"" if number else b"\x28" + salt + prefix
        segments.append(header + AESGCM(key).encrypt(nonce, part, b""))
    return segments


def stated(name: str, size: int) -> Case:
    """Say of a case what its manifest says, and what the stream was sealed with."""
    return {
        "why": name,
        "application": "payroll",
        "size": size,
        "key": b64(made_up(f"{name} key", 32)),
        "salt": b64(made_up(f"{name} salt", 32)),
        "prefix": b64(made_up(f"{name} prefix", 7)),
    }


def valid(name: str, size: int) -> Case:
    """Give a case that opens."""
    segments = sealed(plain(size) + bytes(padme(size) - size), name)
    case: Case = {**stated(name, size), "repeated": {"bytes": b64(PATTERN)}}
    case["stream_size"] = sum(map(len, segments))
    if case["stream_size"] < MIB // 8:
        return {**case, "stream": b64(b"".join(segments))}
    digests = [
        {"size": len(each), "sha256": b64(hashlib.sha256(each).digest())} for each in segments
    ]
    return {**case, "segments": digests}


def unopenable() -> list[Case]:
    """Give what must not open, with the manifest of the case that is named first."""
    two, other, one = "two segments", "two others", "a number of bytes that is padded"
    made: dict[str, list[tuple[str, int]]] = {
        "truncated: the last segment is missing": [(two, 0)],
        "truncated: the first segment is missing": [(two, 1)],
        "reordered": [(two, 1), (two, 0)],
        "the first segment twice": [(two, 0), (two, 0), (two, 1)],
        "the last segment twice": [(two, 0), (two, 1), (two, 1)],
        "the last segment of another file": [(two, 0), (other, 1)],
        "the first segment of another file": [(other, 0), (two, 1)],
        "another file": [(other, 0), (other, 1)],
        "nothing": [],
    }
    cases: list[Case] = [
        {**stated(two, 1300000), "why": why, "made_of": made_of, "cut": 0}
        for why, made_of in made.items()
    ]
    cases += [
        {
            **stated(two, 1300000),
            "why": f"{cut} bytes cut",
            "made_of": [(two, 0), (two, 1)],
            "cut": cut,
        }
        for cut in (1, 16, 200000)
    ]
    whole = {**stated(one, 1000), "made_of": [(one, 0)], "cut": 0}
    cases += [
        {**whole, "why": "the header alone", "cut": padme(1000) + 16},
        {**whole, "why": "not all of the header", "cut": padme(1000) + 17},
        {**whole, "why": "another key", "key": b64(made_up("another key", 32))},
        {**whole, "why": "another application", "application": "clinic"},
        {**whole, "why": "the file is longer than its manifest says", "size": 900},
        {**whole, "why": "the file is shorter than its manifest says", "size": 1100},
    ]
    for why, padding in {
        "the padding is not zeros": bytes(padme(1000) - 1001) + b"\x01",
        "the padding is missing": b"",
        "there is more padding than there should be": bytes(padme(1000) - 1000 + 8),
    }.items():
        data = b"".join(sealed(plain(1000) + padding, why))
        cases.append({**stated(why, 1000), "stream": b64(data)})
    return [{**case, "error": "ciphertext_malformed"} for case in cases]
