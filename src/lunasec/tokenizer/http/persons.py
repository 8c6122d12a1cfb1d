"""What an auth proxy's token says of a person, as far as policies may ask for it."""

from collections.abc import Mapping
from typing import Any, Final, TypeGuard

from lunasec.errors import NotProxied
from lunasec.jose.claims import MAX_TIME
from lunasec.tokenizer.core.identity import Person

MOST: Final = 1_000
"""Of groups, or roles; a token's size bounds them as well."""


def person(members: Mapping[str, Any]) -> Person:
    """Read the claims; one that is null is one that is not there.

    `acr`, `amr` and `auth_time` are of OpenID Connect Core, section 2, `email` and what verifies it
    of its section 5.1; `groups` and `roles` of RFC 9068, section 2.2.3.1.

    Raises: `NotProxied` for one of another type: a policy that asks for it could be led astray.
    """
    return Person(
        acr=_text(members, "acr"),
        amr=_texts(members, "amr"),
        auth_time=_time(members, "auth_time"),
        groups=_texts(members, "groups"),
        roles=_texts(members, "roles"),
        email=_email(members),
    )


def _email(members: Mapping[str, Any]) -> str | None:
    """Read the address: none where the token says of it anything but that it is verified."""
    email = _text(members, "email")
    # Who has an account may often write any address into it. Many proxies leave the claim out.
    return email if members.get("email_verified", True) is True else None


def _text(members: Mapping[str, Any], name: str) -> str | None:
    value = members.get(name)
    if value is None or isinstance(value, str):
        return value
    raise _wrong(name, "a text")


def _texts(members: Mapping[str, Any], name: str) -> tuple[str, ...]:
    value = members.get(name)
    if value is None:
        return ()
    if not _is_list(value) or len(value) > MOST:
        raise _wrong(name, "a list of texts")
    return tuple(value)


def _is_list(value: object) -> TypeGuard[list[str]]:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)  # pyright: ignore[reportUnknownVariableType]


def _time(members: Mapping[str, Any], name: str) -> int | None:
    value = members.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= MAX_TIME:
        raise _wrong(name, "a number of seconds")
    return int(value)


def _wrong(name: str, wanted: str) -> NotProxied:
    return NotProxied(f'The token\'s "{name}" is not {wanted}.')
