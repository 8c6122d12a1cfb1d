"""`lunasec audit`: is the log whole, and what is in it."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
from msgspec import Struct

from lunasec.cli import audit_segments, ownership, times
from lunasec.errors import AuditDamaged, ConfigurationInvalid
from lunasec.tokenizer import embedded
from lunasec.tokenizer.core.audit import joined
from lunasec.tokenizer.embedded import DataDirectory
from lunasec.tokenizer.stores import sqlite_copy


class Entry(Struct, frozen=True, kw_only=True):
    """An entry as it is read back: what was empty is left out of the log."""

    at: int
    action: str
    outcome: str
    application: str = ""
    reason: str = ""
    reasons: tuple[str, ...] = ()
    actor: str = ""
    session: str = ""
    subject: str = ""
    records: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    through: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which entries are asked for; what is None lets everything through."""

    application: str | None = None
    action: str | None = None
    outcome: str | None = None
    session: str | None = None
    record: str | None = None
    since: int | None = None

    def passes(self, entry: Entry) -> bool:
        """Say whether an entry is one of those."""
        return (
            self.application in {None, entry.application}
            and self.outcome in {None, entry.outcome}
            and self.session in {None, entry.session}
            and (self.action is None or entry.action.startswith(self.action))
            and (self.record is None or self.record in entry.records)
            and (self.since is None or entry.at >= self.since)
        )


def verify(data: Path, segments: Sequence[Path] = ()) -> str:
    """Follow the whole log, with exported segments of it before; a tokenizer may be running.

    Raises: `AuditDamaged`, which names the first entry that is wrong.
    """
    directory = _with_database(data)
    earlier = joined(*map(audit_segments.read, segments))
    with ownership.kept(data):
        head = embedded.verify_audit(directory, earlier)
    return (
        f"The audit log is whole: {times.counted(head.sequence, 'entry', 'entries')}, and ends"
        f" with {head.digest.hex()}.\n"
    )


def export(data: Path, target: Path) -> str:
    """Write the log into a new file, as far as it is there, and verify what was written.

    Raises: `AuditDamaged`, and then leaves no file; `ConfigurationInvalid` where there is one.
    """
    directory = _with_database(data)
    with ownership.kept(data):
        written = audit_segments.write(target, sqlite_copy.links(directory.database))
    return f"{target}: {times.counted(written, 'entry', 'entries')} of the audit log.\n"


def show(data: Path, wanted: Filter, *, last: int | None, as_json: bool) -> Iterator[str]:
    """Give the entries that pass, oldest first, each as a line; with `last`, the newest of them."""
    directory = _with_database(data)
    with ownership.kept(data):
        lines = _passing(directory, wanted, as_json=as_json)
        yield from lines if last is None else deque(lines, maxlen=last)


def _passing(directory: DataDirectory, wanted: Filter, *, as_json: bool) -> Iterable[str]:
    for link in sqlite_copy.links(directory.database):
        if not link.line:  # what was before it was taken out
            continue
        try:
            entry = msgspec.json.decode(link.line, type=Entry)
        except msgspec.DecodeError:
            detail = f"Entry {link.sequence} can't be read; `lunasec audit verify` says more."
            raise AuditDamaged(detail) from None
        if wanted.passes(entry):
            yield link.line if as_json else _told(link.sequence, entry)


def _told(sequence: int, entry: Entry) -> str:
    """Write an entry for a person: who, what, how it ended, of how many records."""
    reasons = ",".join(sorted({entry.reason, *entry.reasons} - {""}))
    parts = [
        f"{sequence:>8}",
        times.written(entry.at),
        entry.application or "-",
        entry.action,
        entry.outcome + (f" ({reasons})" if reasons else ""),
        f"by {entry.actor}" if entry.actor else "",
        f"for {entry.subject}" if entry.subject else "",
        f"session {entry.session}" if entry.session else "",
        times.counted(len(entry.records), "record", "records") if entry.records else "",
        times.counted(len(entry.files), "file", "files") if entry.files else "",
        f"through {entry.through.partition(':')[0]}" if entry.through else "",
    ]
    return "  ".join(part for part in parts if part)


def _with_database(data: Path) -> DataDirectory:
    directory = DataDirectory(path=data)
    if not directory.database.exists():
        raise ConfigurationInvalid(
            f"there is no database at {directory.database}; the first `lunasec serve` makes it."
        )
    return directory
