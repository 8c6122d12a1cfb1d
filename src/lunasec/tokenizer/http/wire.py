"""What goes over the wire: each body as a type. Unknown fields are refused."""

from typing import Annotated, Any, Final, Literal, TypeVar

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from lunasec.encoding import from_base64url
from lunasec.errors import CiphertextMalformed, MalformedRequest
from lunasec.tokenizer.core.envelope import DEK_BYTES
from lunasec.tokenizer.core.secret import Secret
from lunasec.tokenizer.vault import SealedValue

ITEMS_LIMIT: Final = 1000
"""Tokens or values in one request; the elements split larger pages."""

METADATA_LIMIT: Final = 16
"""Entries of metadata a value; it is for a label or two, not for data."""

Hash = Annotated[str, Meta(pattern="^[A-Za-z0-9_-]{43}$")]
Text = Annotated[str, Meta(max_length=256)]
TokenTexts = Annotated[list[str], Meta(min_length=1, max_length=ITEMS_LIMIT)]
Kind = Annotated[str, Meta(pattern="^[a-z][a-z0-9-]{0,31}$")]
Metadata = Annotated[dict[Text, Text], Meta(max_length=METADATA_LIMIT)]
Seconds = Annotated[int, Meta(ge=1, le=86400)]


class Body(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, gc=False):
    """A request's body."""


class Ensure(Body):
    """`POST /session/ensure`."""

    session: Hash
    renew: bool = False


class CreateSession(Body):
    """`POST /session/create/<application>`, for header sessions."""

    handle: Hash


class OfferHandle(Body):
    """`POST /session/handles`."""

    state: Hash
    session: Hash
    origin: Text
    expires_in: Seconds
    subject: Text | None = None
    temporary: bool = False


class EndSession(Body):
    """`POST /session/end`."""

    session: Hash


class UpgradeSession(Body):
    """`POST /session/upgrade`."""

    old: Hash = msgspec.field(name="from")
    session: Hash


class CreateGrants(Body):
    """`POST /grants`."""

    session: Hash
    tokens: TokenTexts
    actions: tuple[Literal["read"]] = ("read",)
    expires_in: Seconds | UnsetType = UNSET
    max_reads: Annotated[int, Meta(ge=1, le=1_000_000)] | None = None


class VerifyGrants(Body):
    """`POST /grants/verify`."""

    session: Hash
    tokens: TokenTexts
    action: Literal["read", "store"] = "store"


class RevokeGrants(Body):
    """`POST /grants/revoke`."""

    session: Hash | None = None
    tokens: TokenTexts | None = None


class Value(Body):
    """One sealed value of `POST /tokenize`; the key and the ciphertext are base64url."""

    key: str
    ciphertext: str
    kind: Kind = "text"
    metadata: Metadata = {}


class Tokenize(Body):
    """`POST /tokenize`."""

    session: Hash
    values: Annotated[list[Value], Meta(min_length=1, max_length=ITEMS_LIMIT)]


class Tokens(Body):
    """`POST /detokenize`, and `POST /tokens/describe`."""

    session: Hash
    tokens: TokenTexts


class Erase(Body):
    """`POST /tokens/erase`."""

    tokens: TokenTexts

class Answer(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """An answer's body."""


class Done(Answer):
    """Nothing to say but that it is done."""


class Ensured(Answer):
    """A live session with its times, or the `state` with which to set one up."""

    active: bool
    session: Hash | UnsetType = UNSET
    expires_in: int | UnsetType = UNSET
    renew_in: int | UnsetType = UNSET
    state: Hash | UnsetType = UNSET


class OfferedHandle(Answer):
    """A handle, good for `expires_in` seconds."""

    handle: Hash
    expires_in: int


class CreatedGrants(Answer):
    """When the grants end (seconds since the epoch), and which tokens got none, by index."""

    expires_at: int
    refused: list[int]


class VerifiedGrants(Answer):
    """For each token, in order, whether it is granted."""

    granted: list[bool]


class Tokenized(Answer):
    """The tokens, in the order of the values."""

    tokens: list[str]


class ReleasedValue(Answer):
    """A sealed value with its key, in base64url; the grant ends in `expires_in` seconds."""

    key: str
    ciphertext: str
    kind: str
    metadata: dict[str, str]
    expires_in: int


class Refused(Answer):
    """One token's refusal among the answers of others."""

    code: Literal["not_granted"] | UnsetType = UNSET


class Detokenized(Answer):
    """For each token, in order, its value or the refusal."""

    values: list[ReleasedValue | Refused]


class Description(Answer):
    """What a token is: its kind, padded size in bytes, time of making and metadata."""

    kind: str
    size: int
    created_at: int
    metadata: dict[str, str]


class Described(Answer):
    """For each token, in order, its description or the refusal."""

    tokens: list[Description | Refused]


class Erased(Answer):
    """How many of the tokens were there to erase."""

    erased: int


B = TypeVar("B", bound=Body)

_DECODERS: dict[type[Body], msgspec.json.Decoder[Any]] = {}

# Of msgspec's messages these name types and our own fields alone; the others may quote the body.
_PLAIN: Final = ("Expected `", "Object missing required field `")


def read(body: bytes, kind: type[B]) -> B:
    """Read a body, or raise `MalformedRequest` with the field that is wrong, never its value."""
    decoder = _DECODERS.get(kind)
    if decoder is None:
        decoder = _DECODERS[kind] = msgspec.json.Decoder(kind)
    try:
        decoded: B = decoder.decode(body)
    except msgspec.ValidationError as error:
        message = str(error)
        plain = message.startswith(_PLAIN)
        detail = message if plain else "The body has an unknown field or a wrong value."
        raise MalformedRequest(detail) from None
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        raise MalformedRequest("The body is not JSON.") from None
    return decoded


def sealed_value(value: Value) -> SealedValue:
    """Read the bytes of a value.

    Raises: `CiphertextMalformed` when they are not base64url, or the key is not 32 bytes long.
    """
    try:
        dek, ciphertext = from_base64url(value.key), from_base64url(value.ciphertext)
    except ValueError:
        raise CiphertextMalformed("`key` and `ciphertext` are base64url without padding.") from None
    if len(dek) != DEK_BYTES:
        raise CiphertextMalformed(f"A value's key has {DEK_BYTES} bytes.")
    return SealedValue(
        dek=Secret(dek),
        ciphertext=ciphertext,
        kind=value.kind,
        metadata=tuple(sorted(value.metadata.items())),
    )

