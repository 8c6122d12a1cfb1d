"""What the reference store is asked of many rows: an SQL store says it in its `WHERE`."""

from collections.abc import Iterable, Mapping
from functools import reduce
from operator import itemgetter

from lunasec.errors import Unavailable
from lunasec.tokenizer.core import ledger
from lunasec.tokenizer.core.audit import START, Head, Link, follow
from lunasec.tokenizer.core.changes import RevokeGrants


def meeting(records: Iterable[ledger.Record], condition: ledger.Condition) -> list[ledger.Record]:
    """Give the records that meet a condition, in its own order; equals as they were put."""
    ranked = [(_rank(condition, each), each) for each in records]
    met = [(rank, each) for rank, each in ranked if rank is not None]
    return [each for _, each in sorted(met, key=itemgetter(0))]


def upload(
    uploads: Mapping[bytes, ledger.Upload], want: ledger.Want, upload_hash: bytes
) -> ledger.Upload | None:
    """Give an upload of the application that asks."""
    there = uploads.get(upload_hash)
    return there if there is not None and there.application == want.application else None


def named(
    blobs: tuple[bytes, ...], records: Iterable[ledger.Record], uploads: Iterable[ledger.Upload]
) -> frozenset[bytes]:
    """Say which blobs a record or an upload has."""
    of_records = {each.file.blob for each in records if each.file} if blobs else set[bytes]()
    return frozenset(blobs) & (of_records | {each.file.blob for each in uploads})


def ended(uploads: Iterable[ledger.Upload], by: ledger.EndedBy | None) -> tuple[ledger.Upload, ...]:
    """Give uploads that ended, the earliest first; none where nobody asked."""
    if by is None:
        return ()
    due = [each for each in uploads if each.expires_at <= by.at]
    return tuple(sorted(due, key=lambda each: each.expires_at)[: by.limit])


def beginning(
    prefix: ledger.AuditPrefix | None, base: Head, lines: Iterable[str]
) -> tuple[Link, ...]:
    """Give the first links of an audit log, of which the hash `base` is left of what went before.

    None where nobody asked.
    """
    if prefix is None:
        return ()
    links = [] if base == START else [Link(sequence=base.sequence, line="", digest=base.digest)]
    for text in lines:
        base = follow(base, text)
        links.append(Link(sequence=base.sequence, line=text, digest=base.digest))
    return tuple(each for each in links if each.sequence < prefix.below)[: prefix.limit]


def shortened(base: Head, lines: list[str], sequence: int) -> tuple[Head, list[str]]:
    """Take out an audit log's lines through `sequence`; give the hash of the last, and the rest."""
    count = sequence - base.sequence
    return reduce(follow, lines[:count], base), lines[count:]


def is_revoked(grant: ledger.Grant, change: RevokeGrants) -> bool:
    """Say whether a grant is one of those that are taken back."""
    return (
        grant.application == change.application
        and change.reference in {None, grant.reference}
        and (change.records is None or grant.record_id in change.records)
    )


def sessions(
    table: Mapping[bytes, ledger.Session], want: ledger.Want
) -> tuple[ledger.Session, ...]:
    """Give the sessions of references, and those of an auth proxy's session or user."""
    return tuple(each for _, each in sorted(table.items()) if _is_wanted(each, want))


def _is_wanted(session: ledger.Session, want: ledger.Want) -> bool:
    under = want.sessions_under
    named = bool(under) and under in {session.session_id, session.user_id}
    mine = session.application == want.application
    return mine and (named or session.reference in want.sessions_of)


def log_outs(
    table: Mapping[tuple[str, str], tuple[int, int]], want: ledger.Want
) -> tuple[int, ...]:
    """Say when those that were logged out were."""
    found = [table.get((want.application, each)) for each in want.log_outs]
    return tuple(each[0] for each in found if each is not None)


def refuse_taken(file: ledger.File | None, others: Iterable[ledger.Record | ledger.Upload]) -> None:
    """Refuse a file whose name is taken, as a unique column does."""
    if file is not None and any(each.file and each.file.blob == file.blob for each in others):
        raise Unavailable


def _rank(condition: ledger.Condition, record: ledger.Record) -> int | None:
    """Return where a record stands among those that meet a condition; None if it does not."""
    readable, erased = not record.destroyed, record.erased_at
    match condition:
        case ledger.ErasedBefore(at):
            return erased if erased is not None and erased < at and readable else None
        case ledger.ErasedSince(application, at):
            mine = record.application == application and readable
            return erased if erased is not None and erased >= at and mine else None
        case ledger.Destroyed():
            return erased if record.destroyed else None
        case ledger.UnverifiedBefore(at):
            due = record.created_at < at and record.verified_at is None and erased is None
            return record.created_at if due else None
        case ledger.OfSubject(application, subject):
            theirs = (record.application, record.subject) == (application, subject)
            return 0 if theirs and erased is None else None
        case ledger.EpochBefore(epoch):
            return record.key.epoch if record.key.epoch < epoch and readable else None
