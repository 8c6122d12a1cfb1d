"""T15: no redirect target ever comes from a request."""

from hypothesis import given, settings
from hypothesis import strategies as st

from lunasec.sdk.identity import Identity
from lunasec.sdk.plugin import Answer, Identify, Offer, PluginRequest
from tests.sdk.plugged import ADA, GIVEN, JSON, NEW, PAGE, TARGET, WITH_HEADERS
from tests.sdk.scripted import STATE

HOSTILE = st.sampled_from(
    [
        "https://evil.example/",
        "//evil.example",
        "https://secure.example.com@evil.example",
        "javascript:alert(1)",
        "\r\nLocation: https://evil.example",
        STATE,
    ]
)
TEXT = st.text(st.characters(codec="utf-8"), max_size=80) | HOSTILE
NAME = st.sampled_from(["secure-frame", "session", "jwks.json"]) | TEXT
HEADER = st.sampled_from(
    ["host", "x-forwarded-host", "x-forwarded-proto", "forwarded", "origin", "referer", "location"]
)
HEADERS = st.dictionaries(HEADER, st.lists(TEXT, max_size=2), max_size=4)
QUERY = st.lists(st.tuples(st.sampled_from(["state", "next", "url"]) | TEXT, TEXT), max_size=3)
METHOD = st.sampled_from(["GET", "HEAD", "POST", "OPTIONS"])

# Half of the requests are good but for their headers and host, so that many get to the redirect.
GOOD = st.builds(
    PluginRequest,
    method=st.just("GET"),
    name=st.just("secure-frame"),
    origin=st.none() | TEXT,
    headers=HEADERS.map(lambda more: {**JSON, **PAGE, **more}),
    query=st.just([("state", STATE)]),
    body=st.binary(max_size=80),
)
ANY = st.builds(
    PluginRequest,
    method=METHOD,
    name=NAME,
    origin=st.none() | TEXT,
    headers=HEADERS.map(lambda more: {**JSON, **more}),
    query=QUERY,
    body=st.binary(max_size=80),
)


@settings(max_examples=500)
@given(request=GOOD | ANY, who=st.sampled_from([ADA, NEW, None]))
def test_t15_no_target_comes_from_a_request(request: PluginRequest, who: Identity | None) -> None:
    """Whatever is in a request, a `Location` is the configured address with T's handle."""
    step = WITH_HEADERS.start(request)
    if isinstance(step, Identify):
        step = step.identified(who)
    if isinstance(step, Offer):
        step = step.offered(GIVEN)
    assert isinstance(step, Answer)
    assert step.headers.get("location", TARGET) == TARGET
    assert (step.status == 303) == ("location" in step.headers)
    assert not [each for each in step.headers if each.startswith("access-control-")]
    assert all(each.isprintable() for each in step.headers.values())
