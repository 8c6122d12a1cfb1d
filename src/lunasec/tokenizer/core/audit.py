"""The audit log: who did what to which record, chained so that no line can be changed unseen.

Each entry's hash covers the one before it. The head is anchored beside the key file, so that an
end that was cut off is noticed too.
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Final

GENESIS: Final = bytes(32)
"""The hash that stands before the first entry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One decision; `records` are record ids in hex, which do not lead back to tokens."""

    at: int
    application: str
    action: str
    outcome: str
    reason: str = ""
    actor: str = ""
    session: str = ""
    subject: str = ""
    records: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The end of the chain: how many entries there are, and the last one's hash."""

    sequence: int
    digest: bytes


START: Final = Head(sequence=0, digest=GENESIS)


def line(entry: Entry) -> str:
    """Write an entry as canonical JSON: sorted names, no spaces, empty fields left out."""
    filled = {name: value for name, value in asdict(entry).items() if value not in ("", ())}
    return json.dumps(filled, sort_keys=True, separators=(",", ":"))


def follow(head: Head, text: str) -> Head:
    """Return the head after an entry's line: SHA-256 of the number, the last hash and the line."""
    sequence = head.sequence + 1
    digest = hashlib.sha256(sequence.to_bytes(8, "big") + head.digest + text.encode()).digest()
    return Head(sequence=sequence, digest=digest)
