"""Tokens as an application hands them in: one or many, some of them empty, all of them checked."""

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from lunasec.encoding import from_base64url, to_base64url
from lunasec.errors import TokenMalformed

Tokens: TypeAlias = str | Iterable[str | None] | None
"""One token or many. None and "" stand for a field that holds nothing, and are passed over."""

MOST_A_REQUEST: Final = 1000  # The tokenizer's limit; longer lists go as several requests.
_PREFIX: Final = "lunasec-"
_CHECKSUM: Final = 6  # characters
_SHAPE: Final = re.compile(rf"{_PREFIX}[A-Za-z0-9_-]{{49}}")
_LABEL: Final = b"lunasec/token/v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Tokens for one request, each with its place in the list that the application gave."""

    tokens: tuple[str, ...] = field(repr=False)
    places: tuple[int, ...]


def batches(tokens: Tokens) -> Sequence[Batch]:
    """Split an application's tokens into requests, without the empty ones.

    A text of another shape raises `TokenMalformed` before anything is sent: it may be a value
    that was never tokenized, and then it must not leave the application. The message says at which
    place it stands and never quotes it.
    """
    given = (tokens,) if tokens is None or isinstance(tokens, str) else tuple(tokens)
    present = [(place, token) for place, token in enumerate(given) if token]
    for place, token in present:
        if not is_token(token):
            raise TokenMalformed(f"{_which(place, len(given))} is not a token.")
    return tuple(_split(present))


def is_token(text: object) -> bool:
    """Say whether a text has the shape and the checksum of a token, in its one spelling."""
    if not isinstance(text, str) or not _SHAPE.fullmatch(text):
        return False
    body, checksum = text[len(_PREFIX) : -_CHECKSUM], text[-_CHECKSUM:]
    digest = hashlib.sha256(_LABEL + body.encode("ascii")).digest()
    return to_base64url(digest)[:_CHECKSUM] == checksum and _canonical(body)


def named(places: Sequence[int], tokens: Tokens) -> str:
    """Name tokens by their places, for a message: a token itself never stands in one."""
    if tokens is None or isinstance(tokens, str) or not places:
        return "The token"
    if len(places) == 1:
        return f"The token at index {places[0]}"
    return f"The tokens at indexes {', '.join(map(str, places))}"


def _which(place: int, count: int) -> str:
    return "What was given" if count == 1 else f"What stands at index {place}"


def _canonical(body: str) -> bool:
    try:
        from_base64url(body)
    except ValueError:
        return False
    return True


def _split(present: Sequence[tuple[int, str]]) -> Iterator[Batch]:
    for start in range(0, len(present), MOST_A_REQUEST):
        part = present[start : start + MOST_A_REQUEST]
        yield Batch(tokens=tuple(t for _, t in part), places=tuple(p for p, _ in part))
