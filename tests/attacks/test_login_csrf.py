"""T11: nobody puts his session under somebody else's page."""

from itertools import product
from typing import Any

import pytest

from tests.http.local import Local
from tests.http.parties import CLINIC, ORIGINS, PAYROLL, Browser, code, sealed

DESTINATIONS = (
    None, "audio", "document", "embed", "empty", "fencedframe", "font", "frame", "iframe", "image",
    "json", "manifest", "object", "report", "script", "serviceworker", "sharedworker", "style",
    "track", "video", "webidentity", "worker", "xslt", "",
)  # fmt: skip
MODES = (None, "cors", "navigate", "no-cors", "same-origin", "websocket", "")


@pytest.mark.parametrize("binding", ["none", "his own", "a stranger's", "malformed"])
async def test_t11_handle_of_another_browser_opens_nothing(parties: Local, binding: str) -> None:
    """A handle bound to the attacker sets no cookie elsewhere, is used up, and is on record."""
    attacker, victim = parties.browser(), parties.browser()
    handle = await parties.handle(await attacker.state(), attacker.session)
    if binding == "his own":
        await victim.state()
    elif binding == "a stranger's":
        stranger = await parties.visitor()
        victim.cookies = dict(stranger.cookies)
    elif binding == "malformed":
        victim.cookies = {"__Host-lunasec-bind-payroll": "x" * 43}
    before = dict(victim.cookies)
    refused = await victim.follow(handle)
    assert code(refused) == "handle_invalid"
    assert "set-cookie" not in refused.headers
    assert victim.cookies == before
    assert code(await attacker.follow(handle)) == "handle_invalid"
    reasons = [
        each["reason"]
        for each in await parties.audit()
        if each["action"] == "session.redeem" and each["outcome"] == "refused"
    ]
    assert reasons == ["another browser's handle", "used handle"]


async def test_t11_failed_redirect_leaves_the_session_alone(
    parties: Local, victim: Browser
) -> None:
    """Whoever leads the victim's browser to a handle of his does not log the victim out."""
    attacker = parties.browser()
    handle = await parties.handle(await attacker.state(), attacker.session)
    assert code(await victim.follow(handle)) == "handle_invalid"
    assert await victim.lives()


async def test_t11_only_a_fetch_redeems(parties: Local) -> None:
    """Of all kinds of request a browser makes, only `fetch` in `no-cors` mode gets a session.

    Any other, a navigation, a frame, an image, uses the handle up nevertheless.
    """
    for destination, mode in product(DESTINATIONS, MODES):
        browser = parties.browser()
        handle = await parties.handle(await browser.state(), browser.session)
        stated = {"sec-fetch-dest": destination, "sec-fetch-mode": mode}
        headers = {name: value for name, value in stated.items() if value is not None}
        response = await parties.client.get(
            "/session/create/payroll",
            params={"handle": handle},
            headers={**headers, "cookie": _cookies(browser)},
        )
        if (destination, mode) == ("empty", "no-cors"):
            assert response.status_code == 204
            assert "__Host-lunasec-payroll=" in response.headers["set-cookie"]
        else:
            assert code(response) == "handle_invalid", (destination, mode)
            assert "set-cookie" not in response.headers
        parties.clock.now += 10  # the budget of refused handles
        assert code(await browser.follow(handle)) == "handle_invalid"


async def test_t11_kind_of_request_that_is_said_twice_redeems_nothing(parties: Local) -> None:
    """A second `Sec-Fetch-Dest`, in either order, is no fetch."""
    for first, second in (("empty", "document"), ("document", "empty"), ("empty", "empty")):
        browser = parties.browser()
        handle = await parties.handle(await browser.state(), browser.session)
        response = await parties.client.get(
            "/session/create/payroll",
            params={"handle": handle},
            headers=[
                ("sec-fetch-dest", first),
                ("sec-fetch-dest", second),
                ("sec-fetch-mode", "no-cors"),
                ("cookie", _cookies(browser)),
            ],
        )
        assert code(response) == "handle_invalid"


async def test_t11_handle_of_another_application_opens_nothing(parties: Local) -> None:
    """A handle that one application vouched for is used up at another's address."""
    browser = parties.browser(PAYROLL)
    handle = await parties.handle(await browser.state(), browser.session)
    response = await parties.client.get(
        f"/session/create/{CLINIC}",
        params={"handle": handle},
        headers={
            "sec-fetch-dest": "empty",
            "sec-fetch-mode": "no-cors",
            "cookie": _cookies(browser).replace("bind-payroll", "bind-clinic"),
        },
    )
    assert code(response) == "handle_invalid"
    assert code(await browser.follow(handle)) == "handle_invalid"


async def test_t11_coordinator_redeems_for_its_own_application_alone(parties: Local) -> None:
    """`POST /session/create` needs header sessions to be on, and never serves another name."""
    browser = parties.browser()
    handle = await parties.handle(await browser.state(), browser.session)
    for path in ("/session/create/payroll", "/session/create/clinic"):
        assert code(await browser.post(path, {"handle": handle})) == "scheme_disabled"
    assert (await browser.follow(handle)).status_code == 204


async def test_t11_session_that_the_page_does_not_expect_serves_nothing(
    parties: Local, victim: Browser
) -> None:
    """Should another session come under a page, its frames are told so and get nothing of it."""
    planted = await parties.visitor()
    [secret] = await planted.store("the attacker's")
    await parties.grant(planted.session, [secret])
    victim.cookies = dict(planted.cookies)
    for path, body in (
        ("/detokenize", {"tokens": [secret]}),
        ("/tokenize", {"values": [sealed("the victim's")]}),
        ("/tokens/describe", {"tokens": [secret]}),
    ):
        assert code(await victim.asks(path, **body)) == "session_changed"
    assert (await victim.asks("/session/ensure")).json()["active"] is False


def _cookies(browser: Browser) -> str:
    return "; ".join(f"{name}={value}" for name, value in browser.cookies.items())


async def test_t11_no_session_is_offered_to_a_page_from_elsewhere(parties: Local) -> None:
    """An application vouches for its own origins alone, not even for its neighbor's."""
    browser = parties.browser()
    state = await browser.state()
    stated: dict[str, Any] = {"state": state, "session": browser.session, "expires_in": 60}
    for origin in (ORIGINS[CLINIC], "https://evil.example", "null", "", ORIGINS[PAYROLL] + "/"):
        refused = await parties.ask("/session/handles", origin=origin, **stated)
        assert (refused.status_code, code(refused)) == (400, "malformed_request")
    offered = await parties.ask("/session/handles", origin=ORIGINS[PAYROLL], **stated)
    assert offered.status_code == 200
