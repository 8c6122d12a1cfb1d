"""What a token says of the person whom it names, as far as policies may ask for it."""

from collections.abc import Mapping
from typing import Any, Final, TypeGuard

from lunasec.jose.claims import MAX_TIME
from lunasec.tokenizer.core.identity import Person

MOST: Final = 1_000
"""Of groups, or roles; a token's size bounds them as well."""


ELSEWHERE: Final = "_claim_names"
"""Claims that there are, and that are to be asked for at another place (Core, section 5.6.2)."""


def person(members: Mapping[str, Any], *, latest: float, trusts_email: bool) -> Person:
    """Read the claims; one that is null is one that is not there.

    Nobody has logged in after `latest`. With `trusts_email`, an address of which the token does not
    say whether it is verified stands.

    `acr`, `amr` and `auth_time` are of OpenID Connect Core, section 2, `email` and what verifies it
    of its section 5.1; `groups` and `roles` of RFC 9068, section 2.2.3.1.

    Raises: `ValueError`, with a reason that is safe to log, for one of another type, in the future,
    or elsewhere: a policy that asks for it could be led astray.
    """
    names = members.get(ELSEWHERE)
    for each in Person.__struct_fields__:
        if isinstance(names, dict) and each in names:
            raise ValueError(f'The token says of "{each}" that it is to be had elsewhere.')
    auth_time = _time(members, "auth_time")
    if auth_time is not None and auth_time > latest:
        raise ValueError('The token\'s "auth_time" is in the future, or not in seconds.')
    return Person(
        acr=_text(members, "acr"),
        amr=_texts(members, "amr"),
        auth_time=auth_time,
        groups=_texts(members, "groups"),
        roles=_texts(members, "roles"),
        email=_email(members, trusts=trusts_email),
    )


def _email(members: Mapping[str, Any], *, trusts: bool) -> str | None:
    """Read the address: none where the token says of it anything but that it is verified."""
    email = _text(members, "email")
    # Who has an account may often write any address into it. Many proxies leave the claim out.
    return email if members.get("email_verified", trusts) is True else None


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


def _wrong(name: str, wanted: str) -> ValueError:
    return ValueError(f'The token\'s "{name}" is not {wanted}.')
