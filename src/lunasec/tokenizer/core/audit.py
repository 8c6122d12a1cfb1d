"""The audit log: who did what to which record, chained so that no line can be changed unseen.

Each entry's hash covers the one before it. The head is anchored beside the key file, so that an
end that was cut off is noticed too.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import msgspec
from msgspec import Struct
from msgspec.structs import asdict, replace

from lunasec.errors import AuditDamaged
from lunasec.tokenizer.core.identity import Caller, FrameCaller

GENESIS: Final = bytes(32)
"""The hash that stands before the first entry."""


class Entry(Struct, frozen=True, kw_only=True, gc=False):
    """One decision; `records` are record ids in hex, which do not lead back to tokens.

    `files` are the names, in hex, under which files lie.

    Where they were refused for more than one reason, `reasons` has each one's, and `reason` none;
    `rule` and `rules` say likewise which rule of the policy decided, where there is one.
    Of a log's beginning that was taken out, `through` says where it ended. The fields stand in the
    order in which they are written.
    """

    action: str
    actor: str = ""
    application: str
    at: int
    files: tuple[str, ...] = ()
    outcome: str
    reason: str = ""
    reasons: tuple[str, ...] = ()
    records: tuple[str, ...] = ()
    rule: str = ""
    rules: tuple[str, ...] = ()
    session: str = ""
    subject: str = ""
    through: str = ""


class Head(Struct, frozen=True, kw_only=True, gc=False):
    """The end of the chain: how many entries there are, and the last one's hash."""

    sequence: int
    digest: bytes


START: Final = Head(sequence=0, digest=GENESIS)


def entry_of(caller: Caller, action: str, now: int) -> Entry:
    """Begin an audit entry; until something else is said, it is of a refusal."""
    entry = Entry(at=now, application=caller.application, action=action, outcome="refused")
    if isinstance(caller, FrameCaller):
        return replace(entry, actor="frame", session=caller.reference)
    return replace(entry, actor=caller.key_id)


def line(entry: Entry) -> str:
    """Write an entry as canonical JSON: sorted names, no spaces, empty fields left out.

    A record that was named often is listed once: it is the size of what happened that counts, not
    of what was asked.
    """
    filled = {name: value for name, value in asdict(once(entry)).items() if value not in ("", ())}
    return msgspec.json.encode(filled).decode()


def once(entry: Entry) -> Entry:
    """List each record once, with the reason and the rule that it had first."""
    if len(set(entry.records)) == len(entry.records):
        return entry
    firsts = {each: place for place, each in reversed([*enumerate(entry.records)])}
    places = sorted(firsts.values())

    def kept(listed: tuple[str, ...]) -> tuple[str, ...]:
        whole = len(listed) == len(entry.records)
        return tuple(listed[each] for each in places) if whole else listed

    listed = {name: kept(getattr(entry, name)) for name in ("records", "reasons", "rules")}
    return replace(entry, **listed)


def follow(head: Head, text: str) -> Head:
    """Return the head after an entry's line: SHA-256 of the number, the last hash and the line."""
    sequence = head.sequence + 1
    digest = hashlib.sha256(sequence.to_bytes(8, "big") + head.digest + text.encode()).digest()
    return Head(sequence=sequence, digest=digest)


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One line of the log as it was kept, with the hash that was kept beside it.

    Where the log's beginning was taken out, its last entry is left, without its line.
    """

    sequence: int
    line: str
    digest: bytes


def through(head: Head) -> str:
    """Write where a beginning ended, as the entry says that took it out."""
    return f"{head.sequence}:{head.digest.hex()}"


def walk(links: Iterable[Link]) -> Iterator[Head]:
    """Follow a chain from its first link on, and give each head on the way.

    Raises: `AuditDamaged`, which names the first entry that was changed, removed or put in.
    """
    head = START
    for link in links:
        kept = Head(sequence=link.sequence, digest=link.digest)
        is_base = head is START and not link.line
        if not is_base and kept != follow(head, link.line):
            raise AuditDamaged(f"Entry {head.sequence + 1} was changed, removed or put in.")
        head = kept
        yield head


def joined(*parts: Iterable[Link]) -> Iterator[Link]:
    """Put parts of a log together that overlap: each link once, as the first has it that has it."""
    last = 0
    for part in parts:
        for link in part:
            if link.sequence > last or not last:
                last = link.sequence
                yield link


def verify_chain(links: Iterable[Link], anchor: Head | None) -> Head:
    """Follow the chain from its first line through `anchor`, and return where it ends.

    A log whose beginning was taken out says so itself, in an entry that names where that ended.

    Raises: `AuditDamaged`, which names the first entry that was changed, removed or put in, or
    says that the end was cut off: the log ends before the anchor, which is kept elsewhere.
    """
    head, beginning = START, _Beginning()
    for head in walk(map(beginning.note, links)):
        if anchor is not None and head.sequence == anchor.sequence and head != anchor:
            raise AuditDamaged(f"The log up to entry {head.sequence} was written anew.")
    beginning.check()
    if anchor is not None and head.sequence < anchor.sequence:
        detail = f"The log ends with entry {head.sequence}; it had {anchor.sequence} at least."
        raise AuditDamaged(detail)
    return head


class _Beginning:
    """Whether a log begins with its first entry, or says itself why it does not."""

    def __init__(self) -> None:
        self._unsaid: Head | None = None

    def note(self, link: Link) -> Link:
        """Look at a link, the first one first, and pass it on."""
        if not link.line:
            self._unsaid = Head(sequence=link.sequence, digest=link.digest)
        elif self._unsaid is not None and _says(link.line, self._unsaid):
            self._unsaid = None
        return link

    def check(self) -> None:
        """Raise `AuditDamaged` where a beginning is missing of which nothing is said."""
        if self._unsaid is not None:
            missing = f"Entries up to {self._unsaid.sequence} are missing"
            raise AuditDamaged(f"{missing}, and none of the rest says why.")


def _says(text: str, base: Head) -> bool:
    """Say whether a line is of the entry that took a beginning out."""
    return text.startswith(_PRUNED) and text.endswith(f'"through":"{through(base)}"}}')


PRUNE: Final = "audit.prune"
_PRUNED: Final = f'{{"action":"{PRUNE}",'
