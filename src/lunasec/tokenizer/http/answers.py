"""What callers get: each answer as a type, and how it goes over the wire."""

from collections.abc import Sequence
from typing import Literal

import msgspec
from msgspec import UNSET, Struct, UnsetType
from starlette.responses import Response

from lunasec.tokenizer.core.ledger import Record
from lunasec.tokenizer.http.wire import Hash

_ENCODER = msgspec.json.Encoder()


class Answer(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """An answer's body."""


class Done(Answer, frozen=True):
    """Nothing to say but that it is done."""


class Ensured(Answer, frozen=True):
    """A live session with its times, or the `state` with which to set one up."""

    active: bool
    session: Hash | UnsetType = UNSET
    expires_in: int | UnsetType = UNSET
    renew_in: int | UnsetType = UNSET
    state: Hash | UnsetType = UNSET


class OfferedHandle(Answer, frozen=True):
    """A handle, good for `expires_in` seconds."""

    handle: Hash
    expires_in: int


class CreatedGrants(Answer, frozen=True):
    """When the grants end (seconds since the epoch), and which tokens got none, by index."""

    expires_at: int
    refused: list[int]


class VerifiedGrants(Answer, frozen=True):
    """For each token, in order, whether it is granted."""

    granted: list[bool]


class Tokenized(Answer, frozen=True):
    """The tokens, in the order of the values."""

    tokens: list[str]


class ReleasedValue(Answer, frozen=True):
    """A sealed value with its key, in base64url; the grant ends in `expires_in` seconds."""

    key: str
    ciphertext: str
    kind: str
    metadata: dict[str, str]
    expires_in: int


class Refused(Answer, frozen=True):
    """One token's refusal among the answers of others."""

    code: Literal["not_granted"]


class Detokenized(Answer, frozen=True):
    """For each token, in order, its value or the refusal."""

    values: list[ReleasedValue | Refused]


class Description(Answer, frozen=True):
    """What a token is: its kind, padded size in bytes, time of making and metadata."""

    kind: str
    size: int
    created_at: int
    metadata: dict[str, str]


class Described(Answer, frozen=True):
    """For each token, in order, its description or the refusal."""

    tokens: list[Description | Refused]


class Erased(Answer, frozen=True):
    """How many of the tokens were there to erase."""

    erased: int


def answer(body: Answer) -> Response:
    """Write an answer that nobody may keep."""
    headers = {"Cache-Control": "no-store", "Cross-Origin-Resource-Policy": "same-origin"}
    return Response(_ENCODER.encode(body), headers=headers, media_type="application/json")


def described(records: Sequence[Record | None]) -> Response:
    """Describe records, in order; the refusal where there is none."""
    return answer(
        Described(
            tokens=[
                Refused(code="not_granted")
                if record is None
                else Description(
                    kind=record.kind,
                    size=record.size,
                    created_at=record.created_at,
                    metadata=dict(record.metadata),
                )
                for record in records
            ]
        )
    )
