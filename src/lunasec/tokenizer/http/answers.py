"""What callers get: each answer as a type, and how it goes over the wire."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Annotated, Final, Literal

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType
from starlette.responses import Response

from lunasec.tokenizer.core.ledger import File, Record
from lunasec.tokenizer.core.policy import StepUp
from lunasec.tokenizer.http.wire import Hash

_ENCODER = msgspec.json.Encoder()

_KEPT_BY_NOBODY: Final = (
    (b"cache-control", b"no-store"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
_JSON: Final = (b"content-type", b"application/json")


class Answer(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """An answer's body."""


class Done(Answer, frozen=True):
    """Nothing to say but that it is done."""


class Ensured(Answer, frozen=True):
    """A live session with its times, or the `state` with which to set one up in a cookie.

    Where frames log in with an identity provider, `state` says what its page is for: `log-in`, or,
    with a live session, `step-up`.
    """

    active: bool
    session: Hash | UnsetType = UNSET
    expires_in: int | UnsetType = UNSET
    renew_in: int | UnsetType = UNSET
    state: Hash | UnsetType = UNSET


class Registered(Answer, frozen=True):
    """The session of a document's key ends in `expires_in` seconds."""

    expires_in: int


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


class Stream(Answer, frozen=True):
    """What is to be known of a file's stream: its size in bytes."""

    size: int


class PlannedUpload(Answer, frozen=True):
    """By which id the upload is named, its segments' size in bytes, and how long it waits."""

    upload: Hash
    segment: int
    expires_in: int


class MissingSegments(Answer, frozen=True):
    """Which segments are not there yet: ranges of their first and last."""

    missing: list[Annotated[list[int], Meta(min_length=2, max_length=2)]]


class ReleasedValue(Answer, frozen=True):
    """A sealed value with its key, in base64url; the grant ends in `expires_in` seconds.

    `may_copy` is there where the grant allows the value on the clipboard,
    `file` is there where the value is the manifest of a file.
    """

    key: str
    ciphertext: str
    kind: str
    metadata: dict[str, str]
    expires_in: int
    may_copy: bool = False
    file: Stream | UnsetType = UNSET


class Refused(Answer, frozen=True):
    """One token's refusal among the answers of others."""

    code: Literal["not_granted", "step_up_required"]


class Detokenized(Answer, frozen=True):
    """For each token, in order, its value or the refusal."""

    values: list[ReleasedValue | Refused]


class Description(Answer, frozen=True):
    """What a token is: its kind, padded size in bytes, time of making and metadata.

    A file's manifest has that size; `file` has its stream's.
    """

    kind: str
    size: int
    created_at: int
    metadata: dict[str, str]
    file: Stream | UnsetType = UNSET


class Described(Answer, frozen=True):
    """For each token, in order, its description or the refusal."""

    tokens: list[Description | Refused]


class Erased(Answer, frozen=True):
    """How many of the tokens were there to erase."""

    erased: int


class Json(Response):
    """An answer that nobody may keep. Its headers are known, so Starlette need not make them."""

    def __init__(self, body: Answer) -> None:
        """Write `body`."""
        self.status_code, self.background = HTTPStatus.OK.value, None
        self.body = _ENCODER.encode(body)
        length = (b"content-length", b"%d" % len(self.body))
        self.raw_headers = [*_KEPT_BY_NOBODY, length, _JSON]


def answer(body: Answer) -> Response:
    """Write an answer that nobody may keep."""
    return Json(body)


def stream(file: File | None) -> Stream | UnsetType:
    """Say what there is to be known of a value's file, if it has one."""
    return UNSET if file is None else Stream(size=file.size)


def refused(withheld: StepUp | None) -> Refused:
    """Say why there is no value: for all reasons but one in the same words."""
    return Refused(code="not_granted" if withheld is None else "step_up_required")


def described(records: Sequence[Record | StepUp | None]) -> Described:
    """Describe records, in order; the refusal where there is none."""
    return Described(
        tokens=[
            Description(
                kind=record.kind,
                size=record.size,
                created_at=record.created_at,
                metadata=dict(record.metadata),
                file=stream(record.file),
            )
            if isinstance(record, Record)
            else refused(record)
            for record in records
        ]
    )
