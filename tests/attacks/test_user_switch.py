"""T12: users who share a browser, and applications that share a tokenizer, share nothing else."""

from tests.http.local import Local
from tests.http.parties import CLINIC, PAYROLL, Browser, code, reference, sealed


async def test_t12_next_user_of_a_browser_reads_nothing(parties: Local, victim: Browser) -> None:
    """A second user, in the same browser and with the same application session id, gets nothing."""
    [token] = await victim.store("123-45-6789")
    await parties.grant(victim.session, [token])
    first, victim.session = victim.session, reference()
    assert code(await victim.asks("/detokenize", tokens=[token])) == "session_changed"
    await victim.log_in()
    assert await victim.read(token) == [None]
    victim.session = first
    assert code(await victim.asks("/detokenize", tokens=[token])) == "session_changed"


async def test_t12_page_left_open_stores_nothing_for_the_next_user(victim: Browser) -> None:
    """What the first user's page sends after the switch is refused, and is nobody's."""
    left_open = victim.session
    victim.session = reference()
    await victim.log_in()
    stated = {"session": left_open, "values": [sealed("typed by the first user")]}
    assert code(await victim.post("/tokenize", stated)) == "session_changed"


async def test_t12_applications_do_not_open_each_others_tokens(parties: Local) -> None:
    """A token of one application is unknown to another, whatever that one grants or asks."""
    owner, other = await parties.visitor(PAYROLL), await parties.visitor(CLINIC)
    [token] = await owner.store("123-45-6789")
    granted = await parties.told("/grants", CLINIC, session=other.session, tokens=[token])
    assert granted["refused"] == [0]
    same = await parties.told("/grants", CLINIC, session=owner.session, tokens=[token])
    assert same["refused"] == [0]
    assert await other.read(token) == [None]
    for action in ("read", "store"):
        verified = await parties.told(
            "/grants/verify", CLINIC, session=owner.session, tokens=[token], action=action
        )
        assert verified == {"granted": [False]}
    assert await parties.told("/tokens/erase", CLINIC, tokens=[token]) == {"erased": 0}
    await parties.told("/grants/revoke", CLINIC, tokens=[token])
    await parties.told("/session/end", CLINIC, session=owner.session)
    await parties.grant(owner.session, [token])
    assert await owner.read(token) == ["123-45-6789"]


async def test_t12_cookies_of_one_application_are_nothing_to_another(parties: Local) -> None:
    """A session's secret under another application's name, header or address is no session."""
    owner = await parties.visitor(PAYROLL)
    for name in (CLINIC, "bind-payroll"):
        moved = owner.stolen()
        moved.application = name
        moved.cookies = {f"__Host-lunasec-{name}": owner.cookie}
        asked = await moved.asks("/detokenize", tokens=await owner.store("x"))
        assert code(asked) == ("no_session" if name == CLINIC else "application_unknown")


async def test_t12_log_in_at_one_application_leaves_the_other(parties: Local) -> None:
    """Two applications in one browser: bootstraps and log-outs of one leave the other's session."""
    browser = await parties.visitor(PAYROLL)
    clinic = parties.browser(CLINIC)
    clinic.cookies = browser.cookies
    await clinic.log_in()
    await clinic.log_in(renew=True)
    assert await browser.lives()
    clinic.cookies = {**clinic.cookies, "__Host-lunasec-clinic": browser.cookie}
    await clinic.log_in(renew=True)
    assert await browser.lives()
    await parties.told("/session/end", CLINIC, session=clinic.session)
    assert await browser.lives()
    assert not await clinic.lives()
