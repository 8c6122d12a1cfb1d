"""The bootstrap between a page, the application's plugin and the tokenizer; no I/O of its own.

What a page asks of the application comes out as an `Ask`, and the answer goes in, so that test
clients of every kind can be used: see `lunasec.testing.Tokenizer.page`.
"""

from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol, TypeVar

import msgspec

from lunasec.sdk.answers import Received, refusal
from lunasec.sdk.plugin import PREFIX
from lunasec.testing.page import Page

T = TypeVar("T")

PAGE_ORIGIN: Final = "https://app.test"
"""The origin of the application's pages, whatever address a test's client uses."""

_SCRIPT: Final = {
    "sec-fetch-site": "same-origin",
    "sec-fetch-mode": "cors",
    "sec-fetch-dest": "empty",
    "referer": f"{PAGE_ORIGIN}/",
}
_OK: Final = 200
_SEE_OTHER: Final = 303


class Heard(Protocol):
    """An answer, as httpx and what is built on it give it."""

    @property
    def status_code(self) -> int:
        """The status."""
        ...

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers, by their names in any case."""
        ...

    @property
    def content(self) -> bytes:
        """The body."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A request of the page to the application."""

    method: str
    path: str
    headers: Mapping[str, str]
    json: Mapping[str, str] | None = None


class Told(msgspec.Struct, frozen=True):
    """What the plugin tells a page."""

    application: str
    session: str


class Given(msgspec.Struct, frozen=True):
    """What the plugin gives to a page of a header session."""

    handle: str


def told(answer: Heard) -> Told:
    """Read the answer to `GET /.lunasec/session`, or raise its refusal."""
    return _read(answer, Told)


def go_round(page: Page, headers: Mapping[str, str]) -> Generator[Ask, Heard, None]:
    """Set a page up as one that keeps no cookie of the tokenizer; raises as `bootstrap` does."""
    redirect = yield Ask(
        method="GET",
        path=f"{PREFIX}/coordinator",
        headers={**_SCRIPT, **headers, "sec-fetch-dest": "iframe", "sec-fetch-mode": "navigate"},
    )
    if redirect.status_code != _SEE_OTHER:
        raise _refused(redirect)
    page.load(redirect.headers["location"])


def bootstrap(
    page: Page, headers: Mapping[str, str], *, header_session: bool
) -> Generator[Ask, Heard, None]:
    """Take a page through steps 1 to 5; raises the refusal of whoever refuses."""
    state = page.state()
    if state is None:
        return
    if header_session:
        given = yield Ask(
            method="POST",
            path=f"{PREFIX}/session",
            headers={**_SCRIPT, **headers},
            json={"state": state},
        )
        page.present(_read(given, Given).handle)
        return
    redirect = yield Ask(
        method="GET",
        path=f"{PREFIX}/secure-frame?state={state}",
        headers={**_SCRIPT, **headers, "sec-fetch-mode": "no-cors"},
    )
    if redirect.status_code != _SEE_OTHER:
        raise _refused(redirect)
    page.follow(redirect.headers["location"])


def introduction(headers: Mapping[str, str]) -> Ask:
    """Ask the application which session the page is of."""
    return Ask(method="GET", path=f"{PREFIX}/session", headers={**_SCRIPT, **headers})


def _read(answer: Heard, kind: type[T]) -> T:
    if answer.status_code != _OK:
        raise _refused(answer)
    return msgspec.json.decode(answer.content, type=kind)


def _refused(answer: Heard) -> Exception:
    headers: Any = answer.headers
    return refusal(
        Received(
            status=answer.status_code,
            media_type=headers.get("content-type", ""),
            body=answer.content,
            retry_after=headers.get("retry-after"),
        )
    )
