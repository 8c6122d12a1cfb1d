"""What the tokenizer remembers, and how an operation asks for it.

What can change is in `changes.py`; how facts and changes come together, in `operation.py`.
"""

from enum import StrEnum

import msgspec
from msgspec import Struct

from lunasec.tokenizer.core.audit import Link

# Who asks for facts says with these which ones.
from lunasec.tokenizer.core.conditions import AuditPrefix as AuditPrefix  # noqa: PLC0414
from lunasec.tokenizer.core.conditions import Batch as Batch  # noqa: PLC0414
from lunasec.tokenizer.core.conditions import Condition as Condition  # noqa: PLC0414
from lunasec.tokenizer.core.conditions import Destroyed as Destroyed  # noqa: PLC0414
from lunasec.tokenizer.core.conditions import EndedBy as EndedBy  # noqa: PLC0414
from lunasec.tokenizer.core.conditions import EpochBefore as EpochBefore  # noqa: PLC0414
from lunasec.tokenizer.core.conditions import ErasedBefore as ErasedBefore  # noqa: PLC0414
from lunasec.tokenizer.core.conditions import ErasedSince as ErasedSince  # noqa: PLC0414
from lunasec.tokenizer.core.conditions import OfSubject as OfSubject  # noqa: PLC0414
from lunasec.tokenizer.core.conditions import UnverifiedBefore as UnverifiedBefore  # noqa: PLC0414
from lunasec.tokenizer.core.identity import Person
from lunasec.tokenizer.core.wrapped import Wrapped


class Action(StrEnum):
    """What a grant allows a session to do with a token."""

    READ = "read"
    STORE = "store"


class Purpose(StrEnum):
    """What a handle is good for; for nothing else, whoever brings it."""

    BROWSER = "browser"
    """A session in a cookie, in the browser that has the binding."""
    DOCUMENT = "document"
    """One coordinator's document, for a browser that keeps no cookie of ours."""
    KEY = "key"
    """A session of the key that such a document registers: the secret that stands in it."""
    LOG_IN = "log-in"
    """Nothing any more: the state of a log-in that came back, kept so that it counts once."""


class Session(Struct, frozen=True, kw_only=True, gc=False):
    """A browser's session at the tokenizer; the cookie's secret is kept as its hash alone.

    One of a document without cookies has a `public_key` that its requests are signed for, and is
    kept under that key's name; `highest` and `seen` say which counters it has used. `owner` is
    whose the tokens are that are made in it, where the tokenizer itself verified the subject.
    `person` is what an identity provider said at the log-in, where policies may ask for it; what a
    proxy says comes with each request, and is not kept.
    """

    secret_hash: bytes
    application: str
    reference: str
    subject: str | None
    temporary: bool
    created_at: int
    expires_at: int
    absolute_end: int
    session_id: str = ""
    user_id: str = ""
    """These are an auth proxy's, as in `Proxied`, where one vouches for the session."""
    login: int = 0
    """The oldest that it was entered with, where the two ids are the same: older tokens of that
    user are not good here, perhaps since a log-out."""
    public_key: bytes = b""
    highest: int = 0
    seen: bytes = b""
    owner: bytes | None = None
    person: Person | None = None


class Handle(Struct, frozen=True, kw_only=True, gc=False):
    """An offer of a session, waiting for the one browser that it is for."""

    handle_hash: bytes
    application: str
    reference: str
    subject: str | None
    temporary: bool
    state: str
    origin: str
    created_at: int
    session_end: int
    used: bool
    purpose: Purpose = Purpose.BROWSER


class Grant(Struct, frozen=True, kw_only=True, gc=False):
    """The application's word that a session may use a token until `expires_at`.

    `may_copy` goes with reading: who may read it, may also have it on the clipboard.
    """

    application: str
    reference: str
    record_id: bytes
    action: Action
    expires_at: int
    reads_left: int | None = None
    may_copy: bool = False


class File(Struct, frozen=True, kw_only=True, gc=False):
    """The stream of a file: under which random name it lies, and how many bytes it has."""

    blob: bytes
    size: int


class Upload(Struct, frozen=True, kw_only=True, gc=False):
    """A file on its way, until `expires_at`; the id by which a frame names it is kept as its hash.

    One that was ended has 0 there: upkeep removes what arrived, and then the upload itself.
    """

    upload_hash: bytes
    application: str
    reference: str
    file: File
    created_at: int
    expires_at: int


class Record(Struct, frozen=True, kw_only=True, gc=False):
    """A stored value without its ciphertext; nothing in it leads back to the token.

    One that is `damaged` holds what could be read of its row, and is given to nobody. `subject` is
    for whom it was made, as far as anybody said; `owner` who made it, as far as that was verified.
    """

    application: str
    key: Wrapped
    kind: str
    size: int
    metadata: tuple[tuple[str, str], ...]
    subject: str | None
    created_at: int
    verified_at: int | None = None
    erased_at: int | None = None
    file: File | None = None
    damaged: bool = False
    owner: bytes | None = None

    @property
    def record_id(self) -> bytes:
        """The name that is derived from the token."""
        return self.key.record_id

    @property
    def weight(self) -> int:
        """What a read of it costs: the bytes of the sealed value, and of its metadata."""
        return self.size + metadata_size(self.metadata)

    @property
    def destroyed(self) -> bool:
        """Whether its key is gone, so that nobody can ever read it again."""
        return not self.key.wrapped


def metadata_size(metadata: tuple[tuple[str, str], ...]) -> int:
    """Give the bytes that metadata takes at most in an answer: as JSON, escaped."""
    return len(msgspec.json.encode(metadata)) if metadata else 0


class Found(Struct, frozen=True, kw_only=True, gc=False):
    """What there is under one token's record ids, for one session: each part may be absent.

    The ciphertext is there in a `Batch` alone, where that asks for it.
    """

    record: Record | None = None
    grant: Grant | None = None
    ciphertext: bytes | None = None


class Want(Struct, frozen=True, kw_only=True, gc=False):
    """The facts an operation asks for, all within one application but for `batch` and `count`.

    `records` holds for each token its possible record ids, one for each lookup key; with each
    record comes the grant for `action` that the session `grants_of` has for it. `contents` holds
    ids likewise: for a record that has such a grant, and was not erased, comes the ciphertext.
    `sessions_under` is the id of an auth proxy's session or user. `log_outs` asks when these ids or
    references were logged out last, and `log_out_token` whether that one was used. `wraps_of` asks
    how often the wrap key of an epoch was used. `ended_uploads` asks for that many
    uploads, of any application, that ended by a moment; `blobs` which of these names a record or an
    upload has; `count_uploads` for the number of all uploads.
    """

    application: str
    session: bytes | None = None
    other_session: bytes | None = None
    handle: bytes | None = None
    references: tuple[str, ...] = ()
    sessions_of: tuple[str, ...] = ()
    sessions_under: str = ""
    log_outs: tuple[str, ...] = ()
    log_out_token: bytes | None = None
    records: tuple[tuple[bytes, ...], ...] = ()
    grants_of: str = ""
    action: Action = Action.READ
    contents: tuple[tuple[bytes, ...], ...] = ()
    batch: Batch | None = None
    count: Condition | None = None
    count_up_to: int | None = None
    wraps_of: int | None = None
    uploads: tuple[bytes, ...] = ()
    ended_uploads: EndedBy | None = None
    count_uploads: bool = False
    blobs: tuple[bytes, ...] = ()
    audit: AuditPrefix | None = None


class Facts(Struct, frozen=True, kw_only=True, gc=False):
    """What a store found, in the order it was asked for; sessions in the order of their hashes.

    An upload that is not there, or another application's, is None in its place.
    """

    session: Session | None = None
    other_session: Session | None = None
    handle: Handle | None = None
    ended: frozenset[str] = frozenset()
    log_outs: tuple[int, ...] = ()
    log_out_token_used: bool = False
    sessions: tuple[Session, ...] = ()
    found: tuple[Found, ...] = ()
    contents: tuple[bytes | None, ...] = ()
    batch: tuple[Found, ...] = ()
    count: int = 0
    wraps: int = 0
    uploads: tuple[Upload | None, ...] = ()
    ended_uploads: tuple[Upload, ...] = ()
    uploads_count: int = 0
    blobs: frozenset[bytes] = frozenset()
    audit: tuple[Link, ...] = ()
