"""Log-outs, and sessions behind an auth proxy, for Hypothesis to draw from."""

from typing import Any

from hypothesis import strategies as st

from lunasec.tokenizer.core import changes
from lunasec.tokenizer.core.identity import Proxied
from lunasec.tokenizer.core.log_out import End, EndProxied, LogOut
from lunasec.tokenizer.core.operation import Operation
from lunasec.tokenizer.core.proxied import Enter
from tests.stores.domains import APPLICATIONS, BACK_ENDS, NAMES, PROXIED, REFERENCES, TIMES

LOG_OUT_CHANGES: st.SearchStrategy[changes.Change] = st.one_of(
    st.builds(changes.PutLogOut, APPLICATIONS, REFERENCES | PROXIED, TIMES, TIMES),
    st.builds(changes.UseLogOutToken, APPLICATIONS, NAMES, TIMES),
)
VISITORS = st.builds(
    Proxied,
    application=APPLICATIONS,
    reference=REFERENCES,
    subject=st.just("alice"),
    session_id=PROXIED,
    user_id=PROXIED,
    login=TIMES,
)
LOG_OUTS = st.builds(
    LogOut,
    application=APPLICATIONS,
    token_hash=NAMES,
    token_until=TIMES,
    key_id=st.just("key"),
    reference=st.just("") | REFERENCES,
    session_id=st.just("") | PROXIED,
    user_id=st.just("") | PROXIED,
    shared=st.booleans(),
)
LOG_OUT_OPERATIONS: st.SearchStrategy[Operation[Any]] = st.one_of(
    st.builds(
        End,
        caller=BACK_ENDS,
        reference=REFERENCES,
        now=TIMES,
        proxied=st.booleans(),
        shared=st.booleans(),
    ),
    st.builds(EndProxied, log_out=LOG_OUTS, now=TIMES),
    st.builds(Enter, who=VISITORS, pinned=REFERENCES, now=TIMES),
)
