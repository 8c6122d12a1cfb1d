"""Uploads, and operations of files, for Hypothesis to draw from."""

from typing import Any

from hypothesis import strategies as st

from lunasec.tokenizer.core.files import (
    CancelUpload,
    FindFile,
    FindUpload,
    ForgetUploads,
    PlanUpload,
)
from lunasec.tokenizer.core.ledger import File
from lunasec.tokenizer.core.operation import Operation
from tests.stores import made_up
from tests.stores.domains import APPLICATIONS, FRAMES, NAMES, NUMBERS, POLICIES, REFERENCES, TIMES
from tests.stores.made_up import name

FILES = st.builds(File, blob=NUMBERS.map(lambda number: name(number + 2000)), size=NUMBERS)
UPLOADS = st.builds(
    made_up.upload,
    NUMBERS,
    application=APPLICATIONS,
    reference=REFERENCES,
    file=FILES,
    created_at=TIMES,
    expires_at=TIMES,
)
FINDS = st.builds(FindUpload, caller=FRAMES, upload_hash=NAMES, now=TIMES)
FILE_OPERATIONS: st.SearchStrategy[Operation[Any]] = st.one_of(
    st.builds(PlanUpload, caller=FRAMES, upload=UPLOADS),
    FINDS,
    st.builds(CancelUpload, find=FINDS),
    st.builds(
        FindFile,
        caller=FRAMES,
        record=st.lists(NAMES, min_size=1, max_size=2).map(tuple),
        now=TIMES,
        policy=POLICIES,
    ),
    st.builds(
        ForgetUploads,
        uploads=st.lists(UPLOADS, max_size=2).map(tuple),
        now=TIMES,
        actor=st.just("upkeep"),
    ),
)
