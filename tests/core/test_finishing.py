"""Finishing: a value takes its file over from the upload, once, and from nobody else's."""

from itertools import product

import pytest
from msgspec.structs import replace

from lunasec.errors import NotGranted
from lunasec.tokenizer.core.changes import DropUpload, PutGrant
from lunasec.tokenizer.core.ledger import Action, Facts, Upload, Want
from lunasec.tokenizer.core.values import StoreValues
from tests.core.decided import logged, whole
from tests.stores.made_up import (
    ALICE,
    APPLICATION,
    BOB,
    COOKIE,
    FRAME,
    NOW,
    OTHER,
    grant,
    name,
    put_record,
    session,
    upload,
)

ONE, TWO = upload(1), upload(2)
UPLOADS = (ONE, TWO)


def store(*uploads: Upload) -> StoreValues:
    """Store a value that has no file, and one more for each upload, whose file it gets."""
    files = (put_record(100 + i, file=each.file) for i, each in enumerate(uploads))
    values = (put_record(99), *files)
    return StoreValues(caller=FRAME, values=values, expires_at=NOW + 900, now=NOW, uploads=uploads)


def test_it_asks_for_the_uploads() -> None:
    """The session decides, and each upload by its hash."""
    wanted = Want(application=APPLICATION, session=COOKIE, uploads=(name(1), name(2)))
    assert store(*UPLOADS).want() == wanted


@pytest.mark.parametrize("subject", [None, "alice"])
@pytest.mark.parametrize("uploads", [(), (ONE,), (TWO, ONE)])
def test_files_are_taken_over(uploads: tuple[Upload, ...], subject: str | None) -> None:
    """With the records their uploads are dropped; the log says whose file each is from now on."""
    numbers = (99, *range(100, 100 + len(uploads)))
    ids = tuple(name(number).hex() for number in numbers)
    operation = store(*uploads)
    decision = operation.decide(Facts(session=session(subject=subject), uploads=uploads))
    records = (replace(each.record, subject=subject) for each in operation.values)
    kept = (replace(put, record=kept) for put, kept in zip(operation.values, records, strict=True))
    entry = logged("token.store", subject=subject or "", records=ids)
    files = tuple(each.file.blob.hex() for each in uploads)
    filed = replace(entry, action="file.store", records=ids[1:], files=files)
    assert whole(decision) == (
        None,
        (
            *kept,
            *(PutGrant(grant(number, action=Action.STORE)) for number in numbers),
            *(DropUpload(each.upload_hash) for each in uploads),
        ),
        (entry, filed) if uploads else (entry,),
    )


REFUSED = (NotGranted, (), (logged("token.store", "not_granted"),))


def test_an_upload_that_changed_is_not_taken_over() -> None:
    """Unless it is what it was when it was found whole, and this session's, nothing is stored."""
    for application, reference, end in product(
        (APPLICATION, OTHER), (ALICE, BOB), (0, NOW, NOW + 1, ONE.expires_at)
    ):
        now_there = upload(1, application=application, reference=reference, expires_at=end)
        for found in (now_there, None):
            decision = store(ONE).decide(Facts(session=session(), uploads=(found,)))
            assert (whole(decision) == REFUSED) == (found != ONE)
    for facts in ((TWO, ONE), (ONE, None), (None, TWO)):
        decision = store(*UPLOADS).decide(Facts(session=session(), uploads=facts))
        assert whole(decision) == REFUSED


def test_an_upload_that_is_over_is_not_taken_over() -> None:
    """Whatever it was when it was found: it ends at that moment, and for its session alone."""
    for application, reference, end in product((APPLICATION, OTHER), (ALICE, BOB), (NOW, NOW + 1)):
        kept = upload(1, application=application, reference=reference, expires_at=end)
        decision = store(kept).decide(Facts(session=session(), uploads=(kept,)))
        good = (application, reference, end) == (APPLICATION, ALICE, NOW + 1)
        assert (whole(decision) == REFUSED) == (not good)


def test_an_upload_is_taken_over_once() -> None:
    """Two values of one request can't have the same file."""
    decision = store(ONE, ONE).decide(Facts(session=session(), uploads=(ONE, ONE)))
    assert whole(decision) == REFUSED
