"""The pages as documents: what must be on them, and what keeps them safe."""

import re
from html.parser import HTMLParser

import httpx
import pytest

from lunasec.demo.attacks import ATTACKS, FOLDER
from tests.demo.back_channel import TOKEN, BackChannel
from tests.demo.conftest import ORIGIN, NewClient
from tests.demo.test_story import sign_up, typed

OPEN_PAGES = ["/", "/sign-up", "/log-in"]
USERS_PAGES = ["/profile", "/database", "/steal", "/admin"]
TOKENIZER = "http://secure.lunasec.localhost:8001"


class Document(HTMLParser):
    """A page, as the list of its elements."""

    def __init__(self, html: str) -> None:
        """Read the page."""
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep an element."""
        self.elements.append((tag, dict(attrs)))

    def all(self, attribute: str) -> list[str]:
        """Return all values of an attribute."""
        return [value for _, attrs in self.elements if (value := attrs.get(attribute)) is not None]

    def tag(self, identifier: str) -> str:
        """Return what the element of that id is."""
        return next(tag for tag, attrs in self.elements if attrs.get("id") == identifier)


@pytest.fixture
async def user(client: httpx.AsyncClient, tokenizer: BackChannel) -> httpx.AsyncClient:
    """Give a person who has signed up and given a number."""
    await sign_up(client)
    await client.post("/profile", data={"ssn": await typed(client, tokenizer)})
    return client


async def test_elements_have_their_ids(user: httpx.AsyncClient, new_client: NewClient) -> None:
    """The demo can be driven from outside by the ids of its elements."""
    wanted = {
        "/sign-up": {
            "username": "input",
            "password": "input",
            "ssn": "secure-input",
            "sign-up": "button",
        },
        "/log-in": {"username": "input", "password": "input", "log-in": "button"},
        "/profile": {
            "ssn": "secure-input",
            "save": "button",
            "ssn-shown": "secure-text",
            "log-out": "button",
        },
        "/database": {"stored-token": "code"},
        "/steal": {"ssn-shown": "secure-text", "script": "textarea", "run": "button", "got": "ol"},
    }
    stranger = new_client()
    for path, ids in wanted.items():
        page = await (stranger if path in OPEN_PAGES else user).get(path)
        document = Document(page.text)
        assert {each: document.tag(each) for each in ids} == ids


@pytest.mark.parametrize("path", OPEN_PAGES + USERS_PAGES)
async def test_pages_are_sound(user: httpx.AsyncClient, new_client: NewClient, path: str) -> None:
    """Ids are unique, what refers to one finds it, and no page has script or style of its own."""
    page = await (new_client() if path in OPEN_PAGES else user).get(path)
    assert page.status_code == 200
    document = Document(page.text)
    ids = document.all("id")
    assert len(ids) == len(set(ids))
    for attribute in ("for", "aria-describedby", "aria-labelledby"):
        assert set(document.all(attribute)) <= set(ids)
    assert not document.all("style")
    assert not document.all("onclick")
    assert all("src" in attrs for tag, attrs in document.elements if tag == "script")


@pytest.mark.parametrize("path", USERS_PAGES)
async def test_users_pages_need_a_user(client: httpx.AsyncClient, path: str) -> None:
    """A stranger is sent to the log-in page."""
    response = await client.get(path)
    assert (response.status_code, response.headers["location"]) == (303, "/log-in")


@pytest.mark.parametrize("path", [*OPEN_PAGES, "/profile", "/database", "/admin", "/nothing-here"])
async def test_pages_are_protected(user: httpx.AsyncClient, path: str) -> None:
    """Only the tokenizer's scripts and frames are let in, nobody frames a page, nothing is kept."""
    headers = (await user.get(path)).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert f"script-src {TOKENIZER};" in policy
    assert f"frame-src 'self' {TOKENIZER};" in policy
    assert f"connect-src 'self' {TOKENIZER};" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"


async def test_steal_alone_runs_any_script(user: httpx.AsyncClient) -> None:
    """The page with the hole has no policy in the script's way, and still nobody frames it."""
    policy = (await user.get("/steal")).headers["content-security-policy"]
    assert policy == "base-uri 'none'; frame-ancestors 'none'"


async def test_the_session_cookie_is_out_of_reach(client: httpx.AsyncClient) -> None:
    """Scripts don't see the session cookie, and other sites' forms don't bring it along."""
    cookie = (await client.get("/sign-up")).headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({"Sec-Fetch-Site": "cross-site", "Origin": ORIGIN}, id="another site"),
        pytest.param({"Sec-Fetch-Site": "same-site", "Origin": TOKENIZER}, id="a sibling"),
        pytest.param({"Sec-Fetch-Site": "none"}, id="the address bar"),
        pytest.param({"Sec-Fetch-Site": "", "Origin": "null"}, id="an old browser, sandboxed"),
        pytest.param({"Sec-Fetch-Site": "", "Origin": "http://evil.test"}, id="an old browser"),
        pytest.param({"Sec-Fetch-Site": ""}, id="neither header"),
    ],
)
async def test_forms_from_elsewhere_are_refused(
    user: httpx.AsyncClient, tokenizer: BackChannel, headers: dict[str, str]
) -> None:
    """A form that no page of the demo sent changes nothing (CSRF)."""
    tokenizer.calls.clear()
    for path in ("/sign-up", "/log-in", "/log-out", "/profile", "/steal"):
        response = await user.post(path, data={"ssn": TOKEN, "script": "1"}, headers=headers)
        assert response.status_code == 403
    assert tokenizer.calls == []
    assert (await user.get("/database")).status_code == 200


async def test_old_browsers_are_known_by_their_origin(user: httpx.AsyncClient) -> None:
    """A browser without Sec-Fetch-Site may post from the demo's own pages."""
    headers = {"Sec-Fetch-Site": "", "Origin": ORIGIN}
    assert (await user.post("/log-out", headers=headers)).status_code == 303


async def test_a_username_is_text(new_client: NewClient) -> None:
    """A name that looks like HTML is shown, never run."""
    name = "<script>alert(1)</script>"
    client = new_client()
    await sign_up(client, username=name)
    for path in ("/profile", "/database", "/admin"):
        page = (await client.get(path)).text
        assert name not in page
        assert "&lt;script&gt;" in page


@pytest.mark.parametrize("path", OPEN_PAGES + USERS_PAGES)
async def test_no_page_shows_a_number_that_could_be_real(
    user: httpx.AsyncClient, new_client: NewClient, path: str
) -> None:
    """Whoever searches a page for what he typed finds it if it leaked, and for no other reason."""
    page = await (new_client() if path in OPEN_PAGES else user).get(path)
    # Area 000 and 900 to 999 are never given out, and no validator lets them through.
    assert not re.findall(r"\b(?!000|9)\d{3}-\d{2}-\d{4}\b", page.text)


async def test_another_address_is_pointed_out(client: httpx.AsyncClient) -> None:
    """Opened by another name of the machine, a page says where the secure fields work."""
    page = await client.get("/log-in", headers={"Host": "127.0.0.1:8000"})
    assert page.status_code == 200
    assert f'href="{ORIGIN}/log-in"' in page.text
    assert "another address" not in (await client.get("/log-in")).text


async def test_the_visitors_script_runs_as_it_is(user: httpx.AsyncClient) -> None:
    """The script stands in the page as it was typed, and in the text area for the next try."""
    script = 'console.log("<b>" && 1)'
    page = (await user.post("/steal", data={"script": script})).text
    assert f'<script type="module">\n{script}\n</script>' in page
    assert "console.log(&#34;&lt;b&gt;&#34; &amp;&amp; 1)</textarea>" in page
    assert script not in (await user.get("/steal")).text


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
async def test_attacks_run(user: httpx.AsyncClient, attack: object) -> None:
    """Each ready-made attack is on offer, runs by its name, and comes with its explanation."""
    chosen = next(each for each in ATTACKS if each is attack)
    assert f'value="{chosen.name}"' in (await user.get("/steal")).text
    page = (await user.post("/steal", data={"attack": chosen.name, "script": "old"})).text
    assert chosen.script in page
    assert chosen.outcome.split(",")[0] in page


def test_every_attack_is_listed() -> None:
    """No script lies in the folder unused."""
    assert {each.name for each in ATTACKS} == {file.stem for file in FOLDER.glob("*.js")}
