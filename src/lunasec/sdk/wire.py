"""What goes over the wire between an application's back end and the tokenizer; no I/O.

A `Call` is a request and the type of its answer. Sync and async clients send the same calls, so
all that they differ in is how bytes get there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Final, Generic, TypeVar

import msgspec

AnswerT = TypeVar("AnswerT")

LARGEST_ANSWER: Final = 4 * 1024 * 1024  # Bytes; 1,000 descriptions with full metadata are half.

# It becomes part of a URL, so it may hold nothing that means something there.
# In Python `$` matches before a line feed at the end, too.
_Handle = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_-]{16,128}$(?!\n)")]
_Index = Annotated[int, msgspec.Meta(ge=0)]


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """An answer of the tokenizer. Fields that a newer one adds are passed over."""


class Handle(Answer, frozen=True):
    """A single-use handle for one browser, which has `expires_in` seconds to present it."""

    handle: _Handle
    expires_in: int

    def __repr__(self) -> str:
        """Hide the handle."""
        return f"Handle(handle=…, expires_in={self.expires_in})"


class Nothing(Answer, frozen=True):
    """An answer that says no more than that it was done."""


class Granted(Answer, frozen=True):
    """Grants that were made: when they end (unix seconds), and which tokens were refused."""

    expires_at: int
    refused: tuple[_Index, ...] = ()


class Verified(Answer, frozen=True):
    """For each token, in order, whether the session holds the grant."""

    granted: tuple[bool, ...]


class Erased(Answer, frozen=True):
    """How many values were erased."""

    erased: int


class Description(Answer, frozen=True):
    """What is known of a value without opening it: `size` in bytes, padded; `code` if refused."""

    kind: str | None = None
    size: int | None = None
    created_at: int | None = None
    metadata: Mapping[str, str] = {}
    code: str | None = None


class Described(Answer, frozen=True):
    """For each token, in order, its description or the code `not_granted`."""

    tokens: tuple[Description, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Call(Generic[AnswerT]):
    """A request to the tokenizer, ready to be sent with the application's credential.

    `repeatable`: sending it twice does no more than sending it once, so that it may be sent again
    when nobody knows whether it arrived.
    """

    path: str
    body: bytes = field(repr=False)
    answer: type[AnswerT]
    repeatable: bool


def offer_handle(
    *,
    state: str | None,
    session: str,
    origin: str,
    expires_in: int,
    subject: str | None = None,
    temporary: bool = False,
) -> Call[Handle]:
    """Vouch for a session to the browser that holds `state`; its end is in `expires_in` seconds.

    Without a state, the handle is for one document of a browser that keeps no cookies.
    """
    stated: dict[str, Any] = {
        **({"document": True} if state is None else {"state": state}),
        "session": session,
        "origin": origin,
        "expires_in": expires_in,
    }
    if subject is not None:
        stated["subject"] = subject
    if temporary:
        stated["temporary"] = True
    # A second handle does no harm: the first was never given out, and dies unused.
    return _call("/session/handles", stated, Handle, repeatable=True)


def end_session(*, session: str) -> Call[Nothing]:
    """End every tokenizer session, grant and handle of a session reference, before it answers."""
    return _call("/session/end", {"session": session}, Nothing, repeatable=True)


def upgrade_session(*, old: str, session: str, subject: str | None = None) -> Call[Nothing]:
    """Move what was typed in a temporary session to the session of a user, `subject`, once."""
    stated = {"from": old, "session": session}
    if subject is not None:
        stated["subject"] = subject
    return _call("/session/upgrade", stated, Nothing, repeatable=False)


def create_grants(
    *,
    session: str,
    tokens: Sequence[str],
    expires_in: int,
    max_reads: int | None = None,
    copy: bool = False,
) -> Call[Granted]:
    """Let a session read tokens for `expires_in` seconds, at most `max_reads` times each.

    With `copy`, also onto the clipboard, which counts as a read.
    """
    stated: dict[str, Any] = {
        "session": session,
        "tokens": tokens,
        "actions": ["read", "copy"] if copy else ["read"],
        "expires_in": expires_in,
    }
    if max_reads is not None:
        stated["max_reads"] = max_reads
    # Sent twice, reads that were used up between the two would come back.
    return _call("/grants", stated, Granted, repeatable=max_reads is None)


def verify_grants(*, session: str, tokens: Sequence[str]) -> Call[Verified]:
    """Ask for each token whether this session made it."""
    stated = {"session": session, "tokens": tokens, "action": "store"}
    return _call("/grants/verify", stated, Verified, repeatable=True)


def revoke_grants(
    *, session: str | None = None, tokens: Sequence[str] | None = None
) -> Call[Nothing]:
    """Take back grants by session, by tokens, or by both; every node knows it at the answer."""
    stated = {"session": session, "tokens": tokens}
    present = {name: value for name, value in stated.items() if value is not None}
    return _call("/grants/revoke", present, Nothing, repeatable=True)


def describe_tokens(*, session: str, tokens: Sequence[str]) -> Call[Described]:
    """Ask for kind, size, age and metadata of values that a session may read; they stay sealed."""
    stated = {"session": session, "tokens": tokens}
    return _call("/tokens/describe", stated, Described, repeatable=True)


def erase_tokens(*, tokens: Sequence[str], session: str | None = None) -> Call[Erased]:
    """Make values unreadable at once; their keys are destroyed after the tokenizer's delay.

    Where the tokenizer holds `ownership`, `session` is the owner's, and live.
    """
    return _erase({"tokens": tokens}, session)


def erase_subject(*, subject: str, session: str | None = None) -> Call[Erased]:
    """Make all that a user stored unreadable at once; it is destroyed after the tokenizer's delay.

    `subject` is the user that the session id provider gave for the sessions in which it was stored,
    as a text. End those sessions first, or what is typed meanwhile stays; where the tokenizer holds
    `ownership`, `session` is one of them, and is ended afterwards.
    """
    return _erase({"subject": subject}, session)


def _erase(stated: Mapping[str, Any], session: str | None) -> Call[Erased]:
    whole = stated if session is None else {**stated, "session": session}
    # A second one would count none, and the count is what the caller asked for.
    return _call("/tokens/erase", whole, Erased, repeatable=False)


def _call(
    path: str, stated: Mapping[str, Any], answer: type[AnswerT], *, repeatable: bool
) -> Call[AnswerT]:
    body = msgspec.json.encode(stated)
    return Call(path=path, body=body, answer=answer, repeatable=repeatable)
