"""Segments: the audit log in files that are kept elsewhere, when the database keeps it no more."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec
from msgspec import Struct

from lunasec.errors import AuditDamaged, ConfigurationInvalid
from lunasec.tokenizer.core.audit import Link, walk


class _Row(Struct, frozen=True, forbid_unknown_fields=True):
    """A line of such a file: an entry as it was kept, with its number and its hash."""

    sequence: int
    digest: bytes
    line: str


def write(target: Path, links: Iterable[Link]) -> int:
    """Write a log into a new file of mode 0600, durably, and say how many entries those are.

    Raises: `AuditDamaged`, and then leaves no file; `ConfigurationInvalid` where there is one.
    """
    try:
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise ConfigurationInvalid(f"{target}: {error.strerror}; name a new file.") from None
    try:
        with os.fdopen(descriptor, "wb") as file:
            for link in links:
                row = _Row(sequence=link.sequence, digest=link.digest, line=link.line)
                file.write(msgspec.json.encode(row) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        for _ in walk(read(target)):
            pass
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    return sum(1 for each in read(target) if each.line)


def read(path: Path) -> Iterator[Link]:
    """Read such a file, without following the chain.

    Raises: `AuditDamaged`, `ConfigurationInvalid`.
    """
    try:
        with path.open("rb") as file:
            for number, text in enumerate(file, 1):
                yield _link(path, number, text)
    except OSError as error:
        raise ConfigurationInvalid(f"{path}: {error.strerror}.") from None


def _link(path: Path, number: int, text: bytes) -> Link:
    try:
        row = msgspec.json.decode(text, type=_Row)
    except msgspec.MsgspecError:
        raise AuditDamaged(f"{path}: line {number} is none of an exported log.") from None
    return Link(sequence=row.sequence, line=row.line, digest=row.digest)
