"""Who calls: from a request's headers to a caller, or a refusal."""

from collections.abc import Iterator
from functools import cache
from typing import Final, Protocol
from urllib.parse import urlsplit

from starlette.datastructures import Headers

from lunasec.errors import (
    ApplicationUnknown,
    BrowserRefused,
    CredentialInvalid,
    CrossOriginRefused,
    MalformedRequest,
    UnsupportedMediaType,
)
from lunasec.jose.proxied import Named
from lunasec.tokenizer.core.identity import ApplicationCaller
from lunasec.tokenizer.core.log_out import LogOut
from lunasec.tokenizer.relying import Prompt
from lunasec.tokenizer.settings import Application, Settings

APPLICATION_HEADER: Final = "lunasec-application"
"""A header that no form can set, and that no other origin may: the second lock on CSRF."""

SCRIPT_MODES: Final = frozenset({"cors", "same-origin"})
"""The modes of a script's request that can be read (Fetch, section 2.2.5); ours are of no other."""


JSON: Final = "application/json"
BYTES: Final = "application/octet-stream"
"""Of a segment; no form can post it either."""

FORM: Final = "application/x-www-form-urlencoded"
"""Of a log-out token: its specification says so, and no cookie counts where it is sent."""


def frame_application(headers: "Listed", settings: Settings, media_type: str = JSON) -> Application:
    """Name the application of one of our own frames.

    1. The request is for our own host, without which "same origin" would mean somebody else's.
    2. The browser says that it comes from our own origin (Fetch Metadata, `Sec-Fetch-Site`); one
       that does not know the header says so with `Origin`.
    3. It says that a script asks, and no form, image or navigation.
    4. The frame names its application, in a header that only our own scripts can send.
    5. The body is of `media_type`, which no form can post.

    Raises: `CrossOriginRefused`, `ApplicationUnknown`, `UnsupportedMediaType`, `MalformedRequest`.
    """
    # 1.
    require_host(headers, settings)
    # 2.
    site, origin = only(headers, "sec-fetch-site"), only(headers, "origin")
    own = origin == settings.origin if site is None else site == "same-origin"
    if not own or origin not in {None, settings.origin}:
        raise CrossOriginRefused
    # 3. Whatever sends `Sec-Fetch-Site` sends these two; they are not demanded, only believed.
    if only(headers, "sec-fetch-dest") not in {None, "empty"}:
        raise CrossOriginRefused
    mode = only(headers, "sec-fetch-mode")
    if mode is not None and mode not in SCRIPT_MODES:
        raise CrossOriginRefused
    # 4.
    application = application_named(only(headers, APPLICATION_HEADER) or "", settings)
    # 5.
    require_media_type(headers, media_type)
    return application


def require_host(headers: "Listed", settings: Settings) -> None:
    """Refuse a request of a browser that believes it is somewhere else (DNS rebinding).

    The back channel is not asked for this: it may use an internal address.

    Raises: `CrossOriginRefused`, `MalformedRequest`.
    """
    if (only(headers, "host") or "").lower() != _authority(settings.origin):
        detail = f"`Host` is not that of {settings.origin}; a proxy has to pass it on."
        raise CrossOriginRefused(detail)


@cache  # of a setting, of which there is one
def _authority(origin: str) -> str:
    return urlsplit(origin).netloc


def application_named(name: str, settings: Settings) -> Application:
    """Find an application of the configuration.

    Raises: `ApplicationUnknown`.
    """
    application = settings.applications.get(name)
    if application is None:
        raise ApplicationUnknown
    return application


def require_media_type(headers: "Listed", wanted: str) -> None:
    """Refuse any other media type.

    Raises: `UnsupportedMediaType`, `MalformedRequest`.
    """
    stated = (only(headers, "content-type") or "").partition(";")[0].strip()
    if stated.lower() != wanted:
        raise UnsupportedMediaType(f"Send {wanted}.")


class Listed(Protocol):
    """Headers, whoever read them."""

    def getlist(self, key: str) -> list[str]:
        """Give every value of a header, by its name in lower case."""
        ...


class Fields:
    """A request's headers, sorted once: Starlette's look through all of them for each name."""

    def __init__(self, headers: Headers) -> None:
        """Sort the headers."""
        self._all = headers.raw
        self._last = dict(self._all)
        self._some_twice = len(self._last) != len(self._all)

    def getlist(self, key: str) -> list[str]:
        """Give every value of a header, by its name in lower case."""
        name = key.encode("latin-1")
        value = self._last.get(name)
        if value is None:
            return []
        if self._some_twice:
            return [each.decode("latin-1") for there, each in self._all if there == name]
        return [value.decode("latin-1")]

    def __iter__(self) -> Iterator[str]:
        """Give the names."""
        return (name.decode("latin-1") for name in self._last)


class Credentials(Protocol):
    """Verifies what applications sign."""

    def verify(self, text: str, *, now: float) -> ApplicationCaller:
        """Name the application that signed a credential, or raise `CredentialInvalid`."""
        ...


class Proxy(Protocol):
    """Verifies what one application's auth proxy signs."""

    async def verify(self, text: str, *, now: float) -> Named:
        """Name whom a token is about, or raise `NotProxied`."""
        ...


class LogOuts(Protocol):
    """Verifies what one application's identity provider signs of log-outs."""

    async def verify(self, text: str, *, now: float) -> LogOut:
        """Say whose sessions are over, or raise `LogOutInvalid`."""
        ...


class RelyingParties(Protocol):
    """Speaks with one application's identity provider."""

    async def names_itself(self, now: float) -> bool:
        """Say whether each of its answers names its issuer, or raise `Unavailable`."""
        ...

    async def authorization(
        self, *, state: str, nonce: str, verifier: str, prompt: Prompt | None, now: float
    ) -> str:
        """Say where the browser goes to log in, or raise `Unavailable`."""
        ...

    async def id_token(self, *, code: str, verifier: str, now: float) -> str:
        """Turn a code into an ID token, unverified, or raise `LogInInvalid`, `Unavailable`."""
        ...


class IdTokens(Protocol):
    """Verifies what one application's identity provider signs of log-ins."""

    async def verify(self, text: str, *, nonce: str, now: float) -> Named:
        """Name who logged in, or raise `LogInInvalid`."""
        ...


def back_end(headers: Fields, tokens: Credentials, now: int) -> ApplicationCaller:
    """Prove that an application's back end calls, by its signed credential.

    Raises: `BrowserRefused`, `CredentialInvalid`, `UnsupportedMediaType`, `MalformedRequest`.
    """
    refuse_browsers(headers, "Call this from your back end; a page must never hold its key.")
    credentials = headers.getlist("authorization")
    scheme, _, text = credentials[0].partition(" ") if len(credentials) == 1 else ("", "", "")
    if scheme.lower() != "bearer":
        raise CredentialInvalid("Send one `Authorization: Bearer …` header.")
    caller = tokens.verify(text, now=now)
    require_media_type(headers, JSON)
    return caller


def refuse_browsers(headers: Fields, why: str) -> None:
    """Refuse a request of a browser, whatever it brings.

    Raises: `BrowserRefused`.
    """
    if any(name == "origin" or name.startswith("sec-fetch-") for name in headers):
        raise BrowserRefused(why)


def only(headers: "Listed", name: str) -> str | None:
    """Give a header's only value, or None where there is none.

    Raises: `MalformedRequest` where it is there twice: two readers would believe two things.
    """
    values = headers.getlist(name)
    if len(values) > 1:
        raise MalformedRequest(f"The header {name} is there twice.")
    return values[0] if values else None
