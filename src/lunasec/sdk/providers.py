"""Session id providers that are ready to use.

They take any request that has `session`, `cookies` or `headers` in the way of Starlette and Flask.
"""

import secrets
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from lunasec.sdk.identity import Said

_KEY: Final = "lunasec_session_id"


class _WithSession(Protocol):
    @property
    def session(self) -> MutableMapping[str, Any]: ...


class _WithCookies(Protocol):
    @property
    def cookies(self) -> Mapping[str, str]: ...


class _WithHeaders(Protocol):
    @property
    def headers(self) -> Mapping[str, str]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionDictionary:
    """A provider for frameworks whose session is a dictionary without an id: it makes one.

    The id is 32 random bytes under a key of its own in `request.session`. `user_key` is where the
    application keeps its user's id in there; see `with_user`.
    """

    user_key: str | None = None

    def with_user(self, key: str) -> "SessionDictionary":
        """Tell users apart by `request.session[key]`, in which the application keeps the user's id.

        Another user is then another session, even where the application keeps the dictionary; and
        as long as there is no user the session is temporary, as on a sign-up page.
        """
        return SessionDictionary(user_key=key)

    def __call__(self, request: _WithSession) -> Said:
        """Give the id, made now where there is none yet, and the user if a key for it is known."""
        session = request.session
        # No write without need: each one sends the cookie anew.
        if _KEY not in session:
            session[_KEY] = secrets.token_urlsafe(32)
        session_id: str = session[_KEY]
        if self.user_key is None:
            return session_id
        return session_id, session.get(self.user_key)

    def forget(self, request: _WithSession) -> None:
        """Give up the id, which was ended: the next request gets a new one."""
        request.session.pop(_KEY, None)


def cookie_session_id(name: str) -> Callable[[_WithCookies], Said]:
    """Make a provider that takes the session id from a cookie; without the cookie it is nobody.

    For an application that keeps its sessions on its own side, under a random id in a cookie.
    """

    def provide(request: _WithCookies) -> Said:
        return request.cookies.get(name)

    return provide


def header_session_id(name: str) -> Callable[[_WithHeaders], Said]:
    """Make a provider that takes the session id from a header, such as an API key.

    It goes with `header_sessions=True`.
    """

    def provide(request: _WithHeaders) -> Said:
        return request.headers.get(name)

    return provide
