"""From which page does a request come? Answered by headers that no script can set (Fetch Metadata).

A browser puts `Sec-Fetch-*` on every request to an address that it counts as secure. What lacks
them is too old to be supported, or is no browser.
"""

from collections.abc import Mapping, Sequence
from typing import Final, TypeAlias

from lunasec.errors import CrossOriginRefused
from lunasec.sdk.origins import origin_of

Headers: TypeAlias = Mapping[str, Sequence[str]]
"""Headers by their names in lower case, each with all of its values."""

_HINT: Final = "Only a page of the application may ask for this."


def page_origin(
    headers: Headers,
    *,
    own: str | None,
    listed: Sequence[str],
    modes: Sequence[str],
    destination: str = "empty",
) -> str:
    """Give the origin of the page that asks, or raise `CrossOriginRefused`.

    `own` is the application's origin as the request shows it, `listed` are the pages of other
    origins that may ask (they have to be same-site), `modes` the modes of `fetch` that are taken,
    `destination` what it is for.

    1. One `Sec-Fetch-Site`, `same-origin` or `same-site` (protocol.md, bootstrap, step 2).
    2. `Sec-Fetch-Dest`: `empty` for a script's fetch, `iframe` for a frame's document. Nothing else
       gets through: no page of its own, no image, no form.
    3. A page of another origin is on the list, by its `Origin` or, where a `no-cors` request has
       none, its `Referer`.
    """
    # 1.
    site = _one(headers, "sec-fetch-site")
    if site not in {"same-origin", "same-site"}:
        raise CrossOriginRefused(f"{_HINT} Sec-Fetch-Site has to be same-origin.")
    # 2.
    asked = _one(headers, "sec-fetch-dest"), _one(headers, "sec-fetch-mode")
    if asked not in {(destination, mode) for mode in modes}:
        raise CrossOriginRefused(f"{_HINT} Sec-Fetch-Dest has to be {destination}.")
    # 3.
    stated = _stated_origin(headers)
    if site == "same-origin":
        # Behind a proxy, what the browser states is better than what the request looks like here.
        origin = stated or own
        if origin is None:
            raise CrossOriginRefused(f"{_HINT} The request's host can't be read.")
        return origin
    if stated is None or stated not in listed:
        detail = f"{_HINT} The page's origin is not on page_origins, or it sends no Referer."
        raise CrossOriginRefused(detail)
    return stated


def _stated_origin(headers: Headers) -> str | None:
    for name in ("origin", "referer"):
        if name in headers:
            value = _one(headers, name)
            origin = None if value is None else origin_of(value)
            if origin is None:
                # "null", two values, or none that can be read: a page that hides where it is from.
                raise CrossOriginRefused(f"{_HINT} Its {name.title()} can't be read.")
            return origin
    return None


def _one(headers: Headers, name: str) -> str | None:
    """Give a header's only value; a second one makes it as good as absent."""
    values = headers.get(name, ())
    return values[0] if len(values) == 1 else None
