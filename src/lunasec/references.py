"""Session references: what the tokenizer learns of a session, and no more.

An application and the tokenizer each compute the reference of a session that an auth proxy knows,
from the token that each of them was sent; so the two meet without a word between them.
"""

import hashlib
from typing import Final

from lunasec.encoding import length_prefixed, to_base64url
from lunasec.errors import SessionIdTooShort

LABEL: Final = b"lunasec/session-reference/v1"
PROXIED: Final = b"lunasec/proxied-session-id/v1"
PROXIED_USER: Final = b"lunasec/proxied-user-id/v1"
SHORTEST_ID: Final = 16  # Characters. A shorter id can be guessed, and with it the reference.


def session_reference(application: str, session_id: str, subject: str | None = None) -> str:
    """Give the reference of a session: 43 characters of base64url.

    SHA-256 over the label, the application's name, the session id and the subject or nothing, each
    behind its length, so that no two lists of fields give the same bytes. The reference changes
    with the user even where the application keeps its session id. Raises `SessionIdTooShort`.
    """
    if len(session_id) < SHORTEST_ID:
        detail = (
            f"The session id provider gave an id of {len(session_id)} characters; at least "
            f"{SHORTEST_ID} are needed. Use a random id, for example secrets.token_urlsafe(32)."
        )
        raise SessionIdTooShort(detail)
    fields = (application.encode(), session_id.encode(), (subject or "").encode())
    return to_base64url(hashlib.sha256(length_prefixed(LABEL, *fields)).digest())


def proxied_session_id(issuer: str, session: str) -> str:
    """Give what stands for a session id where an auth proxy knows the session: 43 characters.

    It is made of the issuer and of the proxy's own session id, so that neither can pass for
    another one's, however short it is.
    """
    fields = (issuer.encode(), session.encode())
    return to_base64url(hashlib.sha256(length_prefixed(PROXIED, *fields)).digest())


def proxied_user_id(issuer: str, subject: str) -> str:
    """Give what stands for a user whom an auth proxy knows: 43 characters.

    Where the proxy's tokens name no session, it stands for the session id as well: all browsers of
    the user share one then. It is never what stands for a proxy's own session id.
    """
    fields = (issuer.encode(), subject.encode())
    return to_base64url(hashlib.sha256(length_prefixed(PROXIED_USER, *fields)).digest())
