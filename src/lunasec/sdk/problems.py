"""Refusals of the application's back end as problem documents (RFC 9457)."""

from typing import Final

import msgspec

from lunasec import errors
from lunasec.errors import Internal, LunaSecError

_TYPE: Final = "urn:lunasec:problem:"  # What `type` starts with; docs/protocol.md has the table.
MEDIA_TYPE: Final = "application/problem+json"

# What a browser may be told as it is. Any other refusal is between the two back ends: a
# `credential_invalid` passed on would read as if the user had to log in.
_SHOWN: Final = (
    errors.CrossOriginRefused,
    errors.MalformedRequest,
    errors.MethodNotAllowed,
    errors.NoSession,
    errors.NotFound,
    errors.NotGranted,
    errors.Sealed,
    errors.SessionEnded,
    errors.TokenMalformed,
    errors.TooLarge,
    errors.TooManyRequests,
    errors.Unavailable,
    errors.UnsupportedMediaType,
    errors.UpgradeRefused,
)


def is_shown(error: LunaSecError) -> bool:
    """Say whether a browser may see this refusal as it is."""
    return isinstance(error, _SHOWN)


def shown(error: LunaSecError) -> LunaSecError:
    """Give the error that a browser may see: this one, or `Internal` with a hint to the log."""
    return error if is_shown(error) else Internal("The application's log has the reason.")


def problem(error: LunaSecError, **members: str) -> bytes:
    """Write a problem document; `members` are put beside those of every problem."""
    stated = {
        "type": _TYPE + error.code,
        "title": error.title,
        "status": error.status,
        "detail": error.detail,
        "code": error.code,
    }
    return msgspec.json.encode({**stated, **members})


def headers(error: LunaSecError) -> dict[str, str]:
    """Give the headers of a problem document."""
    stated = {"content-type": MEDIA_TYPE, "cache-control": "no-store"}
    if error.retry_after is not None:
        stated["retry-after"] = str(error.retry_after)
    return stated
