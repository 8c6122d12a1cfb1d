"""Refusals of the application's back end as problem documents (RFC 9457)."""

from typing import Final

import msgspec

from lunasec import errors
from lunasec.errors import Internal, LunaSecError

_TYPE: Final = "urn:lunasec:problem:"  # What `type` starts with; docs/protocol.md has the table.
MEDIA_TYPE: Final = "application/problem+json"

# What a browser may be told of the tokenizer's refusals and of the SDK's own: what is about its
# session or its tokens, or passes by itself. Any other is between the two back ends: passed on, a
# `credential_invalid` would read as if the user had to log in.
_TOLD: Final = (
    errors.NoSession,
    errors.NotGranted,
    errors.Sealed,
    errors.SessionEnded,
    errors.TokenMalformed,
    errors.TooManyRequests,
    errors.Unavailable,
    errors.UpgradeRefused,
)


def is_told(error: LunaSecError) -> bool:
    """Say whether a browser may see this refusal as it is."""
    return isinstance(error, _TOLD)


def told(error: LunaSecError) -> LunaSecError:
    """Give the error that a browser may see: this one, or `Internal` with a hint to the log."""
    return error if is_told(error) else Internal("The application's log has the reason.")


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
