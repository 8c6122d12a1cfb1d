"""The two Chromiums of the tests are what they are said to be."""

import json
from collections.abc import Generator
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from playwright.async_api import Frame

from tests.browsers import inaccessible
from tests.conftest import NewVisitor
from tests.processes import free_ports

COOKIES = {
    "__Host-strict": "SameSite=Strict",
    "__Host-none": "SameSite=None",
    "__Host-partitioned": "SameSite=None; Partitioned",
}


class _Page(BaseHTTPRequestHandler):
    """Answers an empty page, sets cookies, redirects to the query, or says which cookies came."""

    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        self.send_response({"/go": 303, "/set": 204}.get(path, 200))
        if path == "/go":
            self.send_header("Location", query)
        for name, attributes in COOKIES.items() if path == "/set" else ():
            self.send_header("Set-Cookie", f"{name}=1; Path=/; Secure; HttpOnly; {attributes}")
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        if path == "/cookies":
            self.wfile.write(json.dumps(sorted(SimpleCookie(self.headers["Cookie"]))).encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name that http.server gives it
        """Stay quiet."""


@pytest.fixture(scope="module")
def port() -> Generator[int]:
    """Serve the page on loopback, under every host name, until the tests of this file end."""
    [number] = free_ports(1)
    with ThreadingHTTPServer(("127.0.0.1", number), _Page) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield number
        server.shutdown()


async def _framed(new_visitor: NewVisitor, page: str, framed: str) -> Frame:
    """Open `page` with `framed` in a frame of it, and return the frame."""
    person = await new_visitor()
    await person.page.goto(page)
    await person.page.evaluate(
        "address => new Promise(done => {"
        "  const frame = document.createElement('iframe');"
        "  frame.onload = done; frame.src = address; document.body.append(frame); })",
        framed,
    )
    return person.page.frames[1]


async def _cookies(frame: Frame) -> list[str]:
    """Return the names of the cookies that the frame's own requests carry."""
    names: list[str] = await frame.evaluate("fetch('/cookies').then(answer => answer.json())")
    return names


@pytest.mark.parametrize(
    ("browser", "kept"),
    [
        ("allowed", ["__Host-none", "__Host-partitioned"]),
        ("blocked", ["__Host-partitioned"]),
    ],
    indirect=["browser"],
)
@pytest.mark.parametrize("way", ["frame", "redirect"])
async def test_third_party_cookies(
    new_visitor: NewVisitor, port: int, kept: list[str], way: str
) -> None:
    """Across sites, a blocking Chromium keeps partitioned cookies alone, an allowing one more."""
    tokenizer = f"http://secure.localhost:{port}"
    frame = await _framed(new_visitor, f"http://app.localhost:{port}/", f"{tokenizer}/")
    if way == "frame":
        await frame.evaluate("fetch('/set')")
    else:
        assert frame.parent_frame is not None
        await frame.parent_frame.evaluate(
            "address => fetch('/go?' + address, {mode: 'no-cors', credentials: 'include'})",
            f"{tokenizer}/set",
        )
    assert await _cookies(frame) == kept


@pytest.mark.parametrize("browser", ["allowed", "blocked"], indirect=True)
async def test_cookies_of_one_site(new_visitor: NewVisitor, port: int) -> None:
    """Two origins of one site are not third parties: every cookie arrives in both Chromiums."""
    page, framed = (f"http://{name}.lunasec.localhost:{port}/" for name in ("app", "secure"))
    frame = await _framed(new_visitor, page, framed)
    await frame.evaluate("fetch('/set')")
    assert await _cookies(frame) == sorted(COOKIES)


async def test_visitors_share_nothing(new_visitor: NewVisitor, port: int) -> None:
    """Two visitors of one Chromium do not see each other's cookies."""
    address = f"http://secure.localhost:{port}/"
    alice, bob = await new_visitor(), await new_visitor()
    await alice.page.goto(address)
    await bob.page.goto(address)
    await alice.page.evaluate("fetch('/set')")
    assert await _cookies(alice.page.main_frame) == sorted(COOKIES)
    assert await _cookies(bob.page.main_frame) == []


async def test_axe_looks_into_frames(new_visitor: NewVisitor, port: int) -> None:
    """A picture without a text is found in a page and in a frame of another site."""
    frame = await _framed(
        new_visitor, f"http://app.localhost:{port}/", f"http://secure.localhost:{port}/"
    )
    assert "image-alt" not in str(await inaccessible(frame.page))
    await frame.evaluate("document.body.append(new Image(9, 9))")
    found = [each for each in await inaccessible(frame.page) if each.startswith("image-alt")]
    assert len(found) == 1
    assert "secure.localhost" in found[0]


async def test_no_name_leads_outside(new_visitor: NewVisitor, port: int) -> None:
    """A name of somebody else's host reaches this machine, so no test can reach that host."""
    person = await new_visitor()
    answer = await person.page.goto(f"http://somewhere.example:{port}/")
    assert answer is not None
    assert answer.ok
    assert person.requests[0].url == f"http://somewhere.example:{port}/"
