"""The small domains that drawn operations share."""

from hypothesis import strategies as st

from lunasec.tokenizer.core.erasing import Claim
from lunasec.tokenizer.core.identity import ApplicationCaller, FrameCaller, Person
from lunasec.tokenizer.core.policy import GRANTS_ALONE, OwnersAlone
from tests.stores.made_up import ALICE, APPLICATION, BOB, NOW, OTHER, name

# Small domains, so that what one operation leaves the next one meets.
APPLICATIONS = st.sampled_from([APPLICATION, APPLICATION, OTHER])
REFERENCES = st.sampled_from([ALICE, BOB])
NUMBERS = st.integers(1, 5)
NAMES = NUMBERS.map(name)
TIMES = st.integers(NOW - 2, NOW + 3)
RECORD_IDS = st.lists(st.lists(NAMES, min_size=1, max_size=2).map(tuple), max_size=4).map(tuple)
PROXIED = st.sampled_from(["proxied session", "proxied user"])
"""Ids of an auth proxy: what stands for its session, and for its user."""

READS = st.none() | st.integers(1, 3)
SAID = Person(acr="a", amr=("pwd",), auth_time=1, groups=("b",))
PERSONS = st.sampled_from([None, Person(), SAID])
OWNERS = st.sampled_from([None, b"alice's", b"bob's"])
POLICIES = st.sampled_from([GRANTS_ALONE, OwnersAlone()])
CLAIMS = st.builds(Claim, policy=POLICIES, reference=st.none() | REFERENCES)
BACK_ENDS = st.builds(ApplicationCaller, application=APPLICATIONS, key_id=st.just("key"))
FRAMES = st.builds(
    FrameCaller,
    application=APPLICATIONS,
    session_hash=st.none() | NAMES,
    reference=REFERENCES,
    signed=st.booleans(),
    login=st.integers(0, 2),
)
