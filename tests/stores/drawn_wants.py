"""Questions for Hypothesis to draw from."""

from hypothesis import strategies as st

from lunasec.tokenizer.core.ledger import (
    Action,
    Batch,
    Destroyed,
    EndedBy,
    EpochBefore,
    ErasedBefore,
    ErasedSince,
    OfSubject,
    UnverifiedBefore,
    Want,
)
from tests.stores.domains import APPLICATIONS, NAMES, PROXIED, RECORD_IDS, REFERENCES, TIMES
from tests.stores.drawn_files import FILES

CONDITIONS = st.one_of(
    st.builds(ErasedBefore, TIMES),
    st.builds(ErasedSince, APPLICATIONS, TIMES),
    st.just(Destroyed()),
    st.builds(UnverifiedBefore, TIMES),
    st.builds(OfSubject, APPLICATIONS, st.sampled_from(["alice", "bob"])),
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
    sessions_under=st.just("") | PROXIED,
    log_outs=st.lists(REFERENCES | PROXIED, max_size=2).map(tuple),
    log_out_token=st.none() | NAMES,
    records=RECORD_IDS,
    grants_of=REFERENCES,
    action=st.sampled_from(Action),
    contents=RECORD_IDS,
    batch=st.none() | BATCHES,
    count=st.none() | CONDITIONS,
    wraps_of=st.none() | st.integers(1, 3),
    uploads=st.lists(NAMES, max_size=2).map(tuple),
    ended_uploads=st.none() | st.builds(EndedBy, TIMES, st.integers(0, 3)),
    count_uploads=st.booleans(),
    blobs=st.lists(FILES.map(lambda file: file.blob), max_size=3).map(tuple),
)
