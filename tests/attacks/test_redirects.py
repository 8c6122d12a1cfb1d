"""T15: where a browser is sent comes from a configuration, never from a request."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from joserfc.jwk import OKPKey
from starlette.applications import Starlette
from starlette.requests import Request

from lunasec.starlette import LunaSec
from tests.http.local import Local
from tests.http.parties import client
from tests.sdk.conftest import write_key
from tests.sdk.scripted import HANDLE, STATE, ScriptedTokenizer

EVIL: Final = "evil.example"
TARGETS: Final = (
    f"https://{EVIL}/",
    f"//{EVIL}",
    f"/\\{EVIL}",
    f"\\\\{EVIL}",
    f"http:{EVIL}",
    f"javascript:alert({EVIL!r})",
    f"data:text/html,{EVIL}",
    f"%2F%2F{EVIL}",
    f"@{EVIL}",
    f".{EVIL}",
    f"\r\nLocation: https://{EVIL}/",
    f"%0d%0aLocation:%20https://{EVIL}/",
    f"https:{EVIL}/..;/",
)
NAMES: Final = (
    "next",
    "url",
    "redirect",
    "redirect_uri",
    "return_to",
    "target",
    "to",
    "handle",
    "state",
)
HEADERS: Final = (
    "host",
    "x-forwarded-host",
    "x-forwarded-proto",
    "x-forwarded-prefix",
    "x-forwarded-for",
    "x-original-url",
    "x-rewrite-url",
    "forwarded",
    "referer",
    "origin",
)
PATHS: Final = (
    "/session/create/payroll",
    "/session/create/",
    "/session/create/payroll/",
    "/frame/payroll/input",
    "/frame/payroll/input/",
    "/lunasec.js/",
    "/lunasec.js",
    "/grants/",
    "/grants",
    "//",
    "/",
    "",
)

GLUE: Final = ("", "/", "?next=", ";", "//")


@st.composite
def addresses(draw: st.DrawFn) -> str:
    """Make an address: one of ours, one of ours with a target in it, or a target alone."""
    path, target = draw(st.sampled_from(PATHS)), draw(st.sampled_from(TARGETS))
    glued = path + draw(st.sampled_from(GLUE)) + quote(target, safe="/:@%\\")
    return draw(st.sampled_from([path or "/", glued if glued.startswith("/") else f"/{glued}"]))


queries = st.dictionaries(st.sampled_from(NAMES), st.sampled_from(TARGETS), max_size=3)
headers = st.dictionaries(
    st.sampled_from(HEADERS), st.sampled_from([*TARGETS, EVIL, "https"]), max_size=4
)
METHODS: Final = ("GET", "POST", "HEAD", "OPTIONS", "PUT")
fuzzed = settings(
    max_examples=200,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def _printable(given_headers: Mapping[str, str]) -> dict[str, str]:
    """Leave out what no HTTP client can send in a header."""
    return {name: value for name, value in given_headers.items() if value.isprintable()}


@fuzzed
@given(
    method=st.sampled_from(METHODS),
    path=addresses(),
    query=queries,
    stated=headers,
)
async def test_t15_tokenizer_redirects_nobody(
    parties: Local, method: str, path: str, query: dict[str, str], stated: dict[str, str]
) -> None:
    """Whatever is asked for, with whatever parameters and headers, no answer is a redirect."""
    response = await parties.client.request(
        method, httpx.URL(parties.origin).copy_with(raw_path=_raw(path, query)),
        headers=_printable(stated),
    )  # fmt: skip
    assert not 300 <= response.status_code < 400
    for name in ("location", "refresh", "content-location", "link"):
        assert name not in response.headers
    assert EVIL not in str(response.headers)
    assert EVIL not in response.text


@pytest.fixture(scope="module")
def plugin(tmp_path_factory: pytest.TempPathFactory) -> httpx.AsyncClient:
    """Give a browser on an application in which everybody is logged in."""
    key = OKPKey.generate_key("Ed25519", {"kid": "payroll-1"})
    file = write_key(tmp_path_factory.mktemp("keys") / "payroll.key", key)
    lunasec = LunaSec(
        session_id_provider=_everybody,
        transport=ScriptedTokenizer(),
        application="payroll",
        key_file=file,
        tokenizer_url="https://secure.example.com",
        page_origins=["https://www.example.com"],
    )
    app = Starlette()
    lunasec.register(app)
    return client(transport=httpx.ASGITransport(app), base_url="https://app.example.com")


def _everybody(_: Request) -> str:
    return "a session id of enough characters"


@fuzzed
@given(
    method=st.sampled_from(METHODS),
    path=st.sampled_from(("secure-frame", "secure-frame/", "session", "session/", "/", "")),
    query=queries,
    state=st.sampled_from([STATE, *TARGETS]),
    stated=headers,
)  # fmt: skip
async def test_t15_plugin_redirects_to_the_tokenizer_alone(
    plugin: httpx.AsyncClient,
    method: str,
    path: str,
    query: dict[str, str],
    state: str,
    stated: dict[str, str],
) -> None:
    """The plugin's only redirect goes to the configured tokenizer with the handle that it gave."""
    usual = {"sec-fetch-site": "same-origin", "sec-fetch-mode": "no-cors"}
    response = await plugin.request(
        method,
        f"/.lunasec/{path}",
        params={"state": state, **query},
        headers={**usual, "sec-fetch-dest": "empty", **_printable(stated)},
    )
    target = f"https://secure.example.com/session/create/payroll?handle={HANDLE}"
    if response.status_code == 303:
        assert response.headers["location"] == target
    else:
        assert not 300 <= response.status_code < 400
        assert "location" not in response.headers
    assert EVIL not in str(response.headers)


async def test_t15_plugin_does_redirect(plugin: httpx.AsyncClient) -> None:
    """What the fuzzing looks at is there: a good request is redirected."""
    response = await plugin.get(
        "/.lunasec/secure-frame",
        params={"state": STATE},
        headers={
            "sec-fetch-site": "same-origin",
            "sec-fetch-mode": "no-cors",
            "sec-fetch-dest": "empty",
        },
    )
    assert response.status_code == 303


def _raw(path: str, query: Mapping[str, str]) -> bytes:
    """Write an address as it is: httpx would tidy it up."""
    pairs = "&".join(f"{name}={quote(value, safe='')}" for name, value in query.items())
    joined = path + (("&" if "?" in path else "?") + pairs if pairs else "")
    return quote(joined, safe="/:@%\\?&=;,()'+").encode()
