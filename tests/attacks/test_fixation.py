"""T13: no session, binding or handle is ever one that somebody else chose."""

import re

import pytest

from tests.http.local import Local
from tests.http.parties import UNKNOWN, Browser, code

PLANTED = "cGxhbnRlZHBsYW50ZWRwbGFudGVkcGxhbnRlZHBsYW4"  # 32 bytes that an attacker knows


async def test_t13_planted_session_is_replaced(parties: Local) -> None:
    """A cookie that was there before log-in opens nothing before and nothing after."""
    browser = parties.browser()
    browser.cookies["__Host-lunasec-payroll"] = PLANTED
    assert not await browser.lives()
    await browser.log_in()
    assert browser.cookie != PLANTED
    attacker = browser.stolen()
    attacker.cookies["__Host-lunasec-payroll"] = PLANTED
    assert not await attacker.lives()


async def test_t13_each_log_in_makes_new_secrets(parties: Local) -> None:
    """Cookies, bindings and handles are all different, and have 32 bytes each."""
    secrets: list[str] = []
    for _ in range(20):
        browser = parties.browser()
        handle = await parties.handle(await browser.state(), browser.session)
        await browser.follow(handle)
        secrets += [handle, *browser.cookies.values()]
    assert len(set(secrets)) == 60
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{43}", each) for each in secrets)


async def test_t13_cookies_of_a_sibling_subdomain_are_not_ours(victim: Browser) -> None:
    """A cookie without the prefix, or with it in another case, which siblings can set, is none."""
    secret = victim.cookie
    for name in (
        "lunasec-payroll",
        "__host-lunasec-payroll",
        "__HOST-lunasec-payroll",
        "__Host-lunasec-Payroll",
        "__Host-lunasec-payroll ",
        "__Secure-lunasec-payroll",
        "x__Host-lunasec-payroll",
    ):
        victim.cookies = {name: secret}
        sent = await victim.asks("/detokenize", tokens=[UNKNOWN])
        assert code(sent) == "no_session", name


@pytest.mark.parametrize("hidden", ["\xa0", "\x85", "\x0b", "\x0c", "\x1c", "\x1f"])
async def test_t13_a_name_behind_a_space_is_not_ours(
    parties: Local, victim: Browser, hidden: str
) -> None:
    """What Python takes for white space hides the prefix from browsers, so siblings can set it."""
    planted = (await parties.visitor()).cookie
    tossed = f"{hidden}__Host-lunasec-payroll={planted}"
    own = f"__Host-lunasec-payroll={victim.cookie}"
    for cookies, alone in ((tossed, False), (own, True)):
        sent = await parties.client.post(
            "/session/ensure",
            json={"session": victim.session},
            headers=[
                (b"cookie", f"{tossed}; {cookies}".encode("latin-1")),
                (b"sec-fetch-site", b"same-origin"),
                (b"lunasec-application", b"payroll"),
            ],
        )
        assert sent.json()["active"] is alone


async def test_t13_cookie_that_is_there_twice_is_not_there(parties: Local, victim: Browser) -> None:
    """Which of two cookies is the real one nobody can tell, so there is no session."""
    other = await parties.visitor()
    name = "__Host-lunasec-payroll"
    for first, second in ((victim, other), (other, victim)):
        both = f"{name}={first.cookie}; {name}={second.cookie}"
        apart = [("cookie", f"{name}={each.cookie}") for each in (first, second)]
        for cookies in ([("cookie", both)], apart):
            sent = await parties.client.post(
                "/detokenize",
                json={"session": victim.session, "tokens": [UNKNOWN]},
                headers=[
                    *cookies,
                    ("sec-fetch-site", "same-origin"),
                    ("lunasec-application", "payroll"),
                ],
            )
            assert code(sent) == "no_session"


async def test_t13_secret_has_one_spelling(victim: Browser) -> None:
    """A cookie with stray bits, padding or another alphabet is no cookie."""
    secret = victim.cookie
    last = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    stray = secret[:-1] + last[last.index(secret[-1]) + 1]
    spelled = (stray, secret + "=", f'"{secret}"', secret + "A", secret[:-1], secret.swapcase(), "")
    for each in spelled:
        victim.cookies["__Host-lunasec-payroll"] = each
        assert code(await victim.asks("/detokenize", tokens=[UNKNOWN])) == "no_session"
