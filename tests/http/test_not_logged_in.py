"""A refused log-in is a page to a person, and a problem document to all else."""

import base64
import hashlib
import re
from collections.abc import AsyncGenerator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from lunasec.errors import TooManyRequests
from lunasec.tokenizer.http import caller
from lunasec.tokenizer.http.assets import directory
from lunasec.tokenizer.http.not_logged_in import NotLoggedIn
from scripts.explanations import catalog
from tests.http.parties import CLINIC, PAYROLL, code
from tests.http.relying import CALLBACK, HIDDEN, LOG_IN, Relying, relying

ACCEPT = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"}
NOBODY = "/session/log-in/nobody-of-that-name"
OTHER = f"/session/log-in/{CLINIC}"
SECRET = "what was in hand"
NAME = "%3Cb%3E%22'&x"
HOSTILE = "%3Cb%3E%22'&x=<script>alert(1)</script>"


@pytest_asyncio.fixture
async def party(tmp_path: Path) -> AsyncGenerator[Relying]:
    """Give a tokenizer and its provider."""
    async with relying(tmp_path) as made:
        yield made


def said(response: httpx.Response) -> tuple[str, list[str]]:
    """Give the code that a page names, and where its links lead."""
    assert response.headers["content-type"] == "text/html; charset=utf-8", response.text
    [named] = re.findall(r"<code>([a-z_]+)</code>", response.text)
    return named, re.findall(r'href="([^"]*)"', response.text)


@pytest.mark.parametrize(
    ("path", "headers", "status", "named", "links"),
    [
        (CALLBACK, {}, 403, "log_in_invalid", [LOG_IN]),
        (OTHER, {}, 409, "scheme_disabled", []),
        (f"{OTHER}/callback", {}, 409, "scheme_disabled", []),
        (NOBODY, {}, 404, "application_unknown", []),
        (f"{NOBODY}/callback", {}, 404, "application_unknown", []),
        (LOG_IN, {"host": "evil.example"}, 403, "cross_origin_refused", []),
    ],
)
async def test_a_person_is_told(
    party: Relying, path: str, headers: dict[str, str], status: int, named: str, links: list[str]
) -> None:
    """What a program is told, with the same status, and a way on where there is one."""
    browser = party.browser()
    plain = await browser.go(path, **headers)
    page = await browser.go(path, **ACCEPT, **headers)
    assert (plain.status_code, code(plain)) == (status, named)
    assert (page.status_code, said(page)) == (status, (named, links))
    assert page.text.count("<h1>") == page.text.count("<section") == 1
    assert "$" not in page.text


async def test_what_is_not_theirs(party: Relying) -> None:
    """A provider that is not there, or whom too many ask: wait, and try again."""
    party.provider.answers["/.well-known/openid-configuration"] = (500, b"")
    page = await party.browser().go(LOG_IN, **ACCEPT)
    assert (page.status_code, said(page)) == (503, ("unavailable", [LOG_IN]))


async def test_what_nobody_foresaw(party: Relying, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not a word of what it was about."""

    def fail(*_: object) -> None:
        raise RuntimeError(SECRET)

    monkeypatch.setattr(caller, "require_host", fail)
    page = await party.browser().go(LOG_IN, **ACCEPT)
    assert (page.status_code, said(page)) == (500, ("internal", []))
    assert SECRET not in page.text


async def test_what_passes_says_when(party: Relying, monkeypatch: pytest.MonkeyPatch) -> None:
    """The problem document's other headers are the page's too."""

    def fail(*_: object) -> None:
        raise TooManyRequests(retry_after=7)

    monkeypatch.setattr(caller, "require_host", fail)
    page = await party.browser().go(LOG_IN, **ACCEPT)
    assert (page.status_code, said(page)[0]) == (429, "too_many_requests")
    assert page.headers["retry-after"] == "7"


async def test_a_log_out_in_between(party: Relying) -> None:
    """Who was logged out meanwhile is told that, and may begin anew."""
    browser = party.browser()
    location = await browser.begin()
    assert (await party.log_out(sub="ada", sid="s-1")).status_code == 200
    party.provider.header = {}
    page = await browser.come_back(party.provider.log_in(location), **ACCEPT)
    assert (page.status_code, said(page)) == (409, ("session_ended", [LOG_IN]))
    assert "set-cookie" not in page.headers


@pytest.mark.parametrize(
    "headers",
    [
        {"accept": "*/*"},
        {"accept": "application/json, text/*"},
        {"accept": "application/xhtml+xml;of=text/html"},
        {**ACCEPT, **HIDDEN},
        {**ACCEPT, "sec-fetch-mode": "cors"},
        {**ACCEPT, "sec-fetch-dest": "object"},
    ],
)
async def test_programs_are_told_as_ever(party: Relying, headers: dict[str, str]) -> None:
    """So is a frame that nobody sees: HTML of ours is for a page that a person opened."""
    for path in (NOBODY, CALLBACK):
        assert code(await party.browser().go(path, **headers))


async def test_it_may_do_nothing_and_is_kept_nowhere(party: Relying) -> None:
    """One style, by its hash; no script, no frame around it, no form, no other address."""
    page = await party.browser().go(CALLBACK, **ACCEPT)
    assert page.headers["cache-control"] == "no-store"
    style = page.text.partition("<style>")[2].partition("</style>")[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert page.headers["content-security-policy"] == (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none';"
        " frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    )
    assert page.headers["x-content-type-options"] == "nosniff"
    assert not re.search(r"<script|<img|<link|<form|\son\w+=|style=|https?:|url\(", page.text)


async def test_nothing_of_a_request_is_in_it(party: Relying) -> None:
    """Whatever it says, and whatever is wrong with it, the page is the same, byte by byte."""
    browser = party.browser()
    used = party.provider.log_in(await browser.begin())
    await browser.come_back(used)
    plain = await browser.go(CALLBACK, **ACCEPT)
    for query in (HOSTILE, f"state={HOSTILE}&code={HOSTILE}", "error=x&error_description=y"):
        each = await browser.go(f"{CALLBACK}?{query}", **ACCEPT, referer=HOSTILE, cookie=HOSTILE)
        assert each.content == plain.content
    assert (await browser.come_back(used, **ACCEPT)).content == plain.content
    unknown = [await browser.go(f"/session/log-in/{each}", **ACCEPT) for each in ("x", NAME)]
    assert unknown[0].content == unknown[1].content
    assert "application_unknown" in unknown[0].text


def test_words_are_for_codes_that_there_are() -> None:
    """Once each; what has none is said as an error that nobody foresaw."""
    codes = NotLoggedIn(directory()).codes
    assert len(codes) == len(set(codes))
    assert set(codes) <= {each.code for each in catalog()}
    page = NotLoggedIn(directory()).written("store_damaged", PAYROLL)
    assert "Something went wrong" in page
    assert "<code>store_damaged</code>" in page
