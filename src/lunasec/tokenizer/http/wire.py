"""What callers send: each body as a type. Unknown fields are refused."""

from typing import Annotated, Any, Final, Literal, TypeVar

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from lunasec.errors import MalformedRequest, TooLarge
from lunasec.tokenizer.core.grants import LONGEST_GRANT_SECONDS
from lunasec.tokenizer.core.sessions import LONGEST_SECONDS
from lunasec.tokenizer.core.stream import LONGEST_STREAM

ITEMS_LIMIT: Final = 1000
"""Tokens or values in one request; the elements split larger pages."""

METADATA_LIMIT: Final = 16
"""Entries of metadata a value; it is for a label or two, not for data."""

# In Python `$` matches before a line feed at the end too; the length, or what follows, forbids it.
Hash = Annotated[str, Meta(pattern="^[A-Za-z0-9_-]{43}$", max_length=43)]
PublicKey = Annotated[str, Meta(pattern="^[A-Za-z0-9_-]{87}$", max_length=87)]
Kind = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9-]{0,31}$(?!\n)")]
Text = Annotated[str, Meta(max_length=256)]
TokenTexts = Annotated[list[str], Meta(min_length=1, max_length=ITEMS_LIMIT)]
Actions = Annotated[
    tuple[Literal["read", "copy"], ...],
    Meta(extra_json_schema={"enum": [["read"], ["read", "copy"]]}),
]
Metadata = Annotated[dict[Text, Text], Meta(max_length=METADATA_LIMIT)]


class Body(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, gc=False):
    """A request's body."""


class Ensure(Body, frozen=True):
    """`POST /session/ensure`."""

    session: Hash
    renew: bool = False


class CreateSession(Body, frozen=True):
    """`POST /session/create/<application>`, for header sessions."""

    handle: Hash


class RegisterKey(Body, frozen=True):
    """`POST /session/register`; the key is a point on P-256, uncompressed, in base64url."""

    session: Hash
    secret: Hash
    key: PublicKey


class OfferHandle(Body, frozen=True):
    """`POST /session/handles`: for the browser of a `state`, or with `document` for a frame."""

    session: Hash
    origin: Text
    expires_in: Annotated[int, Meta(ge=1, le=LONGEST_SECONDS)]
    subject: Text | None = None
    temporary: bool = False
    state: Hash | UnsetType = UNSET
    document: bool = False


class EndSession(Body, frozen=True):
    """`POST /session/end`."""

    session: Hash


class UpgradeSession(Body, frozen=True):
    """`POST /session/upgrade`; `subject` is the user whom what was stored is for."""

    old: Hash = msgspec.field(name="from")
    session: Hash
    subject: Text | None = None


class CreateGrants(Body, frozen=True):
    """`POST /grants`. Who may copy may read as well: `actions` is one or both, in this order."""

    session: Hash
    tokens: TokenTexts
    actions: Actions = ("read",)
    expires_in: Annotated[int, Meta(ge=1, le=LONGEST_GRANT_SECONDS)] | UnsetType = UNSET
    max_reads: Annotated[int, Meta(ge=1, le=1_000_000)] | None = None

    def __post_init__(self) -> None:
        """Refuse any other list of actions."""
        if self.actions not in {("read",), ("read", "copy")}:
            raise ValueError("not a list of actions")


class VerifyGrants(Body, frozen=True):
    """`POST /grants/verify`."""

    session: Hash
    tokens: TokenTexts
    action: Literal["read", "store"] = "store"


class RevokeGrants(Body, frozen=True):
    """`POST /grants/revoke`."""

    session: Hash | None = None
    tokens: TokenTexts | None = None


class Value(Body, frozen=True):
    """One sealed value of `POST /tokenize`; the key and the ciphertext are base64url."""

    key: str
    ciphertext: str
    kind: Kind = "text"
    metadata: Metadata = {}
    upload: Hash | UnsetType = UNSET


class Tokenize(Body, frozen=True):
    """`POST /tokenize`."""

    session: Hash
    values: Annotated[list[Value], Meta(min_length=1, max_length=ITEMS_LIMIT)]


class Tokens(Body, frozen=True):
    """`POST /tokens/describe`."""

    session: Hash
    tokens: TokenTexts


class Detokenize(Tokens, frozen=True):
    """`POST /detokenize`: `copy` is for the clipboard, and wants a grant that says so."""

    action: Literal["read", "copy"] = "read"


class PlanUpload(Body, frozen=True):
    """`POST /files`."""

    session: Hash
    size: Annotated[int, Meta(ge=1, le=LONGEST_STREAM)]


class NamedUpload(Body, frozen=True):
    """`POST /files/missing`, and `POST /files/drop`."""

    session: Hash
    upload: Hash


class ReadSegment(Body, frozen=True):
    """`POST /files/read`."""

    session: Hash
    token: str
    segment: Annotated[int, Meta(ge=0, le=2**32 - 1)]


class Erase(Body, frozen=True):
    """`POST /tokens/erase`: some tokens, or all that was stored for a subject.

    Where the application's tokens have owners, `session` is the owner's.
    """

    session: Hash | None = None
    tokens: TokenTexts | None = None
    subject: Annotated[str, Meta(min_length=1, max_length=256)] | None = None


B = TypeVar("B", bound=Body)

_DECODERS: dict[type[Body], msgspec.json.Decoder[Any]] = {}

# Of msgspec's messages these name types and our own fields alone; the others may quote the body.
_PLAIN: Final = ("Expected `", "Object missing required field `")
_TOO_LONG: Final = "Expected `array` of length <="


def read(body: bytes, kind: type[B]) -> B:
    """Read a body, or raise `MalformedRequest` with the field that is wrong, never its value.

    A list that is too long is `TooLarge`.

    The types are four levels deep, and what they don't foresee is refused where it begins: no body
    is read deeper than that.
    """
    decoder = _DECODERS.get(kind)
    if decoder is None:
        decoder = _DECODERS[kind] = msgspec.json.Decoder(kind)
    try:
        decoded: B = decoder.decode(body)
    except msgspec.ValidationError as error:
        message = str(error)
        if message.startswith(_TOO_LONG):
            raise TooLarge(message) from None
        plain = message.startswith(_PLAIN)
        detail = message if plain else "The body has an unknown field or a wrong value."
        raise MalformedRequest(detail) from None
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        raise MalformedRequest("The body is not JSON.") from None
    return decoded


def items(body: Body) -> int:
    """Count the tokens or values of a body."""
    match body:
        case Tokenize():
            return len(body.values)
        case CreateGrants() | VerifyGrants() | Tokens():
            return len(body.tokens)
        case RevokeGrants() | Erase():
            return len(body.tokens or ())
        case _:
            return 0
