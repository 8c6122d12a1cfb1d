"""LunaSec for FastAPI, which is Starlette: the same names, under the framework's own."""

from lunasec.starlette import (
    EVERY_TOKEN,
    Grant,
    LunaSec,
    LunaSecError,
    SafeHtml,
    cookie_session_id,
    header_session_id,
    starlette_session_id,
)

__all__ = [
    "EVERY_TOKEN",
    "Grant",
    "LunaSec",
    "LunaSecError",
    "SafeHtml",
    "cookie_session_id",
    "header_session_id",
    "starlette_session_id",
]
