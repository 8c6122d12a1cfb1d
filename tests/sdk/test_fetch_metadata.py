"""From which page a request comes: the whole matrix of headers."""

import itertools

import pytest

from lunasec.errors import CrossOriginRefused
from lunasec.sdk.fetch_metadata import page_origin

OWN = "https://app.example.com"
LISTED = "https://www.example.com"
OTHER = "https://evil.example.com"

SITES = [[], ["same-origin"], ["same-site"], ["cross-site"], ["none"], ["same-origin"] * 2, ["x"]]
DESTS = [[], ["empty"], ["document"], ["iframe"], ["image"], ["script"], ["empty"] * 2]
MODES = [[], ["no-cors"], ["cors"], ["navigate"], ["same-origin"], ["websocket"]]
ORIGINS = [[], [OWN], [LISTED], [OTHER], ["null"], [LISTED, OTHER], ["file://"]]
REFERERS = [[], [f"{OWN}/page?x=1"], [f"{LISTED}/"], [f"{OTHER}/"], ["about:blank"]]


def _expected(
    wanted: tuple[str, str],
    site: list[str],
    dest: list[str],
    mode: list[str],
    origin: list[str],
    referer: list[str],
) -> str | None:
    """Say from the protocol which page it is, or None for a refusal."""
    if (dest, mode) != ([wanted[0]], [wanted[1]]) or site not in (["same-origin"], ["same-site"]):
        return None
    stated = (origin or [each.partition("/page")[0].rstrip("/") for each in referer] or [""])[0]
    if len(origin) > 1 or stated in {"null", "file:", "file://", "about:blank"}:
        return None
    if site == ["same-origin"]:
        return stated or OWN
    return stated if stated == LISTED else None


@pytest.mark.parametrize("wanted", [("empty", "no-cors"), ("iframe", "navigate")])
def test_t11_only_own_and_listed_pages_may_ask(wanted: tuple[str, str]) -> None:
    """Of 10,290 combinations those of the application's own and its listed pages get through.

    By a script's fetch, and where cookies are blocked by a frame.
    """
    destination, allowed = wanted
    passed = 0
    for values in itertools.product(SITES, DESTS, MODES, ORIGINS, REFERERS):
        names = ("sec-fetch-site", "sec-fetch-dest", "sec-fetch-mode", "origin", "referer")
        headers = {name: value for name, value in zip(names, values, strict=True) if value}
        try:
            found = page_origin(
                headers, own=OWN, listed=[LISTED], modes=[allowed], destination=destination
            )
        except CrossOriginRefused:
            found = None
        assert found == _expected(wanted, *values), headers
        passed += found is not None
    assert 0 < passed < 50


@pytest.mark.parametrize("stated", [OTHER, OWN, LISTED])
def test_t11_a_sibling_domain_may_not_ask(stated: str) -> None:
    """`same-site` is refused, whatever page it is, if no page is listed."""
    headers = {
        "sec-fetch-site": ["same-site"],
        "sec-fetch-dest": ["empty"],
        "sec-fetch-mode": ["no-cors"],
        "origin": [stated],
    }
    with pytest.raises(CrossOriginRefused):
        page_origin(headers, own=OWN, listed=[], modes=["no-cors"])


def test_a_host_that_cannot_be_read_is_no_page() -> None:
    """Where neither the browser nor the request says which origin it is, it is refused."""
    headers = {
        "sec-fetch-site": ["same-origin"],
        "sec-fetch-dest": ["empty"],
        "sec-fetch-mode": ["no-cors"],
    }
    with pytest.raises(CrossOriginRefused, match="host"):
        page_origin(headers, own=None, listed=[], modes=["no-cors"])
