"""T16: a token that was stolen can't be planted in one's own record."""

from typing import Any, Final

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lunasec.tokenizer.core.grants import GRANT_SECONDS
from tests.http.local import Local
from tests.http.parties import CLINIC, PAYROLL, UNKNOWN, Browser

PEOPLE: Final = ((PAYROLL, 0), (PAYROLL, 1), (PAYROLL, 2), (CLINIC, 0), (CLINIC, 1))
Asked = dict[str, Any]

people = st.integers(0, len(PEOPLE) - 1)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("store"), people, people),
        st.tuples(st.just("grant"), people, st.integers(0, 20)),
        st.tuples(st.just("revoke"), people, st.integers(0, 20)),
        st.tuples(st.just("read"), people, st.integers(0, 20)),
        st.tuples(st.just("log out"), people, people),
        st.tuples(st.just("log in"), people, people),
        st.tuples(st.just("wait"), st.integers(0, GRANT_SECONDS), people),
    ),
    max_size=25,
)


async def test_t16_token_of_another_user_is_refused(parties: Local, victim: Browser) -> None:
    """The attacker posts the victim's token to his own record: verify says no, granted or not."""
    attacker = await parties.visitor()
    [stolen] = await victim.store("123-45-6789")
    [own] = await attacker.store("his own")
    asked: Asked = {"session": attacker.session, "tokens": [stolen, own]}
    assert await parties.told("/grants/verify", **asked) == {"granted": [False, True]}
    await parties.grant(attacker.session, [stolen])
    assert await attacker.read(stolen) == ["123-45-6789"]
    assert await parties.told("/grants/verify", **asked) == {"granted": [False, True]}


async def test_t16_upgrade_moves_what_was_typed_and_nothing_else(parties: Local) -> None:
    """A sign-up's store grants go to the user that it made, once, and to nobody else."""
    visitor, other = parties.browser(), await parties.visitor()
    await visitor.log_in(temporary=True)
    [typed] = await visitor.store("typed at sign-up")
    [foreign] = await other.store("typed by somebody else")
    await parties.grant(visitor.session, [foreign])
    temporary, user = visitor.session, parties.browser().session
    await parties.told("/session/upgrade", **{"from": temporary, "session": user})
    asked: Asked = {"tokens": [typed, foreign]}
    verified = await parties.told("/grants/verify", session=user, **asked)
    assert verified == {"granted": [True, False]}
    gone = await parties.told("/grants/verify", session=temporary, **asked)
    assert gone == {"granted": [False, False]}
    reading = await parties.told("/grants/verify", session=user, action="read", **asked)
    assert reading == {"granted": [False, False]}
    again = await parties.ask("/session/upgrade", **{"from": temporary, "session": other.session})
    assert again.status_code == 409


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(schedule=steps)
async def test_t16_only_the_session_that_typed_may_store(
    parties: Local, schedule: list[tuple[str, int, int]]
) -> None:
    """However tokens are granted, read and passed around, the store grant stays where it was made.

    Random schedules; after each step the tokenizer is asked about every token for every session,
    and has to agree with a model of one line: who typed it, when, and was not logged out since.
    """
    browsers = [await parties.visitor(application) for application, _ in PEOPLE]
    made: dict[str, tuple[int, str, int]] = {}
    for step, who, what in schedule:
        browser = browsers[who % len(browsers)]
        token = [*made, UNKNOWN][what % (len(made) + 1)]
        if step == "wait":
            parties.clock.now += who
        elif step == "store" and await browser.lives():
            [new] = await browser.store("x")
            made[new] = (who, browser.session, parties.clock.now)
        elif step in {"grant", "revoke"}:
            path = "/grants" if step == "grant" else "/grants/revoke"
            body = {"session": browser.session, "tokens": [token]}
            if step == "grant" or token != UNKNOWN:
                await parties.ask(path, browser.application, **body)
                if step == "revoke" and token in made and made[token][1] == browser.session:
                    del made[token]
        elif step == "read":
            await browser.asks("/detokenize", tokens=[token])
        elif step == "log out":
            await parties.told("/session/end", browser.application, session=browser.session)
            made = {each: at for each, at in made.items() if at[1] != browser.session}
        elif step == "log in":
            browser.session = parties.browser().session
            await browser.log_in()
    await _compare(parties, browsers, made)


async def _compare(
    parties: Local, browsers: list[Browser], made: dict[str, tuple[int, str, int]]
) -> None:
    tokens = [*made, UNKNOWN]
    for browser in browsers:
        told = await parties.told(
            "/grants/verify", browser.application, session=browser.session, tokens=tokens
        )
        expected = [
            each in made
            and made[each][1] == browser.session
            and parties.clock.now < made[each][2] + GRANT_SECONDS
            for each in tokens
        ]
        assert told["granted"] == expected
