"""How an answer of the tokenizer is read: into its type, or into the error that it states; no I/O.

An error of the tokenizer is trusted for its code, its detail and its `Retry-After` alone. What does
not look like the tokenizer's (a proxy's page, a redirect) is `Unavailable`.
"""

import re
from dataclasses import dataclass, field
from typing import Final, TypeVar

import msgspec

from lunasec import errors
from lunasec.errors import Internal, LunaSecError, Unavailable
from lunasec.sdk.wire import Call

AnswerT = TypeVar("AnswerT")

_JSON: Final = "application/json"
_PROBLEM: Final = "application/problem+json"
_OK: Final = 200
_CODE: Final = re.compile(r"[a-z][a-z_]{0,63}")
_LONGEST_DETAIL: Final = 1000  # characters
_LONGEST_WAIT: Final = 3600  # Seconds; more than that is not a `Retry-After` to act on.

_CLASSES: Final = {
    each.code: each
    for each in vars(errors).values()
    if isinstance(each, type) and issubclass(each, LunaSecError) and each is not LunaSecError
}


class UnknownRefusal(Internal):
    """The tokenizer refused with a code that this version of the SDK does not know.

    `stated_code` and `stated_status` are the tokenizer's.
    """

    def __init__(self, stated_code: str, stated_status: int, detail: str) -> None:
        """Keep what the tokenizer stated."""
        super().__init__(f"The tokenizer refused with {stated_code!r}. {detail}".rstrip())
        self.stated_code = stated_code
        self.stated_status = stated_status


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """An answer as it arrived. `retry_after` is the header of that name."""

    status: int
    media_type: str
    body: bytes = field(repr=False)
    retry_after: str | None = None


class _Problem(msgspec.Struct, frozen=True):
    code: str
    detail: str = ""


def parse(call: Call[AnswerT], received: Received) -> AnswerT:
    """Read the answer to a call, or raise the `LunaSecError` that it states."""
    if received.status != _OK:
        raise refusal(received)
    try:
        if _media_type(received) == _JSON:
            return msgspec.json.decode(received.body, type=call.answer)
    except msgspec.DecodeError:
        # `from None` here and below: the original error may quote a handle.
        raise Unavailable(f"The answer to {call.path} can't be read.") from None
    raise Unavailable(f"The answer to {call.path} is not the tokenizer's: it is no JSON.")


def refusal(received: Received) -> LunaSecError:
    """Give the error that an answer states which is no success."""
    problem = _problem(received.body) if _media_type(received) == _PROBLEM else None
    if problem is None or not _CODE.fullmatch(problem.code):
        detail = (
            f"Something that is not the tokenizer answered with status {received.status}; "
            "see tokenizer_internal_url and tokenizer_url."
        )
        return Unavailable(detail)
    detail = problem.detail[:_LONGEST_DETAIL]
    known = _CLASSES.get(problem.code)
    if known is None:
        return UnknownRefusal(problem.code, received.status, detail)
    return known(detail, retry_after=_seconds(received.retry_after))


def _media_type(received: Received) -> str:
    return received.media_type.partition(";")[0].strip().lower()


def _problem(body: bytes) -> _Problem | None:
    try:
        return msgspec.json.decode(body, type=_Problem)
    except msgspec.DecodeError:
        return None


def _seconds(retry_after: str | None) -> int | None:
    """Read `Retry-After` (RFC 9110, section 10.2.3) in its form of seconds."""
    if retry_after is None or not re.fullmatch(r"[0-9]{1,6}", retry_after):
        return None
    return min(int(retry_after), _LONGEST_WAIT)
