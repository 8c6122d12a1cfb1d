"""Frame documents and modules: what they say, and that nothing else is served."""

import gzip
import html
import json
import re
from pathlib import Path
from posixpath import dirname, normpath

import pytest

from lunasec.tokenizer.http.assets import Assets, directory
from lunasec.tokenizer.http.frames import ROLES
from lunasec.tokenizer.stores.memory import MemoryStore
from tests.http.local import Local, local
from tests.http.parties import ORIGINS, code


async def test_frame_is_told_its_configuration(tmp_path: Path) -> None:
    """A frame's document has what the configuration says, escaped, and one script."""
    lines = """
reveal = "click"
remask_after = 30
[applications.payroll.words.DE]
"Show" = "</script>"
[applications.payroll.validators.odd]
pattern = "^<script>\\"'&{2}$"
message = "</title><script>alert(1)</script>"
"""
    async with local(tmp_path, MemoryStore(), payroll=lines) as parties:
        page = (await parties.client.get("/frame/payroll/input")).text
    [told] = re.findall(r'<meta name="lunasec-frame" content="([^"]*)">', page)
    assert json.loads(html.unescape(told)) == {
        "application": "payroll",
        "role": "input",
        "origins": [ORIGINS["payroll"]],
        "cross_site": False,
        "proxied": False,
        "reveal": "click",
        "remask_after": 30,
        "validators": {
            "odd": {
                "pattern": "^<script>\"'&{2}$",
                "message": "</title><script>alert(1)</script>",
            }
        },
        "words": {"de": {"Show": "</script>"}},
    }
    assert page.count("<script") == 1
    assert "<" not in told


async def test_frame_needs_files_that_are_there(parties: Local) -> None:
    """Each document has a style sheet and a script below the hashed address; all exists."""
    for application in ORIGINS:
        for role in sorted(ROLES):
            page = await parties.client.get(f"/frame/{application}/{role}")
            assert page.headers["content-type"] == "text/html; charset=utf-8"
            named = re.findall(r'(?:src|href)="([^"]*)"', page.text)
            assert len(re.findall('<script |rel="stylesheet"', page.text)) == 2
            for address in named:
                assert address.startswith(parties.tokenizer.services.assets.base)
                assert (await parties.client.get(address)).status_code == 200


async def test_worker_of_downloads_is_kept_in_its_folder(parties: Local) -> None:
    """Its address is its scope: no header makes it wider, and nothing else is below it."""
    answer = await parties.client.get("/download/worker.js")
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["content-security-policy"].startswith("default-src 'none'; ")
    assert "service-worker-allowed" not in answer.headers
    assert "access-control-allow-origin" not in answer.headers
    assert answer.content == (directory() / "frame/worker.js").read_bytes()
    for path in ("/download/", "/download", "/download/other", "/download/worker.js/"):
        assert code(await parties.client.get(path)) == "not_found"


@pytest.mark.parametrize(
    "name",
    [
        "../pyproject.toml",
        "..%2Fpyproject.toml",
        "%2e%2e/pyproject.toml",
        "elements/../../pyproject.toml",
        "/etc/passwd",
        "elements/",
        "elements",
        "",
        "package.json",
        "tsconfig.json",
        "elements/lunasec.js/",
        "elements/lunasec.js%00",
        "elements\\lunasec.js",
        "ELEMENTS/lunasec.js",
    ],
)
async def test_nothing_but_modules_is_served(parties: Local, name: str) -> None:
    """No other file, no folder, and no other spelling of a path."""
    base = parties.tokenizer.services.assets.base
    assert code(await parties.client.get(base + name)) == "not_found"


async def test_address_holds_the_hash_of_what_is_there(parties: Local, tmp_path: Path) -> None:
    """Another content is another address, and an address of another content is not found."""
    for folder in ("elements", "frame"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.js").write_text("1")
    before = Assets(tmp_path).hash
    (tmp_path / "frame" / "a.js").write_text("2")
    assert Assets(tmp_path).hash != before
    assert Assets(directory()).hash == parties.tokenizer.services.assets.hash
    assert code(await parties.client.get(f"/assets/{before}/elements/lunasec.js")) == "not_found"


@pytest.mark.parametrize(
    ("accepted", "zipped"),
    [
        ("gzip", True),
        ("br, GZIP", True),
        ("deflate, gzip;q=0.5", True),
        ("gzip; q=1", True),
        ("gzip;q=0", False),
        ("gzip;q=0.000", False),
        ("x-gzip", False),
        ("br", False),
        ("identity", False),
        ("", False),
    ],
)
async def test_module_is_zipped_for_who_takes_it(
    parties: Local, accepted: str, *, zipped: bool
) -> None:
    """The same module either way, and a cache that knows of both."""
    assets = parties.tokenizer.services.assets
    async with parties.client.stream(
        "GET", f"{assets.base}elements/lunasec.js", headers={"accept-encoding": accepted}
    ) as answer:
        raw = b"".join([part async for part in answer.aiter_raw()])
    assert (answer.headers.get("content-encoding") == "gzip") == zipped
    assert answer.headers["vary"] == "Accept-Encoding"
    content = gzip.decompress(raw) if zipped else raw
    assert content == (directory() / "elements/lunasec.js").read_bytes()
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"


@pytest.mark.parametrize("role", sorted(ROLES))
async def test_modules_are_named_at_once(parties: Local, role: str) -> None:
    """A document names all that its script imports, as the page's entry does."""
    assets = parties.tokenizer.services.assets
    page = (await parties.client.get(f"/frame/payroll/{role}")).text
    entry = (await parties.client.get("/lunasec.js")).text
    for text, script in ((page, f"frame/{role}.js"), (entry, "elements/lunasec.js")):
        named = set(re.findall(rf'"{assets.base}([^"]+\.js)"', text))
        assert script in named
        for each in named:
            source = (directory() / each).read_text()
            imports = re.findall(r'^(?:import|\}).* ?"(\.[^"]+\.js)";', source, re.MULTILINE)
            assert {normpath(f"{dirname(each)}/{path}") for path in imports} <= named
        assert len(named) > 1
