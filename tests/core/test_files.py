"""Files: whose upload it is, at every step of one, and what the log says of it."""

from itertools import product

import pytest

from lunasec.errors import LunaSecError, NotGranted
from lunasec.tokenizer.core.audit import Entry
from lunasec.tokenizer.core.changes import DropUpload, EndUpload, PutUpload
from lunasec.tokenizer.core.files import (
    UPLOAD_SECONDS,
    CancelUpload,
    FindUpload,
    ForgetUploads,
    PlanUpload,
    usable,
)
from lunasec.tokenizer.core.ledger import Facts, Session, Upload, Want
from tests.core.decided import BAD_SESSIONS, logged, whole
from tests.stores.made_up import (
    ALICE,
    APPLICATION,
    BOB,
    COOKIE,
    FRAME,
    NOW,
    OTHER,
    name,
    session,
    upload,
)

UPLOAD = upload(5)
BLOB = UPLOAD.file.blob.hex()
PLAN = PlanUpload(caller=FRAME, upload=UPLOAD)
FIND = FindUpload(caller=FRAME, upload_hash=name(5), now=NOW)
CANCEL = CancelUpload(find=FIND)
SUBJECTS = (None, "alice")
UPLOADS: list[Upload | None] = [
    None,
    *(
        upload(5, application=application, reference=reference, expires_at=end)
        for application, reference, end in product(
            (APPLICATION, OTHER), (ALICE, BOB), (0, NOW - 1, NOW, NOW + 1)
        )
    ),
]


def is_alices(kept: Upload | None) -> bool:
    """Say whether an upload is there, this application's and session's, and not over."""
    return kept == upload(5, expires_at=NOW + 1)


def test_an_upload_lasts_a_day() -> None:
    """As the protocol says."""
    assert UPLOAD_SECONDS == 24 * 3600


@pytest.mark.parametrize(("kept", "refusal"), BAD_SESSIONS)
def test_without_a_session_there_is_no_upload(
    kept: Session | None, refusal: type[LunaSecError]
) -> None:
    """None is planned, found or cancelled for a frame whose session it is not; each is logged."""
    facts = Facts(session=kept, uploads=(UPLOAD,))
    for action, decision in (
        ("file.plan", PLAN.decide(facts)),
        ("file.find", FIND.decide(facts)),
        ("file.cancel", CANCEL.decide(facts)),
    ):
        assert whole(decision) == (refusal, (), (logged(action, refusal.code),))


def test_each_step_asks_for_the_session() -> None:
    """Planning for nothing else; finding and cancelling for the upload too, by its hash."""
    assert PLAN.want() == Want(application=APPLICATION, session=COOKIE)
    wanted = Want(application=APPLICATION, session=COOKIE, uploads=(name(5),))
    assert FIND.want() == CANCEL.want() == wanted


@pytest.mark.parametrize("subject", SUBJECTS)
def test_a_planned_upload_is_kept(subject: str | None) -> None:
    """The log says under which name it will lie, and whose the session is."""
    decision = PLAN.decide(Facts(session=session(subject=subject)))
    entry = logged("file.plan", subject=subject or "", files=(BLOB,))
    assert whole(decision) == (None, (PutUpload(UPLOAD),), (entry,))


@pytest.mark.parametrize("kept", UPLOADS)
def test_an_upload_is_usable_by_its_own_session(kept: Upload | None) -> None:
    """Of every upload, those that are this session's and not over; the rest is one refusal."""
    answer = usable(FRAME, kept, NOW)
    assert answer is kept if is_alices(kept) else type(answer) is NotGranted


@pytest.mark.parametrize("kept", UPLOADS)
def test_an_upload_is_found(kept: Upload | None) -> None:
    """What is usable is answered and not logged again; what is not is refused and logged."""
    decision = FIND.decide(Facts(session=session(), uploads=(kept,)))
    refused = (NotGranted, (), (logged("file.find", "not_granted"),))
    assert whole(decision) == ((kept, (), ()) if is_alices(kept) else refused)


@pytest.mark.parametrize("kept", UPLOADS)
def test_an_upload_is_given_up(kept: Upload | None) -> None:
    """It ends, the answer is where its bytes lie; nobody else's does, and both are logged."""
    decision = CANCEL.decide(Facts(session=session(), uploads=(kept,)))
    if is_alices(kept):
        entry = logged("file.cancel", files=(BLOB,))
        assert whole(decision) == (UPLOAD.file.blob, (EndUpload(name(5)),), (entry,))
    else:
        refused = (NotGranted, (), (logged("file.cancel", "not_granted"),))
        assert whole(decision) == refused


def _dropped(application: str, *numbers: int) -> Entry:
    files = tuple(upload(number).file.blob.hex() for number in numbers)
    fields = {"application": application, "actor": "upkeep", "session": ""}
    return logged("file.drop", files=files, **fields)


@pytest.mark.parametrize(
    ("ended", "entries"),
    [
        ((), ()),
        ((upload(1),), (_dropped(APPLICATION, 1),)),
        (
            (upload(1), upload(2, application=OTHER), upload(3)),
            (_dropped(APPLICATION, 1, 3), _dropped(OTHER, 2)),
        ),
    ],
)
def test_ended_uploads_are_forgotten(ended: tuple[Upload, ...], entries: tuple[Entry, ...]) -> None:
    """All of them, with one entry for each application, whatever else there is by now."""
    operation = ForgetUploads(uploads=ended, now=NOW, actor="upkeep")
    assert operation.want() == Want(application="")
    changes = tuple(DropUpload(each.upload_hash) for each in ended)
    assert whole(operation.decide(Facts())) == (len(ended), changes, entries)
