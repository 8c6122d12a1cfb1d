"""T10: a stolen cookie of the tokenizer is worth little, and not for long."""

from lunasec.tokenizer.core.sessions import OVERLAP_SECONDS, RENEW_AFTER, SESSION_SECONDS
from tests.http.local import Local
from tests.http.parties import Browser, code, reference


async def test_t10_stolen_cookie_dies_within_fifteen_minutes(
    parties: Local, victim: Browser
) -> None:
    """It works up to the last second of its 15 minutes and not in the next, however much used."""
    thief = victim.stolen()
    for _ in range(SESSION_SECONDS - 1):
        parties.clock.now += 1
        if parties.clock.now % 60 == 0:
            assert await thief.lives()
            await thief.asks("/session/ensure")
    assert await thief.lives()
    parties.clock.now += 1
    assert not await thief.lives()


async def test_t10_stolen_cookie_dies_at_log_out(parties: Local, victim: Browser) -> None:
    """Once the log-out is answered, it opens nothing, not even within the overlap."""
    thief = victim.stolen()
    [token] = await victim.store("123-45-6789")
    await parties.grant(victim.session, [token])
    assert await thief.read(token) == ["123-45-6789"]
    await parties.told("/session/end", session=victim.session)
    assert code(await thief.asks("/detokenize", tokens=[token])) == "no_session"


async def test_t10_stolen_cookie_dies_after_renewal(parties: Local, victim: Browser) -> None:
    """The old cookie serves what was under way for 30 s after a renewal, and the new one lives."""
    thief = victim.stolen()
    parties.clock.now += RENEW_AFTER
    await victim.log_in(renew=True)
    assert victim.cookie != thief.cookie
    parties.clock.now += OVERLAP_SECONDS - 1
    assert await thief.lives()
    parties.clock.now += 1
    assert not await thief.lives()
    assert await victim.lives()


async def test_t10_stolen_cookie_dies_at_once_when_the_user_changes(victim: Browser) -> None:
    """Another user in the same browser leaves the old session no overlap."""
    thief = victim.stolen()
    victim.session = reference()
    await victim.log_in()
    assert not await thief.lives()
    assert await victim.lives()


async def test_t10_stolen_cookie_can_not_be_renewed_by_its_thief(
    parties: Local, victim: Browser
) -> None:
    """With every cookie of the tokenizer he gets a state; without the application, no handle."""
    thief = victim.stolen()
    state = await thief.state(renew=True)
    asked = await thief.post(
        "/session/handles",
        {"state": state, "session": thief.session, "origin": parties.origin, "expires_in": 900},
    )
    assert code(asked) == "browser_refused"
    parties.clock.now += SESSION_SECONDS
    assert not await thief.lives()


async def test_t10_no_session_outlives_the_applications(parties: Local) -> None:
    """Renewed again and again, a session ends with the application's own."""
    browser = parties.browser()
    await browser.log_in(expires_in=1000)
    end = parties.clock.now + 1000
    parties.clock.now += RENEW_AFTER
    await browser.log_in(renew=True, expires_in=end - parties.clock.now)
    told = (await browser.asks("/session/ensure")).json()
    assert told["expires_in"] == 400
    parties.clock.now = end
    assert not await browser.lives()


async def test_t10_cookie_is_kept_from_scripts_and_other_hosts(parties: Local) -> None:
    """Both cookies are `__Host-`, HttpOnly, Secure, of bounded age, and of the right site."""
    for application, site in (("payroll", "SameSite=Strict"), ("clinic", "SameSite=None")):
        browser = parties.browser(application)
        asked = await browser.asks("/session/ensure")
        handle = await parties.handle(asked.json()["state"], browser.session, application)
        followed = await browser.follow(handle)
        for response, name, age in (
            (asked, f"__Host-lunasec-bind-{application}", 120),
            (followed, f"__Host-lunasec-{application}", 900),
        ):
            [line] = response.headers.get_list("set-cookie")
            pair, *attributes = line.split("; ")
            assert pair.startswith(f"{name}=")
            expected = ["Path=/", "Secure", "HttpOnly", f"Max-Age={age}", site]
            partitioned = ["Partitioned"] if application == "clinic" else []
            assert attributes == expected + partitioned
