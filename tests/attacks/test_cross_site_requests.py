"""T21, and T7, T19 and T20 as far as the server decides: who may ask, and who may frame."""

from collections.abc import Iterator, Mapping
from itertools import product
from typing import Final

import httpx
import pytest
from starlette.datastructures import Headers

from lunasec.errors import CrossOriginRefused
from lunasec.tokenizer.http import caller
from lunasec.tokenizer.http.frames import ROLES
from lunasec.tokenizer.http.routes import CALLS
from tests.http.local import ORIGIN, Local
from tests.http.parties import CLINIC, ORIGINS, PAYROLL, UNKNOWN, Browser, code

SITES: Final = (
    None,
    "same-origin",
    "same-site",
    "cross-site",
    "none",
    "",
    "Same-Origin",
    "same-origin,",
)
ORIGIN_HEADERS: Final = (None, ORIGIN, "null", ORIGINS[PAYROLL], ORIGIN + "/", ORIGIN.upper(), "")
MODES: Final = (None, "cors", "same-origin", "no-cors", "navigate", "websocket", "")
DESTINATIONS: Final = (None, "empty", "document", "iframe", "image", "script", "worker", "")
MEDIA_TYPES: Final = (
    "text/plain",  # a form, a beacon with a text
    "application/x-www-form-urlencoded",  # a form, a beacon with URLSearchParams
    "multipart/form-data; boundary=x",  # a form, a beacon with FormData
    "text/plain; application/json",
    "text/plain;charset=UTF-8, application/json",
    "application/jsonp",
    "application/json+x",
    "application/csp-report",
    "application/reports+json",
    "text/json",
    "",
)
FRAME_CALLS: Final = [each.path for each in CALLS if each.frame]
BACK_END_CALLS: Final = [each.path for each in CALLS if each.back_end]


def _headers(**stated: str | None) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in stated.items() if value is not None}


def _may_ask(stated: Mapping[str, str | None]) -> bool:
    """Say in one line what the protocol says: our own origin, by a script that reads the answer."""
    site, origin = stated["sec_fetch_site"], stated["origin"]
    ours = site == "same-origin" if site is not None else origin == ORIGIN
    script = stated["sec_fetch_mode"] in {None, "cors", "same-origin"}
    return (
        ours and script and origin in {None, ORIGIN} and stated["sec_fetch_dest"] in {None, "empty"}
    )


def _combinations() -> Iterator[dict[str, str | None]]:
    names = ("sec_fetch_site", "origin", "sec_fetch_mode", "sec_fetch_dest")
    for values in product(SITES, ORIGIN_HEADERS, MODES, DESTINATIONS):
        yield dict(zip(names, values, strict=True))


def test_t21_every_combination_of_fetch_metadata(parties: Local) -> None:
    """Of all combinations of `Sec-Fetch-*` and `Origin`, only our own scripts' are answered."""
    settings = parties.tokenizer.services.settings
    rest = {"lunasec-application": PAYROLL, "content-type": "application/json"}
    answered = 0
    for stated in _combinations():
        headers = Headers({**_headers(**stated), **rest, "host": ORIGIN.removeprefix("http://")})
        if _may_ask(stated):
            answered += 1
            assert caller.frame_application(headers, settings).name == PAYROLL, stated
        else:
            with pytest.raises(CrossOriginRefused):
                caller.frame_application(headers, settings)
    assert answered == 18


@pytest.mark.parametrize("path", FRAME_CALLS)
async def test_t21_every_call_of_frames_is_guarded(
    parties: Local, victim: Browser, path: str
) -> None:
    """Each address of frames refuses what forms, images, beacons and other origins can send."""
    own = {"lunasec-application": PAYROLL, "cookie": f"__Host-lunasec-payroll={victim.cookie}"}
    same = {"sec-fetch-site": "same-origin"}
    body = f'{{"session": "{victim.session}", "tokens": ["{UNKNOWN}"]}}'
    json = {"content-type": "application/json"}

    async def sent(**headers: str) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await parties.client.post(path, content=body, headers=named)

    for site in ("cross-site", "same-site", "none"):
        refused = await sent(**{**own, **json, "sec-fetch-site": site})
        assert code(refused) == "cross_origin_refused"
    assert code(await sent(**own, **json)) == "cross_origin_refused"
    for media_type in MEDIA_TYPES:
        refused = await sent(**{**own, **same, "content-type": media_type})
        assert code(refused) == "unsupported_media_type", media_type
    assert code(await sent(**same, **json, cookie=own["cookie"])) == "application_unknown"
    for name in ("Payroll", "payroll ", "", "bind-payroll", "nobody", f"{PAYROLL},{CLINIC}"):
        refused = await sent(**{**own, **same, **json, "lunasec-application": name})
        assert code(refused) == "application_unknown", name


@pytest.mark.parametrize("path", FRAME_CALLS)
async def test_t21_header_that_is_there_twice_is_refused(
    parties: Local, victim: Browser, path: str
) -> None:
    """A second value, right or wrong, before or behind, makes the request unreadable."""
    right = {
        "sec-fetch-site": "same-origin",
        "sec-fetch-mode": "cors",
        "sec-fetch-dest": "empty",
        "origin": ORIGIN,
        "lunasec-application": PAYROLL,
        "content-type": "application/json",
        "host": ORIGIN.removeprefix("http://"),
    }
    for name, value in right.items():
        for other in (value, "cross-site", ""):
            for pair in ((value, other), (other, value)):
                response = await parties.client.post(
                    path,
                    content=f'{{"session": "{victim.session}"}}',
                    headers=[
                        *((each, right[each]) for each in right if each != name),
                        *((name, each) for each in pair),
                    ],
                )
                assert code(response) == "malformed_request", (name, pair)


@pytest.mark.parametrize("path", BACK_END_CALLS)
async def test_t21_no_browser_reaches_the_back_channel(parties: Local, path: str) -> None:
    """Whatever has `Origin` or any `Sec-Fetch-*` is refused, with the right credential too."""
    credential = f"Bearer {parties.credentials[PAYROLL].token(parties.clock())}"
    for name in (
        "origin", "Origin", "sec-fetch-site", "Sec-Fetch-Mode", "sec-fetch-dest", "sec-fetch-user",
        "sec-fetch-storage-access", "sec-fetch-anything",
    ):  # fmt: skip
        for value in ("null", "same-origin", "none", "?1", ORIGIN, ""):
            headers = {name: value, "authorization": credential}
            response = await parties.client.post(path, json={}, headers=headers)
            assert code(response) == "browser_refused", (name, value)


async def test_t21_no_preflight_is_answered(parties: Local) -> None:
    """No answer but a static file's lets another origin read it, a preflight's least of all."""
    paths = [each.path for each in CALLS] + [
        "/session/create/payroll",
        "/frame/payroll/input",
        "/x",
    ]
    asked = {
        "origin": ORIGINS[PAYROLL],
        "access-control-request-method": "POST",
        "access-control-request-headers": "lunasec-application,content-type",
        "access-control-request-private-network": "true",
    }
    for path, method in product(paths, ("OPTIONS", "POST", "GET")):
        response = await parties.client.request(method, path, headers=asked)
        assert not [each for each in response.headers if each.startswith("access-control-")]
        if method == "OPTIONS":
            assert response.status_code in {404, 405}


async def test_t21_other_host_is_not_our_origin(victim: Browser) -> None:
    """A page whose name was made to lead here (DNS rebinding) is same-origin with itself alone."""
    for host in ("evil.example", "127.0.0.1:1", "secure.lunasec.localhost", "", ORIGIN + ".evil"):
        refused = await victim.post("/session/ensure", {"session": victim.session}, host=host)
        assert code(refused) == "cross_origin_refused", host
        followed = await victim.follow("B" * 42 + "A", host=host)
        assert code(followed) == "cross_origin_refused", host
    upper = ORIGIN.removeprefix("http://").upper()
    asked = await victim.post("/session/ensure", {"session": victim.session}, host=upper)
    assert asked.json()["active"] is True


async def test_t7_only_the_applications_origins_may_frame(parties: Local) -> None:
    """`frame-ancestors` lists an application's own origins; an unknown one's lists nobody."""
    for application, origin in ORIGINS.items():
        for role in sorted(ROLES):
            document = await parties.client.get(f"/frame/{application}/{role}")
            assert document.status_code == 200
            [policy] = document.headers.get_list("content-security-policy")
            assert f"frame-ancestors {origin};" in policy
    for path in (
        "/frame/nobody/input",
        "/frame/payroll/other",
        "/frame/payroll/",
        "/frame/Payroll/text",
    ):
        unknown = await parties.client.get(path)
        assert unknown.status_code == 404
        assert "frame-ancestors 'none'" in unknown.headers["content-security-policy"]


async def test_t20_frame_loads_nothing_but_our_own_modules(parties: Local) -> None:
    """A frame's policy names our assets and no other place, neither for styles nor for fonts.

    Downloads alone have a worker, and a frame for what it answers.
    """
    worker = [f"worker-src {ORIGIN}/download/worker.js", f"frame-src {ORIGIN}/download/"]
    for role in sorted(ROLES):
        saving = role == "download"
        document = await parties.client.get(f"/frame/payroll/{role}")
        assets = f"{ORIGIN}{parties.tokenizer.services.assets.base}"
        assert document.headers["content-security-policy"].split("; ") == [
            "default-src 'none'",
            f"script-src {assets}",
            f"style-src {assets}",
            "connect-src 'self'",
            "img-src blob:",
            *(worker if saving else ()),
            "form-action 'none'",
            "base-uri 'none'",
            f"frame-ancestors {ORIGINS[PAYROLL]}",
            "require-trusted-types-for 'script'",
            "trusted-types lunasec-download" if saving else "trusted-types 'none'",
        ]


async def test_t19_frame_takes_its_origins_from_the_configuration(parties: Local) -> None:
    """Whom a frame may speak with is in its document, and no parameter or header changes that."""
    plain = await parties.client.get("/frame/payroll/input")
    asked = await parties.client.get(
        "/frame/payroll/input?origins=https://evil.example&application=clinic",
        headers={
            "host": "evil.example",
            "origin": "https://evil.example",
            "referer": "https://evil.example/",
            "x-forwarded-host": "evil.example",
            "x-forwarded-proto": "https",
            "forwarded": "host=evil.example",
        },
    )
    assert asked.content == plain.content
    assert asked.headers.raw == plain.headers.raw
    assert f"&quot;origins&quot;:[&quot;{ORIGINS[PAYROLL]}&quot;]" in plain.text
