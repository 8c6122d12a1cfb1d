"""A log-in ends in a session of its own, whatever session a page's script put into the cookies."""

from collections.abc import Generator
from urllib.parse import quote

import pytest
from playwright.async_api import Page

from tests.conftest import NewVisitor
from tests.proxies.apache import SESSION, Identified, asked, claims, passed_on
from tests.proxies.echoes import ask

PLANT = """(session) => {
  document.cookie = `${session}; domain=lunasec.localhost; path=/proxy`;
}"""
FRAME = """(address) => new Promise((tell) => {
  const frame = document.createElement("iframe");
  frame.hidden = true;
  frame.onload = () => tell(frame.contentDocument?.body.innerText);
  frame.src = address;
  document.body.append(frame);
})"""
"""What a script in the application's page can do; a frame that ended elsewhere tells nothing."""

SENT = {
    "first": ["{own}; {state}"],
    "last": ["{state}; {own}"],
    "without spaces": ["{state};{own}"],
    "spaces": ["  {own} ;   {own}  ;   {state};  {own}"],
    "tabs": ["\t{own};\t{own}; {state}"],
    "many": ["{own}; a=1; {own}; {state}; {own}; b=2; {own}"],
    "empty ones": [";;{own};; ;{own};{state};;{own};"],
    "a flood before it": [";" * 7000 + "{own}; {state}"],
    "a flood after it": ["{own}; {state}" + ";{own}" * 100],
    "quoted": ["{own}; {quoted}; {state}"],
    "after a name": ["x {own}; {state}; mod_auth_openidc_state_x {own}; {own}"],
    "in capitals": ["{capitals}; {own}; {state}"],
    "in chunks": ["{chunks}; {own}; {state}"],
    "two headers": ["{own}; a=1", "b=2; {state}"],
    "two headers, last": ["{state}; a=1", "b=2; {own}"],
}
"""How mallory's `own` session may be written beside the state of ada's log-in."""


@pytest.fixture(scope="module")
def passing(tmp_path_factory: pytest.TempPathFactory) -> Generator[Identified]:
    """Run the provider and Apache, before echoes."""
    with passed_on(tmp_path_factory.mktemp("log-ins")) as started:
        yield started


def _users(passing: Identified, session: str) -> list[str]:
    """Say whose a session is, at the application and at the tokenizer."""
    seen = [asked(passing, side, [("Cookie", session)])[2] for side in ("app", "secure")]
    return [user for each in seen for user in claims(each, "sub")]


async def _come_back(passing: Identified, page: Page) -> tuple[str, str]:
    """Begin a log-in and let the provider, which knows the browser, say where it comes back.

    Gives that address, and the cookie with the state.
    """
    _, begun, _ = asked(passing, "app", [("Accept", "text/html")])
    kept = await page.context.cookies(begun["location"])
    cookie = "; ".join(f"{each.get('name')}={each.get('value')}" for each in kept)
    fields = [("Host", passing.issuer.removeprefix("http://")), ("Cookie", cookie)]
    path = begun["location"].removeprefix(passing.issuer)
    _, led, _ = ask(passing.ports["log-in"], path, fields)
    return led["location"], begun["set-cookie"].partition(";")[0]


@pytest.mark.parametrize("host", ["app", "secure", "back"])
async def test_t13_a_script_puts_nobody_into_another_s_session(
    passing: Identified, host: str, new_visitor: NewVisitor
) -> None:
    """It plants its own session's cookie, and has a hidden frame log the visitor in again."""
    mallory, ada = [await new_visitor() for _ in range(2)]
    await passing.log_in(mallory.page, "mallory")
    await passing.log_in(ada.page, "ada")
    own, before = [await passing.cookie(each.page) for each in (mallory, ada)]
    await ada.page.evaluate(PLANT, own)
    secure = passing.secure.replace("secure.", f"{host}.")
    address = passing.application if host == "app" else secure
    told = f"iss={quote(passing.issuer, safe='')}&target_link_uri={quote(passing.application)}/"
    shown = await ada.page.evaluate(FRAME, f"{address}/proxy/callback?{told}")
    assert _users(passing, own) == ["mallory", "mallory"]
    planted = [each.get("path") for each in await ada.context.cookies(f"{passing.secure}/proxy/")]
    assert "/proxy" in planted
    after = {
        f"{SESSION}={each.get('value')}"
        for each in await ada.context.cookies(passing.secure)
        if each.get("name") == SESSION
    }
    # At the application's host nothing of a log-in is served.
    assert ("authorization" in (shown or "").lower()) == (host != "app")
    assert (after != {before}) == (host != "app")
    assert [_users(passing, each) for each in after] == [["ada", "ada"]]


@pytest.mark.parametrize("sent", SENT)
async def test_t13_a_log_in_ends_in_no_session_that_a_cookie_names(
    passing: Identified, sent: str, new_visitor: NewVisitor
) -> None:
    """However the cookie is written: an ordinary log-in, and what a browser sends as it ends."""
    mallory, ada = [await new_visitor() for _ in range(2)]
    await passing.log_in(mallory.page, "mallory")
    await passing.log_in(ada.page, "ada")
    own = await passing.cookie(mallory.page)
    address, state = await _come_back(passing, ada.page)
    back = passing.secure.replace("secure.", "back.")
    assert address.startswith(f"{back}/proxy/callback?code=")
    value = own.partition("=")[2]
    chunks = f"{SESSION}_chunks=2; {SESSION}_0={value[:9]}; {SESSION}_1={value[9:]}"
    written = {"own": own, "state": state, "quoted": f'{SESSION}="{value}"', "chunks": chunks}
    written["capitals"] = f"{SESSION.upper()}={value}"
    fields = [("Cookie", each.format(**written)) for each in SENT[sent]]
    status, ended, _ = asked(passing, "back", fields, address.removeprefix(back))
    assert _users(passing, own) == ["mallory", "mallory"]
    assert (status, ended["location"]) == (302, f"{passing.application}/any")
    session = ended["set-cookie"].partition(";")[0]
    assert session.startswith(f"{SESSION}=")
    assert session != own
    assert _users(passing, session) == ["ada", "ada"]


@pytest.mark.parametrize("path", ["/", "/any", "/proxy/", "/proxy/callback/", "/lunasec.js"])
async def test_where_log_ins_come_back_there_is_nothing_else(
    passing: Identified, path: str, new_visitor: NewVisitor
) -> None:
    """Neither of the two is there, with a session or without."""
    ada = await new_visitor()
    await passing.log_in(ada.page, "ada")
    for fields in ([], [("Cookie", await passing.cookie(ada.page))]):
        assert asked(passing, "back", fields, path)[0] == 404


@pytest.mark.parametrize("host", ["app", "secure"])
async def test_t13_the_provider_sends_a_log_in_to_no_other_host(
    passing: Identified, host: str, new_visitor: NewVisitor
) -> None:
    """The module would end one on each of its hosts; the cookie is read on these."""
    ada = await new_visitor()
    await passing.log_in(ada.page, "ada")
    _, begun, _ = asked(passing, "app", [("Accept", "text/html")])
    other = passing.application if host == "app" else passing.secure
    back = quote(passing.secure.replace("secure.", "back."), safe="")
    assert back in begun["location"]
    answer = await ada.page.goto(begun["location"].replace(back, quote(other, safe="")))
    assert answer is not None
    assert answer.status == 400
    assert ada.page.url.startswith(passing.issuer)
