"""Files in a whole tokenizer, on either store: sent, kept, read."""

import secrets
from typing import Any

import msgspec
from msgspec.structs import replace

from lunasec.errors import NoSession, NotGranted
from lunasec.tokenizer.core.identity import FrameCaller
from lunasec.tokenizer.core.secret import Secret
from lunasec.tokenizer.core.stream import SEGMENT_BYTES, sealed_size, segment_size, segments
from lunasec.tokenizer.core.tokens import Token
from tests.stores.lines import lines
from tests.stores.whole import Whole, sealed

SIZE = sealed_size(SEGMENT_BYTES + 1)


async def put(whole: Whole, frame: FrameCaller, upload: Secret, index: int) -> int:
    """Send a segment of made-up bytes."""

    async def body(size: int) -> bytearray:
        return bytearray(secrets.token_bytes(size))

    return await whole.files.put(frame, upload, index, body)


async def sent(whole: Whole, frame: FrameCaller) -> Secret:
    """Plan an upload and send all of it."""
    upload = await whole.files.plan(frame, SIZE)
    for index in range(segments(SIZE)):
        assert await put(whole, frame, upload, index) == segment_size(SIZE, index)
    return upload


async def stored(whole: Whole, frame: FrameCaller, *, reads: int | None = None) -> Token:
    """Store a file and grant it."""
    [upload] = await whole.files.whole(frame, [await sent(whole, frame)])
    value = replace(sealed(), kind="file", upload=upload)
    [token] = await whole.vault.tokenize(frame, [value])
    await whole.grants.create(
        whole.back_end, frame.reference, [token], expires_in=900, max_reads=reads
    )
    return token


async def reads(whole: Whole, frame: FrameCaller, token: Token) -> bool:
    """Say whether every segment can be read now."""
    try:
        for index in range(segments(SIZE)):
            segment = await whole.files.find(frame, token, index)
            got = await whole.files.read(segment, 0, SEGMENT_BYTES)
            assert len(got) == segment_size(SIZE, index)
    except (NotGranted, NoSession):
        return False
    return True


async def left(whole: Whole) -> int:
    """Count the blobs of which anything is there."""
    return sum([len(await whole.blobs.names(first)) for first in range(256)])


def entries(whole: Whole, action: str) -> list[dict[str, Any]]:
    """Read the entries of an action."""
    store: Any = whole.store
    read = [msgspec.json.decode(line) for line in lines(store)]
    return [each for each in read if each["action"] == action]
