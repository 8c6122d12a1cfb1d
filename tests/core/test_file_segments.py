"""Segments: whoever may read a token may fetch its file, for as long as that lasts."""

from itertools import product

import pytest

from lunasec.errors import LunaSecError, NotGranted
from lunasec.tokenizer.core.files import FindFile
from lunasec.tokenizer.core.grants import RecordIds
from lunasec.tokenizer.core.ledger import Action, Facts, File, Found, Session, Want
from tests.core.decided import BAD_SESSIONS, logged, whole
from tests.stores.made_up import (
    ALICE,
    APPLICATION,
    COOKIE,
    FRAME,
    NOW,
    found,
    grant,
    name,
    record,
    session,
)

FILE = File(blob=name(9), size=1000)
IDS = (name(7), name(6))


def find(record_ids: RecordIds = IDS) -> FindFile:
    """Ask for a segment of a token's file, in Alice's session."""
    return FindFile(caller=FRAME, record=record_ids, now=NOW)


def test_it_asks_for_what_a_read_asks_for() -> None:
    """The session, and the record with the grant that this session has to read it."""
    assert find().want() == Want(
        application=APPLICATION,
        session=COOKIE,
        records=(IDS,),
        grants_of=ALICE,
        action=Action.READ,
    )


@pytest.mark.parametrize(("kept", "refusal"), BAD_SESSIONS)
def test_without_a_session_there_is_no_segment(
    kept: Session | None, refusal: type[LunaSecError]
) -> None:
    """Whatever is granted: no session, an ended, a foreign or another user's gets none."""
    there = found(7, record=record(7, file=FILE))
    decision = find().decide(Facts(session=kept, found=(there,)))
    assert whole(decision) == (refusal, (), (logged("file.read", refusal.code),))


@pytest.mark.parametrize("subject", [None, "alice"])
@pytest.mark.parametrize("left", [None, 0, 1])
@pytest.mark.parametrize("ends", [None, NOW - 1, NOW, NOW + 1])
def test_a_segment_is_for_who_may_read(
    ends: int | None, left: int | None, subject: str | None
) -> None:
    """With a live grant for a record that has a file; how many reads are left is no matter.

    The read itself was counted and logged. A refusal says why in the log alone.
    """
    granted = None if ends is None else grant(7, expires_at=ends, reads_left=left)
    for file, erased_at in product((None, FILE), (None, NOW)):
        there = found(7, record=record(7, file=file, erased_at=erased_at), grant=granted)
        decision = find().decide(Facts(session=session(subject=subject), found=(there,)))
        steps = (
            (erased_at is not None, "erased token"),
            (ends is None, "not granted"),
            (ends is not None and ends <= NOW, "expired grant"),
            (file is None, "no file"),
        )
        why = next((reason for holds, reason in steps if holds), None)
        if why is None:
            assert whole(decision) == (FILE, (), ())
            continue
        entry = logged("file.read", why, subject=subject or "", records=(name(7).hex(),))
        assert whole(decision) == (NotGranted, (), (entry,))


def test_an_unknown_token_has_no_segment() -> None:
    """It is refused like any other, and in the log under the newest name that it would have."""
    decision = find().decide(Facts(session=session(), found=(Found(),)))
    entry = logged("file.read", "unknown token", subject="alice", records=(name(7).hex(),))
    assert whole(decision) == (NotGranted, (), (entry,))


def test_a_file_is_the_records_that_was_found() -> None:
    """A token that was found under an older name gets the file of that record."""
    there = found(6, record=record(6, file=FILE))
    assert find().decide(Facts(session=session(), found=(there,))).answer == FILE
