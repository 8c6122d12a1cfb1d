"""Who calls: from a request's headers to a caller, or a refusal."""

from typing import Final

from starlette.datastructures import Headers

from lunasec.errors import (
    ApplicationUnknown,
    BrowserRefused,
    CredentialInvalid,
    CrossOriginRefused,
    UnsupportedMediaType,
)
from lunasec.tokenizer.core.identity import ApplicationCaller
from lunasec.tokenizer.jose.application import ApplicationTokens
from lunasec.tokenizer.settings import Application, Settings

APPLICATION_HEADER: Final = "lunasec-application"
"""A header that no form can set, and that no other origin may: the second lock on CSRF."""


def frame_application(headers: Headers, settings: Settings) -> Application:
    """Name the application of one of our own frames.

    1. The browser says that the request comes from our own origin (Fetch Metadata,
       `Sec-Fetch-Site`); one that does not know the header says so with `Origin`.
    2. The frame names its application, in a header that only our own scripts can send.
    3. The body is JSON, which no form can post.

    Raises: `CrossOriginRefused`, `ApplicationUnknown`, `UnsupportedMediaType`.
    """
    # 1.
    site = headers.get("sec-fetch-site")
    own = site == "same-origin" if site is not None else headers.get("origin") == settings.origin
    if not own or headers.get("origin", settings.origin) != settings.origin:
        raise CrossOriginRefused
    # 2.
    application = application_named(headers.get(APPLICATION_HEADER, ""), settings)
    # 3.
    require_json(headers)
    return application


def application_named(name: str, settings: Settings) -> Application:
    """Find an application of the configuration.

    Raises: `ApplicationUnknown`.
    """
    application = settings.applications.get(name)
    if application is None:
        raise ApplicationUnknown
    return application


def require_json(headers: Headers) -> None:
    """Refuse any other media type.

    Raises: `UnsupportedMediaType`.
    """
    if headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise UnsupportedMediaType


def back_end(headers: Headers, tokens: ApplicationTokens, now: int) -> ApplicationCaller:
    """Prove that an application's back end calls, by its signed credential.

    Raises: `BrowserRefused`, `CredentialInvalid`, `UnsupportedMediaType`.
    """
    if any(name == "origin" or name.startswith("sec-fetch-") for name in headers):
        raise BrowserRefused("Call this from your back end; a page must never hold its key.")
    credentials = headers.getlist("authorization")
    scheme, _, text = credentials[0].partition(" ") if len(credentials) == 1 else ("", "", "")
    if scheme.lower() != "bearer":
        raise CredentialInvalid("Send one `Authorization: Bearer …` header.")
    require_json(headers)
    return tokens.verify(text.strip(), now=now)
