"""Operations, changes and questions for Hypothesis to draw from."""

from typing import Any

from hypothesis import strategies as st

from lunasec.tokenizer.core import changes
from lunasec.tokenizer.core.changes import Change
from lunasec.tokenizer.core.grants import CreateGrants, RevokeAccess, VerifyGrants
from lunasec.tokenizer.core.identity import ApplicationCaller, FrameCaller
from lunasec.tokenizer.core.ledger import (
    Action,
    Batch,
    Destroyed,
    EpochBefore,
    ErasedBefore,
    ErasedSince,
    UnverifiedBefore,
    Want,
)
from lunasec.tokenizer.core.operation import Operation
from lunasec.tokenizer.core.sessions import End, Offer, Redeem
from lunasec.tokenizer.core.upgrade import Upgrade
from lunasec.tokenizer.core.upkeep import (
    DestroyKeys,
    DropDestroyed,
    DropEnded,
    EraseUnverified,
    Relock,
    UndoErase,
)
from lunasec.tokenizer.core.values import DescribeValues, EraseValues, ReadValues, StoreValues
from tests.stores import made_up
from tests.stores.made_up import ALICE, APPLICATION, BOB, NOW, OTHER, key, name, put_record

# Small domains, so that what one operation leaves the next one meets.
APPLICATIONS = st.sampled_from([APPLICATION, APPLICATION, OTHER])
REFERENCES = st.sampled_from([ALICE, BOB])
NUMBERS = st.integers(1, 5)
NAMES = NUMBERS.map(name)
TIMES = st.integers(NOW - 2, NOW + 3)
RECORD_IDS = st.lists(st.lists(NAMES, min_size=1, max_size=2).map(tuple), max_size=4).map(tuple)
READS = st.none() | st.integers(1, 3)
BACK_ENDS = st.builds(ApplicationCaller, application=APPLICATIONS, key_id=st.just("key"))
FRAMES = st.builds(
    FrameCaller, application=APPLICATIONS, session_hash=st.none() | NAMES, reference=REFERENCES
)
SUBJECTS = st.sampled_from([None, "alice"])
SESSIONS = st.builds(
    made_up.session,
    secret_hash=NAMES,
    application=APPLICATIONS,
    reference=REFERENCES,
    subject=SUBJECTS,
    temporary=st.booleans(),
    expires_at=TIMES,
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
)
GRANTS = st.builds(
    made_up.grant,
    NUMBERS,
    application=APPLICATIONS,
    reference=REFERENCES,
    action=st.sampled_from(Action),
    expires_at=TIMES,
    reads_left=READS,
)
KEYS = st.builds(
    key, NUMBERS, lookup_version=st.integers(1, 2), epoch=st.integers(1, 3), commitment=NAMES
)
RECORDS = st.builds(
    put_record, NUMBERS, application=APPLICATIONS, subject=SUBJECTS, created_at=TIMES
)

CHANGES: st.SearchStrategy[Change] = st.one_of(
    st.builds(changes.PutSession, SESSIONS),
    st.builds(changes.ShortenSession, NAMES, TIMES),
    st.builds(changes.PutHandle, HANDLES),
    st.builds(changes.UseHandle, NAMES),
    st.builds(changes.EndReference, APPLICATIONS, REFERENCES, TIMES),
    st.builds(changes.MoveStoreGrants, APPLICATIONS, REFERENCES, REFERENCES),
    RECORDS,
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
CONDITIONS = st.one_of(
    st.builds(ErasedBefore, TIMES),
    st.builds(ErasedSince, APPLICATIONS, TIMES),
    st.just(Destroyed()),
    st.builds(UnverifiedBefore, TIMES),
    st.builds(EpochBefore, st.integers(1, 4)),
)
BATCHES = st.builds(
    Batch,
    condition=CONDITIONS,
    limit=st.integers(0, 4),
    skip=st.integers(0, 2),
    contents=st.booleans(),
)
WANTS = st.builds(
    Want,
    application=APPLICATIONS,
    session=st.none() | NAMES,
    handle=st.none() | NAMES,
    references=st.lists(REFERENCES, max_size=2).map(tuple),
    sessions_of=st.lists(REFERENCES, max_size=2).map(tuple),
    records=RECORD_IDS,
    grants_of=REFERENCES,
    action=st.sampled_from(Action),
    contents=st.booleans(),
    batch=st.none() | BATCHES,
    count=st.none() | CONDITIONS,
    wraps_of=st.none() | st.integers(1, 3),
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
    st.builds(End, caller=BACK_ENDS, reference=REFERENCES, now=TIMES),
    st.builds(Upgrade, caller=BACK_ENDS, old=REFERENCES, new=REFERENCES, now=TIMES),
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
    ),
    st.builds(ReadValues, caller=FRAMES, records=RECORD_IDS, now=TIMES),
    st.builds(
        DescribeValues,
        caller=FRAMES | BACK_ENDS,
        reference=REFERENCES,
        records=RECORD_IDS,
        now=TIMES,
    ),
    st.builds(EraseValues, caller=BACK_ENDS, records=RECORD_IDS, now=TIMES),
    st.builds(DropEnded, now=TIMES),
    st.builds(DestroyKeys, now=TIMES, erase_delay=st.integers(0, 2), limit=st.integers(0, 3)),
    st.builds(DropDestroyed, limit=st.integers(0, 3)),
    st.builds(EraseUnverified, before=TIMES, now=TIMES, limit=st.integers(0, 3)),
    st.builds(UndoErase, application=APPLICATIONS, since=TIMES, now=TIMES, limit=st.integers(0, 3)),
    st.builds(
        Relock,
        application=APPLICATIONS,
        keys=st.lists(st.tuples(NUMBERS.map(key), KEYS), max_size=2).map(tuple),
        now=TIMES,
    ),
)
