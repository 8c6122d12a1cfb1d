"""Operations and changes for Hypothesis to draw from."""

from typing import Any

from hypothesis import strategies as st

from lunasec.tokenizer.core import changes
from lunasec.tokenizer.core.cookieless import CountSigned, OpenDocument, RegisterKey
from lunasec.tokenizer.core.erasing import EraseSubject, EraseValues
from lunasec.tokenizer.core.grants import CreateGrants, RevokeAccess, VerifyGrants
from lunasec.tokenizer.core.ledger import (
    Action,
    Purpose,
)
from lunasec.tokenizer.core.operation import Operation
from lunasec.tokenizer.core.sessions import Offer, Redeem
from lunasec.tokenizer.core.upgrade import Upgrade
from lunasec.tokenizer.core.upkeep import (
    DestroyKeys,
    DropDestroyed,
    DropEnded,
    EraseUnverified,
    Relock,
    UndoErase,
)
from lunasec.tokenizer.core.values import DescribeValues, ReadValues, StoreValues
from tests.stores import made_up
from tests.stores.domains import (
    APPLICATIONS,
    BACK_ENDS,
    CLAIMS,
    FRAMES,
    NAMES,
    NUMBERS,
    OWNERS,
    PERSONS,
    POLICIES,
    PROXIED,
    READS,
    RECORD_IDS,
    REFERENCES,
    TIMES,
)
from tests.stores.drawn_files import FILE_OPERATIONS, FILES, UPLOADS
from tests.stores.drawn_log_outs import LOG_OUT_CHANGES, LOG_OUT_OPERATIONS
from tests.stores.made_up import key, put_record

SUBJECTS = st.sampled_from([None, "alice"])
COUNTERS = LIMITS = st.integers(0, 3)
SESSIONS = st.builds(
    made_up.session,
    secret_hash=NAMES,
    application=APPLICATIONS,
    reference=REFERENCES,
    subject=SUBJECTS,
    temporary=st.booleans(),
    expires_at=TIMES,
    public_key=st.sampled_from([b"", b"", b"a key"]),
    highest=COUNTERS,
    seen=st.binary(max_size=2),
    session_id=st.just("") | PROXIED,
    user_id=st.just("") | PROXIED,
    login=st.integers(0, 2),
    owner=OWNERS,
    person=PERSONS,
)
HANDLES = st.builds(
    made_up.handle,
    handle_hash=NAMES,
    application=APPLICATIONS,
    reference=REFERENCES,
    subject=SUBJECTS,
    temporary=st.booleans(),
    created_at=TIMES,
    session_end=TIMES,
    purpose=st.sampled_from(Purpose),
)
GRANTS = st.builds(
    made_up.grant,
    NUMBERS,
    application=APPLICATIONS,
    reference=REFERENCES,
    action=st.sampled_from(Action),
    expires_at=TIMES,
    reads_left=READS,
    may_copy=st.booleans(),
)
KEYS = st.builds(
    key, NUMBERS, lookup_version=st.integers(1, 2), epoch=st.integers(1, 3), commitment=NAMES
)
RECORDS = st.builds(
    put_record,
    NUMBERS,
    application=APPLICATIONS,
    subject=SUBJECTS,
    created_at=TIMES,
    file=st.none() | FILES,
    owner=OWNERS,
)

CHANGES: st.SearchStrategy[changes.Change] = st.one_of(
    st.builds(changes.PutSession, SESSIONS),
    st.builds(changes.ShortenSession, NAMES, TIMES),
    st.builds(changes.RenewSession, NAMES, TIMES, TIMES, st.integers(0, 2)),
    st.builds(changes.CountRequest, NAMES, COUNTERS, st.binary(max_size=2)),
    st.builds(changes.PutHandle, HANDLES),
    st.builds(changes.UseHandle, NAMES),
    st.builds(changes.EndReference, APPLICATIONS, REFERENCES, st.none() | TIMES),
    LOG_OUT_CHANGES,
    st.builds(changes.MoveStoreGrants, APPLICATIONS, REFERENCES, REFERENCES),
    st.builds(changes.AdoptRecords, APPLICATIONS, REFERENCES, st.just("alice")),
    RECORDS,
    st.builds(changes.PutUpload, UPLOADS),
    st.builds(changes.EndUpload, NAMES),
    st.builds(changes.DropUpload, NAMES),
    st.builds(changes.PutGrant, GRANTS),
    st.builds(changes.NarrowGrant, GRANTS),
    st.builds(changes.CountRead, GRANTS),
    st.builds(changes.RevokeGrants, APPLICATIONS, REFERENCES, st.none()),
    st.builds(
        changes.RevokeGrants,
        APPLICATIONS,
        st.none() | REFERENCES,
        st.lists(NAMES, max_size=3).map(tuple),
    ),
    st.builds(changes.MarkVerified, NAMES, TIMES),
    st.builds(changes.SetErased, NAMES, st.none() | TIMES),
    st.builds(changes.ReplaceKey, NAMES, KEYS),
    st.builds(changes.DestroyKey, NAMES),
    st.builds(changes.DropRecord, NAMES),
    st.builds(changes.Sweep, TIMES, TIMES, TIMES),
)
OPERATIONS: st.SearchStrategy[Operation[Any]] = st.one_of(
    st.builds(Offer, caller=BACK_ENDS, handle=HANDLES),
    st.builds(
        Redeem,
        application=APPLICATIONS,
        handle_hash=NAMES,
        state=st.just("s" * 43),
        fetched=st.just(value=True),
        cookie_hash=st.none() | NAMES,
        secret_hash=NAMES,
        now=TIMES,
    ),
    st.builds(
        OpenDocument,
        application=APPLICATIONS,
        handle_hash=NAMES,
        framed=st.booleans(),
        secret_hash=NAMES,
        now=TIMES,
    ),
    st.builds(
        RegisterKey,
        caller=FRAMES,
        secret_hash=NAMES,
        public_key=st.sampled_from([None, b"one key", b"another"]),
        now=TIMES,
    ),
    st.builds(
        CountSigned,
        application=APPLICATIONS,
        key_name=NAMES,
        counter=st.integers(1, 4),
        genuine=st.booleans(),
        now=TIMES,
    ),
    LOG_OUT_OPERATIONS,
    st.builds(
        Upgrade,
        caller=BACK_ENDS,
        old=REFERENCES,
        new=REFERENCES,
        subject=SUBJECTS,
        now=TIMES,
    ),
    st.builds(
        CreateGrants,
        caller=BACK_ENDS,
        reference=REFERENCES,
        records=RECORD_IDS,
        expires_at=TIMES,
        max_reads=READS,
        now=TIMES,
    ),
    st.builds(
        VerifyGrants,
        caller=BACK_ENDS,
        reference=REFERENCES,
        records=RECORD_IDS,
        action=st.sampled_from(Action),
        now=TIMES,
    ),
    st.builds(
        RevokeAccess,
        caller=BACK_ENDS,
        reference=REFERENCES,
        records=st.none() | RECORD_IDS,
        now=TIMES,
    ),
    st.builds(
        StoreValues,
        caller=FRAMES,
        values=st.lists(RECORDS, max_size=2).map(tuple),
        expires_at=TIMES,
        now=TIMES,
        uploads=st.lists(UPLOADS, max_size=2).map(tuple),
    ),
    FILE_OPERATIONS,
    st.builds(ReadValues, caller=FRAMES, records=RECORD_IDS, now=TIMES, policy=POLICIES),
    st.builds(
        DescribeValues,
        caller=FRAMES | BACK_ENDS,
        reference=REFERENCES,
        records=RECORD_IDS,
        now=TIMES,
        policy=POLICIES,
    ),
    st.builds(EraseValues, caller=BACK_ENDS, records=RECORD_IDS, claim=CLAIMS, now=TIMES),
    st.builds(
        EraseSubject,
        application=APPLICATIONS,
        actor=st.just("key"),
        subject=st.just("alice"),
        claim=CLAIMS,
        now=TIMES,
        limit=LIMITS,
        skip=st.integers(0, 2),
    ),
    st.builds(DropEnded, now=TIMES),
    st.builds(DestroyKeys, now=TIMES, erase_delay=st.integers(0, 2), limit=LIMITS),
    st.builds(DropDestroyed, limit=LIMITS),
    st.builds(EraseUnverified, before=TIMES, now=TIMES, limit=LIMITS),
    st.builds(UndoErase, application=APPLICATIONS, since=TIMES, now=TIMES, limit=LIMITS),
    st.builds(
        Relock,
        application=APPLICATIONS,
        keys=st.lists(st.tuples(NUMBERS.map(key), KEYS), max_size=2).map(tuple),
        now=TIMES,
    ),
)
