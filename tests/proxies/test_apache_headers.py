"""What Apache passes on to both sides: nothing that a client could make up, and no cookie."""

import time
from collections.abc import Generator
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.conftest import NewVisitor
from tests.proxies.apache import Identified, asked, claims, forged, passed_on, tokens
from tests.proxies.echoes import ask

BOTH = ["app", "secure"]
CLAIMS = [
    "OIDC_CLAIM_sub",
    "OIDC-CLAIM-sub",
    "oidc_claim_sub",
    "OIDC_id_token",
    "OIDC_access_token",
    "OIDC_anything",
]
on_both = pytest.mark.parametrize("side", BOTH)


@pytest.fixture(scope="module")
def passing(tmp_path_factory: pytest.TempPathFactory) -> Generator[Identified]:
    """Run it, with ID tokens of an hour."""
    with passed_on(tmp_path_factory.mktemp("passing")) as started:
        yield started


@on_both
async def test_t25_a_client_s_own_headers_are_replaced(
    passing: Identified, side: str, new_visitor: NewVisitor
) -> None:
    """Once or twice, in whatever case, another user's good token too: there is one, Apache's."""
    ada, bob = [await new_visitor() for _ in range(2)]
    await passing.log_in(ada.page, "ada")
    await passing.log_in(bob.page, "bob")
    ada_s = [("Cookie", await passing.cookie(ada.page))]
    bob_s = [("Cookie", await passing.cookie(bob.page))]
    [good] = tokens(asked(passing, side, ada_s)[2])
    made_up = forged(good)
    for own in ([good], [made_up], ["Basic eDp5"], [made_up, good], [good, made_up]):
        sent = [(name, each) for name in ("Authorization", "AUTHORIZATION") for each in own]
        assert claims(asked(passing, side, [*sent, *bob_s])[2], "sub") == ["bob"]
        assert claims(asked(passing, side, [*bob_s, *sent])[2], "sub") == ["bob"]
        assert asked(passing, side, sent)[0] in {302, 401}
    sent = [(name, "ada") for name in CLAIMS]
    _, _, seen = asked(passing, side, [*sent, *bob_s])
    assert claims(seen, "sub") == ["bob"]
    assert [name for name, _ in seen if name.startswith("oidc")] == []


@on_both
async def test_t25_no_cookie_gets_through(
    passing: Identified, side: str, new_visitor: NewVisitor
) -> None:
    """Apache's own goes to neither, and nobody else's does; `Host` stays as it was."""
    ada = await new_visitor()
    await passing.log_in(ada.page, "ada")
    cookie = await passing.cookie(ada.page)
    for sent in (cookie, f"a=1; {cookie}; b=2"):
        status, _, seen = asked(passing, side, [("Cookie", sent)])
        names = [name for name, _ in seen]
        assert (status, names.count("authorization"), names.count("cookie")) == (200, 1, 0)
        assert cookie.partition("=")[2] not in str(seen)
        assert ("host", f"{side}.lunasec.localhost:{passing.ports[side]}") in seen
    for twice in (["a=1", cookie], [cookie, "a=1"]):
        assert asked(passing, side, [("Cookie", each) for each in twice])[0] in {302, 401}


@pytest.mark.parametrize(
    "path", ["/lunasec.js", "/assets/a.js", "/errors", "/session/back-channel-logout/payroll"]
)
def test_t25_what_is_open_is_nobody_s(passing: Identified, path: str) -> None:
    """It needs no log-in, and neither a token nor a cookie gets there with it."""
    sent = [("Authorization", "Bearer own"), ("Cookie", "a=1")]
    status, _, seen = asked(passing, "secure", sent, path)
    assert status == 200
    assert {"authorization", "cookie"} & {name for name, _ in seen} == set()


@pytest.mark.parametrize(
    "path",
    ["/", "/frame", "/session/ensure", "/lunasec.jsx", "/assets", "/assets/../any", "/errors/any"],
)
def test_the_rest_is_shut(passing: Identified, path: str) -> None:
    """At the tokenizer with a 401, never with a redirect, whatever a client says of itself."""
    for fields in ([], [("Accept", "text/html"), ("Sec-Fetch-Mode", "navigate")]):
        status, headers, _ = asked(passing, "secure", fields, path)
        assert (status, headers.get("location")) == (401, None)


def test_a_page_leads_to_the_log_in_and_a_fetch_is_refused(passing: Identified) -> None:
    """What cannot show the provider's page gets a 401, and leaves no cookie behind."""
    page = [("Accept", "text/html"), ("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Dest", "document")]
    status, headers, _ = asked(passing, "app", page)
    assert (status, headers["location"].startswith(f"{passing.issuer}/auth?")) == (302, True)
    assert "code_challenge_method=S256" in headers["location"]
    for mode, target in (("cors", "empty"), ("navigate", "iframe"), ("no-cors", "image")):
        own = [("Sec-Fetch-Mode", mode), ("Sec-Fetch-Dest", target)]
        status, headers, _ = asked(passing, "app", own)
        assert (status, headers.get("set-cookie")) == (401, None)


def test_any_other_host_is_nobody_s(passing: Identified) -> None:
    """No address of a client's own leads to either."""
    for port in (passing.ports[side] for side in BOTH):
        for host in ("127.0.0.1", f"login.lunasec.localhost:{port}", "example.com"):
            assert ask(port, "/any", [("Host", host)])[0] == 421


async def test_a_log_out_leads_nowhere_else(passing: Identified, new_visitor: NewVisitor) -> None:
    """Apache sends a browser to no address that a link to its log-out names, logged in or not."""
    ada = await new_visitor()
    await passing.log_in(ada.page, "ada")
    own = ("Host", passing.secure.removeprefix("http://"))
    elsewhere = (
        "https://example.com/",
        "//example.com/",
        "/\\example.com",
        f"{passing.application}/x",
    )
    for fields in ([own], [own, ("Cookie", await passing.cookie(ada.page))]):
        for where in elsewhere:
            path = f"/proxy/callback?logout={quote(where, safe='')}"
            _, headers, _ = ask(passing.ports["secure"], path, fields)
            assert "location" not in headers


async def test_a_session_ends_with_its_token(tmp_path: Path, new_visitor: NewVisitor) -> None:
    """No token is passed on that is over: before that, Apache knows nobody any more."""
    ada = await new_visitor()
    with passed_on(tmp_path, life=3) as passing:
        await passing.log_in(ada.page, "ada")
        cookie = ("Cookie", await passing.cookie(ada.page))
        known, named = 0, list[str]()
        while (seen := asked(passing, "secure", [cookie]))[0] == 200:
            known += 1
            [ends] = claims(seen[2], "exp")
            assert int(time.time()) <= ends
            await ada.page.wait_for_timeout(100)
            named = claims(seen[2], "sid")
        assert known
        assert seen[0] == 401
        # The provider knows the browser: the next page is of the same session, and nobody is asked.
        await ada.page.goto(passing.application)
        again = ("Cookie", await passing.cookie(ada.page))
        assert claims(asked(passing, "secure", [again])[2], "sid") == named
