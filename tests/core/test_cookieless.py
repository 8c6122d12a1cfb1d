"""Sessions without cookies: every handle, secret and signed request, and what comes of it."""

from dataclasses import replace
from itertools import product

import pytest
from msgspec import structs

from lunasec.errors import HandleInvalid, NoSession, SessionChanged
from lunasec.tokenizer.core.audit import Entry
from lunasec.tokenizer.core.changes import (
    CountRequest,
    PutHandle,
    PutSession,
    ShortenSession,
    UseHandle,
)
from lunasec.tokenizer.core.cookieless import CountSigned, OpenDocument, RegisterKey, Unsigned
from lunasec.tokenizer.core.identity import FrameCaller
from lunasec.tokenizer.core.ledger import Facts, Handle, Purpose, Session, Want
from lunasec.tokenizer.core.sessions import (
    HANDLE_SECONDS,
    OVERLAP_SECONDS,
    SESSION_SECONDS,
    Unfit,
    standing,
)
from lunasec.tokenizer.core.signed import count, key_name
from tests.core.decided import logged, whole
from tests.stores.made_up import ALICE, APPLICATION, BOB, NOW, OTHER, handle, name, session

KEY = b"a public key"
OPEN = OpenDocument(
    application=APPLICATION, handle_hash=name(2), framed=True, secret_hash=name(3), now=NOW
)
CALLER = FrameCaller(application=APPLICATION, session_hash=None, reference=ALICE)
REGISTER = RegisterKey(caller=CALLER, secret_hash=name(2), public_key=KEY, now=NOW)
COUNT = CountSigned(
    application=APPLICATION, key_name=key_name(KEY), counter=1, genuine=True, now=NOW
)
HANDLES = [
    None,
    *(
        handle(
            used=used,
            application=application,
            created_at=made,
            session_end=end,
            purpose=each,
            subject=subject,
        )
        for used, subject, application, made, end, each in product(
            (False, True),
            (None, "alice"),
            (APPLICATION, OTHER),
            (NOW - HANDLE_SECONDS, NOW - HANDLE_SECONDS + 1, NOW),
            (NOW, NOW + 1, NOW + 3600),
            Purpose,
        )
    ),
]


def wrong(kept: Handle | None, purpose: Purpose) -> Unfit | None:
    """Say what the protocol says of a handle, step by step."""
    if kept is None:
        return Unfit.UNKNOWN
    steps = (
        (kept.used, Unfit.USED),
        (kept.application != APPLICATION, Unfit.FOREIGN),
        (kept.created_at <= NOW - HANDLE_SECONDS, Unfit.OLD),
        (kept.session_end <= NOW, Unfit.OLD),
        (kept.purpose is not purpose, Unfit.PURPOSE),
    )
    return next((reason for holds, reason in steps if holds), None)


def entry_of(action: str, kept: Handle | None, why: Unfit | None) -> Entry:
    """Say what the log holds of a handle that was brought; nobody is known before."""
    whose = {"session": kept.reference, "subject": kept.subject or ""} if kept else {"session": ""}
    return logged(action, why or "", actor="", **whose)


def test_each_step_asks_for_what_it_rests_on() -> None:
    """The handle; the document's session so far and the key's own; the session of a key."""
    assert OPEN.want() == Want(application=APPLICATION, handle=name(2))
    asked = Want(application=APPLICATION, handle=name(2), other_session=key_name(KEY))
    assert REGISTER.want() == asked
    renewal = replace(REGISTER, caller=structs.replace(CALLER, session_hash=name(7)))
    assert renewal.want() == structs.replace(asked, session=name(7))
    keyless = replace(REGISTER, public_key=None)
    assert keyless.want() == structs.replace(asked, other_session=None)
    assert COUNT.want() == Want(application=APPLICATION, session=key_name(KEY))


@pytest.mark.parametrize("framed", [True, False])
def test_every_handle_for_a_document(*, framed: bool) -> None:
    """A fresh one of that purpose opens one, in a frame alone; each is used up, and on record."""
    opened = 0
    for kept in HANDLES:
        decision = replace(OPEN, framed=framed).decide(Facts(handle=kept))
        why = wrong(kept, Purpose.DOCUMENT) or (None if framed else Unfit.UNFRAMED)
        entry = entry_of("session.document", kept, why)
        used = (UseHandle(name(2)),) if kept else ()
        if why or kept is None:
            assert whole(decision) == (HandleInvalid, used, (entry,))
            continue
        opened += 1
        secret = structs.replace(kept, handle_hash=name(3), purpose=Purpose.KEY, created_at=NOW)
        assert whole(decision) == (secret, (*used, PutHandle(secret)), (entry,))
    assert (opened > 0) == framed


@pytest.mark.parametrize("public_key", [KEY, None])
@pytest.mark.parametrize("reference", [ALICE, BOB])
@pytest.mark.parametrize("other", [None, session(secret_hash=key_name(KEY), public_key=KEY)])
@pytest.mark.parametrize("direct", [False, True])
def test_every_secret_for_a_key(
    public_key: bytes | None, reference: str, other: Session | None, *, direct: bool
) -> None:
    """A fresh one opens its own session alone, for a key that is one, and new; each is used up.

    A document's handle does the same where scripts have it in hand, and only there.
    """
    opened = 0
    caller = structs.replace(CALLER, reference=reference)
    for kept in HANDLES:
        register = replace(REGISTER, caller=caller, public_key=public_key, direct=direct)
        decision = register.decide(Facts(handle=kept, other_session=other))
        is_handle = direct and kept is not None and kept.purpose is Purpose.DOCUMENT
        why = wrong(kept, Purpose.DOCUMENT if is_handle else Purpose.KEY)
        why = why or (None if public_key else Unfit.KEY) or (Unfit.TAKEN if other else None)
        why = why or (None if reference == ALICE else Unfit.SESSION)
        entry = entry_of("session.register", kept, why)
        used = (UseHandle(name(2)),) if kept else ()
        if why or kept is None:
            refusal = SessionChanged if why is Unfit.SESSION else HandleInvalid
            assert whole(decision) == (refusal, used, (entry,))
            continue
        opened += 1
        made = Session(
            secret_hash=key_name(KEY),
            application=APPLICATION,
            reference=ALICE,
            subject=kept.subject,
            temporary=False,
            created_at=NOW,
            expires_at=min(NOW + SESSION_SECONDS, kept.session_end),
            absolute_end=kept.session_end,
            public_key=KEY,
        )
        assert whole(decision) == (made, (*used, PutSession(made)), (entry,))
    assert (opened > 0) == (public_key is not None and reference == ALICE and not other)


def test_a_renewal_retires_the_old_key() -> None:
    """It serves what is under way, and the twelve hours do not begin anew."""
    old = session(secret_hash=name(7), public_key=b"old", absolute_end=NOW + 20)
    caller = structs.replace(CALLER, session_hash=name(7), signed=True)
    register = replace(REGISTER, caller=caller)
    assert register.want().session == name(7)
    facts = Facts(handle=handle(purpose=Purpose.KEY), session=old)
    decision = register.decide(facts)
    assert isinstance(decision.answer, Session)
    assert (decision.answer.expires_at, decision.answer.absolute_end) == (NOW + 20, NOW + 20)
    assert ShortenSession(name(7), NOW + OVERLAP_SECONDS) in decision.changes


SIGNED = session(secret_hash=key_name(KEY), public_key=KEY)


@pytest.mark.parametrize(
    ("kept", "asked", "why"),
    [
        (None, COUNT, Unsigned.UNKNOWN),
        (structs.replace(SIGNED, public_key=b""), COUNT, Unsigned.UNKNOWN),
        (structs.replace(SIGNED, application=OTHER), COUNT, Unsigned.UNKNOWN),
        (SIGNED, replace(COUNT, now=SIGNED.expires_at), Unsigned.ENDED),
        (SIGNED, replace(COUNT, genuine=False), Unsigned.FORGED),
        (structs.replace(SIGNED, highest=1, seen=b"\1"), COUNT, Unsigned.REPLAYED),
        (structs.replace(SIGNED, highest=999, seen=b"\1"), COUNT, Unsigned.REPLAYED),
    ],
)
def test_what_does_not_count(kept: Session | None, asked: CountSigned, why: Unsigned) -> None:
    """It is refused alike, changes nothing, and the log says why."""
    facts = Facts(session=kept)
    whose = kept.reference if kept else ""
    entry = logged("session.request", why, at=asked.now, session=whose)
    assert whole(asked.decide(facts)) == (NoSession, (), (entry,))
    assert isinstance(asked.refusal(facts), NoSession)


def test_what_counts_is_counted() -> None:
    """Its counter is used up by the same decision; an entry is left to what is asked for."""
    facts = Facts(session=SIGNED)
    counted = count(0, b"", 1)
    assert counted is not None
    decision = COUNT.decide(facts)
    assert (decision.answer, COUNT.refusal(facts)) == (None, None)
    assert (decision.changes, decision.entries) == ((CountRequest(key_name(KEY), *counted),), ())


def test_a_cookie_is_no_key() -> None:
    """A session of a key stands for signed requests alone, one of a cookie for no signed one."""
    for public_key, signed in product((b"", KEY), (False, True)):
        kept = session(public_key=public_key)
        caller = structs.replace(CALLER, session_hash=kept.secret_hash, signed=signed)
        stands = standing(caller, kept, NOW) is kept
        assert stands == (bool(public_key) == signed)
