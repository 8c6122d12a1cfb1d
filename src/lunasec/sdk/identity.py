"""Who asks: what a session id provider says about a request, read once into one shape."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, TypeAlias, TypeVar
from uuid import UUID

from lunasec.errors import ConfigurationInvalid
from lunasec.references import session_reference

User: TypeAlias = str | int | UUID
Said: TypeAlias = str | tuple[str, User | None] | None
"""What a provider may answer: an id, (id, user), (id, None) for nobody yet, or None."""

RequestT = TypeVar("RequestT")
Provider: TypeAlias = Callable[[RequestT], Said] | Callable[[RequestT], Awaitable[Said]]
"""From a request to the application's session id.

* `id`: a session, about whose user nothing is said. The reference outlives a change of user.
* `(id, user)`: a session of a user; another user under the same id is another session.
* `(id, None)`: a session without a user yet, as on a sign-up page. It is temporary:
  `sessions.upgrade` moves what was typed in it to the user's session.
* `None`, or an empty id: nobody.

A plain function runs on the event loop and must not wait; one that asks a database is `async def`.
"""

_WANTED: Final = "an id, (id, user), (id, None) or None"


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """A session as the tokenizer may know it: the raw session id is not in here."""

    reference: str
    subject: str | None
    temporary: bool


def identity(application: str, said: object) -> Identity | None:
    """Read a provider's answer; None is nobody.

    Raises `SessionIdTooShort`, and `ConfigurationInvalid` for an answer that is none. Neither
    quotes the answer: a session id is as good as the session.
    """
    match said:
        case None | "" | (None | "", object()):
            return None
        case str():
            return _identified(application, said, None, temporary=False)
        case (str() as session_id, None | ""):
            return _identified(application, session_id, None, temporary=True)
        case (str() as session_id, str() | int() | UUID() as user):
            return _identified(application, session_id, str(user), temporary=False)
        case _:
            detail = f"The session id provider gave something else than {_WANTED}."
            raise ConfigurationInvalid(detail)


def _identified(
    application: str, session_id: str, subject: str | None, *, temporary: bool
) -> Identity:
    reference = session_reference(application, session_id, subject)
    return Identity(reference=reference, subject=subject, temporary=temporary)
