"""T21 for the one call whose body is bytes: nothing but our own scripts can send a segment."""

from typing import Final

import httpx
import pytest

from lunasec.tokenizer.core.stream import sealed_size
from tests.attacks.test_cross_site_requests import MEDIA_TYPES
from tests.http.local import ORIGIN, Local
from tests.http.parties import CLINIC, PAYROLL, Browser, code
from tests.http.sending import plan, segment_headers

SIZE: Final = sealed_size(1)


async def sent(parties: Local, upload: str, headers: dict[str, str]) -> httpx.Response:
    """Send the only segment of an upload."""
    return await parties.client.put(f"/files/{upload}/0", content=bytes(SIZE), headers=headers)


async def test_t21_segments_are_guarded(parties: Local, victim: Browser) -> None:
    """What forms, beacons, images and other origins can send keeps no segment."""
    upload, own = await plan(victim, SIZE), segment_headers(victim)
    for change, expected in (
        ({"sec-fetch-site": "cross-site"}, "cross_origin_refused"),
        ({"sec-fetch-site": "same-site"}, "cross_origin_refused"),
        ({"sec-fetch-site": "none"}, "cross_origin_refused"),
        ({"sec-fetch-mode": "no-cors"}, "cross_origin_refused"),
        ({"sec-fetch-mode": "navigate"}, "cross_origin_refused"),
        ({"sec-fetch-dest": "document"}, "cross_origin_refused"),
        ({"origin": "http://app.lunasec.localhost:1"}, "cross_origin_refused"),
        ({"origin": "null"}, "cross_origin_refused"),
        ({"host": "evil.example"}, "cross_origin_refused"),
        ({"content-type": "application/json"}, "unsupported_media_type"),
        ({"lunasec-application": "Payroll"}, "application_unknown"),
        ({"lunasec-application": f"{PAYROLL},{CLINIC}"}, "application_unknown"),
        ({"lunasec-application": CLINIC}, "no_session"),
        ({"lunasec-session": "A" * 43}, "session_changed"),
        ({"lunasec-session": "A" * 42}, "malformed_request"),
        ({"lunasec-session": victim.session + "\t" + victim.session}, "malformed_request"),
    ):
        refused = await sent(parties, upload, {**own, **change})
        assert code(refused) == expected, change
    for media_type in MEDIA_TYPES:
        refused = await sent(parties, upload, {**own, "content-type": media_type})
        assert code(refused) == "unsupported_media_type", media_type
    for absent, expected in (
        ("sec-fetch-site", "cross_origin_refused"),
        ("lunasec-application", "application_unknown"),
        ("lunasec-session", "malformed_request"),
        ("cookie", "no_session"),
    ):
        less = {name: value for name, value in own.items() if name != absent}
        assert code(await sent(parties, upload, less)) == expected, absent
    missing = (await victim.asks("/files/missing", upload=upload)).json()["missing"]
    assert missing == [[0, 0]]
    assert (await sent(parties, upload, own)).status_code == 204


@pytest.mark.parametrize("method", ["GET", "POST", "PATCH", "DELETE", "OPTIONS", "HEAD"])
async def test_t21_no_other_method_has_segments(
    parties: Local, victim: Browser, method: str
) -> None:
    """A segment's address takes `PUT` alone: there is nothing to navigate to, and no preflight."""
    upload = await plan(victim, SIZE)
    answer = await parties.client.request(
        method, f"/files/{upload}/0", headers=segment_headers(victim)
    )
    assert answer.status_code == 405
    assert answer.headers["allow"] == "PUT"
    assert "access-control-allow-origin" not in answer.headers


async def test_t21_segment_headers_that_are_there_twice(parties: Local, victim: Browser) -> None:
    """A second value makes the request unreadable, whichever comes first."""
    upload, own = await plan(victim, SIZE), segment_headers(victim)
    own["origin"] = ORIGIN
    names = set(own) - {"cookie"}
    for name in sorted(names):
        for other in (own[name], "cross-site", ""):
            pairs = [(each, own[each]) for each in own] + [(name, other)]
            answer = await parties.client.put(
                f"/files/{upload}/0", content=bytes(SIZE), headers=pairs
            )
            assert code(answer) == "malformed_request", (name, other)
