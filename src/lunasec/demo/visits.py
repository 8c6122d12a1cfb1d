"""Who is visiting: the demo's log-in session, kept in Starlette's signed cookie.

The cookie says `id`, a random session id, and `user`, the account once there is one. A new id is
made whenever the user changes, so that nobody can prepare a session for somebody else to log in to.
"""

import secrets

from starlette.requests import HTTPConnection

from lunasec.demo.accounts import Account

LIFETIME = 12 * 60 * 60
"""Seconds until a visit ends by itself: as long as the tokenizer remembers that one was ended."""


def identity(request: HTTPConnection) -> tuple[str, str | None] | None:
    """Return (session id, account id or None): the session id provider that LunaSec is given.

    Without an account the session is a temporary one, as the sign-up page begins it. Without an
    id there is no session: nobody is there.
    """
    session_id = request.session.get("id")
    return None if session_id is None else (session_id, request.session.get("user"))


def begin(request: HTTPConnection, account: Account | None = None) -> None:
    """Begin a new session, of an account or, on the sign-up page, of nobody yet."""
    request.session.clear()
    request.session["id"] = secrets.token_urlsafe(32)
    if account is not None:
        request.session["user"] = account.id


def end(request: HTTPConnection) -> None:
    """Forget the session: the browser is told to drop the cookie."""
    request.session.clear()
