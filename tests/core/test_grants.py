"""Grants: what may be used, decided on whole small domains; what is granted, verified, revoked."""

import dataclasses
from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lunasec.errors import SessionEnded
from lunasec.tokenizer.core.changes import MarkVerified, NarrowGrant, PutGrant, RevokeGrants
from lunasec.tokenizer.core.grants import (
    CreateGrants,
    RevokeAccess,
    VerifyGrants,
    judge,
)
from lunasec.tokenizer.core.ledger import Action, Facts, Found
from lunasec.tokenizer.core.verdicts import Allowed
from tests.stores.made_up import (
    ALICE,
    APPLICATION,
    BACK_END,
    NOW,
    grant,
    key,
    name,
    record,
)

ENDS = (NOW - 1, NOW, NOW + 1)
READS = (None, -1, 0, 1, 2)
GRANTS = (None, *(grant(7, expires_at=end, reads_left=left) for end, left in product(ENDS, READS)))


def create(*, expires_in: int = 900, max_reads: int | None = None, tokens: int = 1) -> CreateGrants:
    """Let Alice's session read records 0, 1 and so on."""
    return CreateGrants(
        caller=BACK_END,
        reference=ALICE,
        records=tuple((name(number),) for number in range(tokens)),
        expires_at=NOW + expires_in,
        max_reads=max_reads,
        now=NOW,
    )


def test_a_grant_asks_for_its_records_and_its_session() -> None:
    """It asks for the tokens, for this session's grants, and whether the session was ended."""
    want = create(tokens=2).want()
    assert (want.application, want.references, want.grants_of) == (APPLICATION, (ALICE,), ALICE)
    assert (want.records, want.action) == (((name(0),), (name(1),)), Action.READ)
    assert not want.contents


def _kept(number: int, kind: str) -> Found:
    if kind == "absent":
        return Found()
    return Found(record=record(number, erased_at=NOW if kind == "erased" else None))


@given(st.lists(st.sampled_from(["there", "erased", "absent"]), max_size=6))
def test_what_is_there_is_granted(kinds: list[str]) -> None:
    """Exactly the tokens that are there are granted; the indexes of the others come back."""
    facts = Facts(found=tuple(_kept(number, kind) for number, kind in enumerate(kinds)))
    decision = create(max_reads=3, tokens=len(kinds)).decide(facts)
    assert decision.answer == tuple(i for i, kind in enumerate(kinds) if kind != "there")
    assert decision.changes == tuple(
        PutGrant(grant(number, reads_left=3))
        for number, kind in enumerate(kinds)
        if kind == "there"
    )
    assert {each.action for each in decision.entries} <= {"grant.create"}
    assert sum(len(each.records) for each in decision.entries) == len(kinds)


def test_an_ended_session_gets_no_grant() -> None:
    """After log-out nothing is granted, and the try is in the log."""
    decision = create().decide(Facts(ended=frozenset({ALICE}), found=(Found(record=record(0)),)))
    assert isinstance(decision.answer, SessionEnded)
    assert decision.changes == ()
    [entry] = decision.entries
    assert (entry.outcome, entry.reason, entry.session) == ("refused", "session ended", ALICE)
    assert (entry.actor, entry.action, entry.at) == ("key-1", "grant.create", NOW)


@pytest.mark.parametrize("left", [None, 0, 1, 2, 3])
@pytest.mark.parametrize("end", [-1, 0, 1, 899, 900, 901])
@pytest.mark.parametrize("max_reads", [None, 1, 2])
@pytest.mark.parametrize("copied", [False, True])
@pytest.mark.parametrize("may_copy", [False, True])
def test_a_grant_that_allows_less_counts_as_taken_away(
    end: int, left: int | None, max_reads: int | None, *, copied: bool, may_copy: bool
) -> None:
    """Exactly where a live grant is replaced by one that ends earlier, or allows less."""
    old = grant(0, expires_at=NOW + end, reads_left=left, may_copy=copied)
    facts = Facts(found=(Found(record=record(0), grant=old),))
    operation = replace(create(max_reads=max_reads), may_copy=may_copy)
    [change] = operation.decide(facts).changes
    many = 10**9
    fewer = (max_reads or many) < (many if left is None else left)
    less = fewer or end > 900 or copied > may_copy
    new = grant(0, reads_left=max_reads, may_copy=may_copy)
    assert change == (NarrowGrant if end > 0 and less else PutGrant)(new)


def verify(action: Action) -> VerifyGrants:
    """Ask for record 7 in Alice's session."""
    return VerifyGrants(
        caller=BACK_END, reference=ALICE, records=((name(7),),), action=action, now=NOW
    )


@pytest.mark.parametrize("action", list(Action))
@pytest.mark.parametrize("ended", [frozenset[str](), frozenset({ALICE})], ids=["live", "ended"])
@pytest.mark.parametrize("verified_at", [None, 0, 5])
def test_verification_says_yes_for_a_live_grant(
    action: Action, ended: frozenset[str], verified_at: int | None
) -> None:
    """Yes is for what the gate would allow; a first yes for storing is remembered."""
    for granted in GRANTS:
        seen = Found(record=record(7, verified_at=verified_at), grant=granted)
        _verify(action, Facts(found=(seen,), ended=ended))


def _verify(action: Action, facts: Facts) -> None:
    [seen], ended = facts.found, facts.ended
    verified_at = seen.record.verified_at if seen.record else None
    decision = verify(action).decide(facts)
    yes = not ended and isinstance(judge(seen, (name(7),), NOW), Allowed)
    assert decision.answer == (yes,)
    taken = yes and action is Action.STORE and verified_at is None
    assert decision.changes == ((MarkVerified(name(7), NOW),) if taken else ())
    [entry] = decision.entries
    assert (entry.action, entry.outcome) == ("grant.verify", "allowed" if yes else "refused")
    assert (entry.session, entry.actor, entry.records) == (ALICE, "key-1", (name(7).hex(),))
    if ended:
        assert entry.reason == "not granted"


@pytest.mark.parametrize("action", list(Action))
def test_verification_asks_for_grants_of_its_action(action: Action) -> None:
    """A grant to read is no grant to store: each asks for its own."""
    want = verify(action).want()
    assert (want.action, want.grants_of, want.references) == (action, ALICE, (ALICE,))
    assert (want.application, want.records) == (APPLICATION, ((name(7),),))


@pytest.mark.parametrize("reference", [None, ALICE])
@pytest.mark.parametrize(
    "records", [None, (), ((name(1),),), ((name(2), name(1)), (name(4), name(3)))]
)
def test_revocation_names_every_id_a_token_can_have(
    reference: str | None, records: tuple[tuple[bytes, ...], ...] | None
) -> None:
    """What is taken back is taken back under the newest lookup key and under all older ones."""
    operation = RevokeAccess(caller=BACK_END, reference=reference, records=records, now=NOW)
    assert operation.want().application == APPLICATION
    if reference is None and records is None:
        with pytest.raises(ValueError, match=r"^name a session, records, or both$"):
            operation.decide(Facts())
        return
    decision = operation.decide(Facts())
    ids = None if records is None else tuple(each for ids in records for each in ids)
    assert decision.changes == (RevokeGrants(APPLICATION, reference, ids),)
    assert decision.answer is None
    [entry] = decision.entries
    assert (entry.action, entry.outcome, entry.session) == (
        "grant.revoke",
        "allowed",
        reference or "",
    )
    assert entry.records == tuple(each.hex() for each in ids or ())
    assert (entry.actor, entry.at) == ("key-1", NOW)


def test_a_grant_follows_the_record_that_was_found() -> None:
    """A token that was found under an older id is granted under that one."""
    operation = dataclasses.replace(create(), records=((name(9), name(3)),))
    older = Found(record=record(7, key=key(3)))
    assert operation.decide(Facts(found=(older,))).changes == (PutGrant(grant(3)),)
