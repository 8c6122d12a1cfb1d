"""The audit log: who did what to which record, chained so that no line can be changed unseen.

Each entry's hash covers the one before it. The head is anchored beside the key file, so that an
end that was cut off is noticed too.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import msgspec
from msgspec import Struct

from lunasec.errors import AuditDamaged

GENESIS: Final = bytes(32)
"""The hash that stands before the first entry."""


class Entry(Struct, frozen=True, kw_only=True, gc=False):
    """One decision; `records` are record ids in hex, which do not lead back to tokens.

    Where they were refused for more than one reason, `reasons` has each one's, and `reason` none.
    """

    at: int
    application: str
    action: str
    outcome: str
    reason: str = ""
    actor: str = ""
    session: str = ""
    subject: str = ""
    records: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The end of the chain: how many entries there are, and the last one's hash."""

    sequence: int
    digest: bytes


START: Final = Head(sequence=0, digest=GENESIS)


_NAMES: Final = tuple(sorted(Entry.__struct_fields__))


def line(entry: Entry) -> str:
    """Write an entry as canonical JSON: sorted names, no spaces, empty fields left out."""
    filled = {name: value for name in _NAMES if (value := getattr(entry, name)) not in ("", ())}
    return msgspec.json.encode(filled).decode()


def follow(head: Head, text: str) -> Head:
    """Return the head after an entry's line: SHA-256 of the number, the last hash and the line."""
    sequence = head.sequence + 1
    digest = hashlib.sha256(sequence.to_bytes(8, "big") + head.digest + text.encode()).digest()
    return Head(sequence=sequence, digest=digest)


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One line of the log as it was kept, with the hash that was kept beside it."""

    sequence: int
    line: str
    digest: bytes


def verify_chain(links: Iterable[Link], anchor: Head | None) -> Head:
    """Follow the chain from its first line through `anchor`, and return where it ends.

    Raises: `AuditDamaged`, which names the first entry that was changed, removed or put in, or
    says that the end was cut off: the log ends before the anchor, which is kept elsewhere.
    """
    head = START
    for link in links:
        after = follow(head, link.line)
        if (link.sequence, link.digest) != (after.sequence, after.digest):
            raise AuditDamaged(f"Entry {after.sequence} was changed, removed or put in.")
        if anchor is not None and after.sequence == anchor.sequence and after != anchor:
            raise AuditDamaged(f"The log up to entry {after.sequence} was written anew.")
        head = after
    if anchor is not None and head.sequence < anchor.sequence:
        detail = f"The log ends with entry {head.sequence}; it had {anchor.sequence} at least."
        raise AuditDamaged(detail)
    return head
