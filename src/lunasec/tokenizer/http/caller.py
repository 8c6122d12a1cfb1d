"""Who calls: from a request's headers to a caller, or a refusal."""

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
from lunasec.tokenizer.core.identity import ApplicationCaller
from lunasec.tokenizer.settings import Application, Settings

APPLICATION_HEADER: Final = "lunasec-application"
"""A header that no form can set, and that no other origin may: the second lock on CSRF."""

SCRIPT_MODES: Final = frozenset({"cors", "same-origin"})
"""The modes of a script's request that can be read (Fetch, section 2.2.5); ours are of no other."""


def frame_application(headers: "Listed", settings: Settings) -> Application:
    """Name the application of one of our own frames.

    1. The request is for our own host, without which "same origin" would mean somebody else's.
    2. The browser says that it comes from our own origin (Fetch Metadata, `Sec-Fetch-Site`); one
       that does not know the header says so with `Origin`.
    3. It says that a script asks, and no form, image or navigation.
    4. The frame names its application, in a header that only our own scripts can send.
    5. The body is JSON, which no form can post.

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
    require_json(headers)
    return application


def require_host(headers: "Listed", settings: Settings) -> None:
    """Refuse a request of a browser that believes it is somewhere else (DNS rebinding).

    The back channel is not asked for this: it may use an internal address.

    Raises: `CrossOriginRefused`, `MalformedRequest`.
    """
    if (only(headers, "host") or "").lower() != urlsplit(settings.origin).netloc:
        detail = f"`Host` is not that of {settings.origin}; a proxy has to pass it on."
        raise CrossOriginRefused(detail)


def application_named(name: str, settings: Settings) -> Application:
    """Find an application of the configuration.

    Raises: `ApplicationUnknown`.
    """
    application = settings.applications.get(name)
    if application is None:
        raise ApplicationUnknown
    return application


def require_json(headers: "Listed") -> None:
    """Refuse any other media type.

    Raises: `UnsupportedMediaType`, `MalformedRequest`.
    """
    media_type = (only(headers, "content-type") or "").partition(";")[0].strip()
    if media_type.lower() != "application/json":
        raise UnsupportedMediaType


class Listed(Protocol):
    """Headers, whoever read them."""

    def getlist(self, key: str) -> list[str]:
        """Give every value of a header, by its name in lower case."""
        ...


class Fields:
    """A request's headers, sorted once: Starlette's look through all of them for each name."""

    def __init__(self, headers: Headers) -> None:
        """Sort the headers."""
        self._fields: dict[bytes, list[bytes]] = {}
        for name, value in headers.raw:
            if name in self._fields:
                self._fields[name].append(value)
            else:
                self._fields[name] = [value]

    def getlist(self, key: str) -> list[str]:
        """Give every value of a header, by its name in lower case."""
        found = self._fields.get(key.encode("latin-1"))
        return [value.decode("latin-1") for value in found] if found else []


class Credentials(Protocol):
    """Verifies what applications sign."""

    def verify(self, text: str, *, now: float) -> ApplicationCaller:
        """Name the application that signed a credential, or raise `CredentialInvalid`."""
        ...


def back_end(headers: Headers, tokens: Credentials, now: int) -> ApplicationCaller:
    """Prove that an application's back end calls, by its signed credential.

    Raises: `BrowserRefused`, `CredentialInvalid`, `UnsupportedMediaType`, `MalformedRequest`.
    """
    if any(name == "origin" or name.startswith("sec-fetch-") for name in headers):
        raise BrowserRefused("Call this from your back end; a page must never hold its key.")
    credentials = headers.getlist("authorization")
    scheme, _, text = credentials[0].partition(" ") if len(credentials) == 1 else ("", "", "")
    if scheme.lower() != "bearer":
        raise CredentialInvalid("Send one `Authorization: Bearer …` header.")
    caller = tokens.verify(text, now=now)
    require_json(headers)
    return caller


def only(headers: "Listed", name: str) -> str | None:
    """Give a header's only value, or None where there is none.

    Raises: `MalformedRequest` where it is there twice: two readers would believe two things.
    """
    values = headers.getlist(name)
    if len(values) > 1:
        raise MalformedRequest(f"The header {name} is there twice.")
    return values[0] if values else None
