"""Renewals: a session goes on for as long as it is asked for, and never for longer than it may."""

import pytest

from lunasec.tokenizer.core.ledger import Facts, Session
from lunasec.tokenizer.core.sessions import LONGEST_SECONDS, RENEW_AFTER, Redeem
from tests.stores.made_up import APPLICATION, COOKIE, NOW, handle, name


def renewed(current: Session | None, now: int) -> Session:
    """Bring a fresh handle from a browser that has this session."""
    redeem = Redeem(
        application=APPLICATION,
        handle_hash=name(2),
        state="s" * 43,
        fetched=True,
        cookie_hash=COOKIE,
        secret_hash=name(99),
        now=now,
    )
    offered = handle(created_at=now, session_end=now + LONGEST_SECONDS)
    made = redeem.decide(Facts(handle=offered, session=current)).answer
    assert isinstance(made, Session)
    return made


def test_renewals_end_after_twelve_hours() -> None:
    """However often a session is renewed, it ends 12 hours after the first; then it begins anew."""
    current, now = renewed(None, NOW), NOW
    while now < current.expires_at:
        assert current.expires_at <= current.absolute_end == NOW + LONGEST_SECONDS
        now += RENEW_AFTER
        current, before = renewed(current, now), current
        if now >= before.expires_at:
            assert current.absolute_end == now + LONGEST_SECONDS
            return
    pytest.fail("it never ended")
