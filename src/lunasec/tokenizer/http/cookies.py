"""The tokenizer's cookies: names, attributes, and how they are read (RFC 6265bis)."""

from typing import Final

from starlette.responses import Response

from lunasec.encoding import from_base64url, to_base64url
from lunasec.tokenizer.core.secret import Secret
from lunasec.tokenizer.http.caller import Listed
from lunasec.tokenizer.settings import Application

SECRET_BYTES: Final = 32

BINDING_SECONDS: Final = 120
"""A bootstrap takes a second; two minutes allow for a slow log-in page on the way."""


def session_name(application: str) -> str:
    """Name the cookie of a session; `__Host-` keeps sibling subdomains from planting one."""
    return f"__Host-lunasec-{application}"


def binding_name(application: str) -> str:
    """Name the cookie that binds a handle to the browser that asked for it."""
    return f"__Host-lunasec-bind-{application}"


def log_in_name(application: str) -> str:
    """Name the cookie that binds a log-in to its browser; no application's session is called so."""
    return f"__Host-lunasec_log-in_{application}"


def read(headers: Listed, name: str) -> Secret | None:
    """Read one of our cookies: 32 bytes in base64url. Absent, malformed or twice is absent.

    A name is ours to the byte, spaces and tabs around it apart (RFC 6265bis, section 5.6): what
    else Python counts as white space, browsers take for a part of the name, and let a sibling
    subdomain set, since it hides the `__Host-` from them.
    """
    start = f"{name}="
    found = [
        part
        for header in headers.getlist("cookie")
        for each in header.split(";")
        if (part := each.strip(" \t")).startswith(start)
    ]
    return secret(found[0].removeprefix(start)) if len(found) == 1 else None


def secret(text: str) -> Secret | None:
    """Read a bearer secret, or None where it can't be one of ours."""
    try:
        data = from_base64url(text)
    except ValueError:
        return None
    return Secret(data) if len(data) == SECRET_BYTES else None


def keep(
    response: Response, application: Application, name: str, value: Secret, seconds: int
) -> None:
    """Set a cookie that no script reads and no other site's page sends."""
    site = "SameSite=None; Partitioned" if application.cross_site else "SameSite=Strict"
    _set(response, name, value, seconds, site)


def keep_for_return(response: Response, name: str, value: Secret, seconds: int) -> None:
    """Set a cookie that also comes with a navigation from another site, as from a log-in page."""
    _set(response, name, value, seconds, "SameSite=Lax")


def _set(response: Response, name: str, value: Secret, seconds: int, site: str) -> None:
    text = to_base64url(value.reveal())
    response.headers.append(
        "set-cookie", f"{name}={text}; Path=/; Secure; HttpOnly; Max-Age={seconds}; {site}"
    )
