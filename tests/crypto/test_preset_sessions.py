"""What each preset's tokens say of sessions: the proxy's own ones, or all of a user's as one."""

from pathlib import Path
from typing import Any

import pytest
from starlette.requests import Request

from lunasec import proxy
from lunasec.errors import ConfigurationInvalid
from lunasec.jose.presets import PRESETS
from tests.crypto.presets import BY_NAME, EC, KINDS, NOW, RSA, Kind, named
from tests.crypto.signing import pem_of

every = pytest.mark.parametrize("kind", KINDS, ids=[each.preset for each in KINDS])
ALB = BY_NAME["aws-alb"]


@every
async def test_a_session_is_one_of_the_proxy_or_all_of_a_user(kind: Kind) -> None:
    """By its id where tokens have one; without, whoever the proxy says it is has one session."""
    tokens = kind.tokens(session_claim=None, longest_life=600)
    one, two, other = [
        await named(tokens, kind.token(sid=sid, sub=sub))
        for sid, sub in (("1", "ada"), ("2", "ada"), ("2", "bob"))
    ]
    assert one is not None
    assert two is not None
    assert other is not None
    shared = not PRESETS[kind.preset].session_claim
    assert [each.session_id == each.user_id for each in (one, two, other)] == [shared] * 3
    assert (one.session_id == two.session_id) is shared
    assert (two.session_id == other.session_id) is not shared
    assert one.user_id == two.user_id != other.user_id


@every
async def test_t25_a_token_that_tells_of_an_event(kind: Kind) -> None:
    """It names a user, and is signed alike, but nobody calls with it."""
    log_out: dict[str, Any] = {"http://schemas.openid.net/event/backchannel-logout": {}}
    for events in ({}, log_out):
        assert await named(kind.tokens(), kind.token(events=events)) is None


@every
@pytest.mark.parametrize("session_claim", ["sid", None, ""])
async def test_both_sides_make_the_same_of_a_token(
    kind: Kind, session_claim: str | None, tmp_path: Path
) -> None:
    """The application names the session and the user as the tokenizer does."""
    for key in (RSA, EC):
        (tmp_path / str(key.kid)).write_bytes(pem_of(key))
    provider = kind.provider(
        session_claim=session_claim, longest_life=600, header="X-T", jwks=f"{tmp_path}/{{kid}}"
    )
    request = Request({"type": "http", "headers": [(b"x-t", kind.token(sid="s").encode())]})
    found = await named(
        kind.tokens(session_claim=session_claim, longest_life=600), kind.token(sid="s")
    )
    assert found is not None
    theirs = await proxy.ProxyProvider(provider, clock=lambda: NOW)(request)
    assert theirs == (found.session_id, found.subject)


async def test_pomerium_signs_for_each_route_under_its_name() -> None:
    """`iss` is the route's host, so the two sides' differ; the session that they make does not."""
    kind, route = BY_NAME["pomerium"], "app.example.com"
    theirs = kind.tokens(issuer=route, audience=route)
    here = await named(kind.tokens(), kind.token())
    there = await named(theirs, kind.token(iss=route, aud=route))
    assert here is not None
    assert there is not None
    assert (here.session_id, here.user_id) == (there.session_id, there.user_id)
    assert await named(kind.tokens(), kind.token(iss=route, aud=route)) is None


async def test_how_old_a_token_without_a_beginning_may_be() -> None:
    """As old as one can be that ends then: a log-out since may have been before it, or not."""
    found = await named(ALB.tokens(session_claim=None, longest_life=120), ALB.token())
    assert found is not None
    assert found.issued_at == ALB.header["exp"] - 120


def test_aws_says_how_long_tokens_live_where_they_say_nothing_of_when() -> None:
    """Or a user who logs out would be kept out for a day."""
    for life in (None, 601, 600):
        more = {} if life is None else {"longest_life": life}
        if life == 600:
            assert not BY_NAME["aws-alb"].provider(session_claim=None, **more).session_claim
            continue
        with pytest.raises(ConfigurationInvalid, match=r"provider\.longest_life: got"):
            BY_NAME["aws-alb"].provider(session_claim=None, **more)
