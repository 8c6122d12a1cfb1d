"""A file as the frame sees it: sealed before it is sent, opened as it comes."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from lunasec.encoding import from_base64url, to_base64url
from lunasec.sdk.wire import Answer
from lunasec.sealed_stream import KEY_BYTES, open_file, seal_file
from lunasec.sealing import Manifest, read_manifest
from lunasec.tokenizer.core.stream import PREFIX_BYTES, SALT_BYTES

BYTES: Final = {"content-type": "application/octet-stream"}


class Planned(Answer, frozen=True):
    """What a plan is answered with."""

    upload: str


class Stream(Answer, frozen=True):
    """What a released manifest has beside it."""

    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Downloaded:
    """A file as its uploader chose it."""

    name: str
    media_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """The segments of a file, and what is to be known of it to open them."""

    segments: list[bytes]
    size: int
    key: bytes = field(repr=False)

    def manifest(self, name: str, media_type: str) -> Manifest:
        """Write its manifest."""
        return Manifest(name=name, type=media_type, size=self.size, key=to_base64url(self.key))


def sealed(data: bytes, *, application: str) -> Sealed:
    """Seal a file under a new key."""
    key = secrets.token_bytes(KEY_BYTES)
    segments = seal_file(
        [data],
        size=len(data),
        application=application,
        key=key,
        salt=secrets.token_bytes(SALT_BYTES),
        prefix=secrets.token_bytes(PREFIX_BYTES),
    )
    return Sealed(segments=list(segments), size=len(data), key=key)


def opened(manifest: str, segments: Iterable[bytes], *, application: str) -> Downloaded:
    """Open a file, or raise `CiphertextMalformed`."""
    known = read_manifest(manifest)
    key = from_base64url(known.key)
    parts = open_file(segments, size=known.size, application=application, key=key)
    return Downloaded(name=known.name, media_type=known.type, content=b"".join(parts))
