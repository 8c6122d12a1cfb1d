"""Secrets in every spelling in which they could get out, and where to look for them."""

import base64
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

from lunasec.encoding import from_base64url

SHORTEST = 12  # bytes; a shorter part of something could be anywhere by chance


def spellings(secret: str | bytes) -> Iterator[bytes]:
    """Give a secret raw, in base64 at each of three alignments, in hex, in URLs, JSON and Python.

    What is base64url on the wire is looked for as the bytes that it stands for, too.
    """
    raw = secret.encode() if isinstance(secret, str) else secret
    yield raw
    yield raw.hex().encode()
    yield raw.hex().upper().encode()
    yield b"".join(b"%%%02X" % byte for byte in raw)
    yield b"\\x" + b"\\x".join(b"%02x" % byte for byte in raw)
    yield repr(raw)[2:-1].encode()
    for before in range(3):
        for encode in (base64.standard_b64encode, base64.urlsafe_b64encode):
            # Four characters at either end depend on the neighbors.
            yield encode(bytes(before) + raw)[4:-4]
    yield raw[::-1]
    if isinstance(secret, str):
        yield quote(secret, safe="").encode()
        yield json.dumps(secret)[1:-1].encode()
        yield "".join(f"\\u{ord(each):04x}" for each in secret).encode()
        yield secret.encode("utf-16-le")
        with suppress(ValueError):
            yield from spellings(from_base64url(secret))


def found(secrets: Mapping[str, str | bytes], places: Mapping[str, bytes]) -> list[str]:
    """Say which secret is in which place."""
    return [
        f"{name} in {place}"
        for name, secret in secrets.items()
        for spelling in set(spellings(secret))
        if len(spelling) >= SHORTEST
        for place, content in places.items()
        if spelling in content
    ]


def files(folders: Iterable[Path]) -> dict[str, bytes]:
    """Read every file below some folders."""
    return {
        str(path): path.read_bytes()
        for folder in folders
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def memory(pid: int) -> dict[str, bytes]:
    """Read a process's writable memory; needs root, or its owner."""
    parts: dict[str, bytes] = {}
    with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as held:
        for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
            span, rights = line.split()[:2]
            if "rw" in rights and not line.endswith(("[vvar]", "[vsyscall]")):
                first, last = (int(end, 16) for end in span.split("-"))
                with suppress(OSError, ValueError):
                    held.seek(first)
                    parts[span] = held.read(last - first)
    return parts
