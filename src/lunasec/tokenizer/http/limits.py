"""Limits on a request's body: its size, and the time it may take."""

from collections.abc import AsyncGenerator
from typing import Final

from starlette.requests import ClientDisconnect, Request

from lunasec.errors import MalformedRequest, RequestTimeout, TooLarge
from lunasec.tokenizer.http.caller import Listed, only
from lunasec.tokenizer.time_limits import within

BODY_BYTES: Final = 2**20
"""1 MiB: a thousand tokens, or a dozen values of the longest kind."""

BODY_SECONDS: Final = 10
"""A body of that size on a slow phone; longer is a client that holds a place on purpose."""

_LATE: Final = f"A body is to arrive within {BODY_SECONDS} s."

SEGMENT_SECONDS: Final = 60
"""A segment on a slow line, 17 kB/s; only who has a session and a place is given this long."""

PACE_BYTES: Final = 64 * 1024
PACE_SECONDS: Final = 6
"""So much of a segment comes in so long, 11 kB/s, or its place is for those who wait for it
(`places.WAIT_SECONDS`)."""

PATIENCE: Final = "lunasec.patience"
"""Where a request's scope has the way to let its body take longer than others."""

_WRONG_LENGTH: Final = "The segment has another length than the upload says."
_TOO_LARGE: Final = f"A body is at most {BODY_BYTES} bytes."


def most(headers: Listed) -> int:
    """Say how long a body may become: as long as it says, or as any may be.

    Raises: `TooLarge`, `MalformedRequest`.
    """
    stated = only(headers, "content-length")
    if stated is None:
        chunked = only(headers, "transfer-encoding") is not None
        return BODY_BYTES if chunked else 0
    if len(stated) > len(str(BODY_BYTES)) or int(stated) > BODY_BYTES:
        raise TooLarge(_TOO_LARGE)
    return int(stated)


async def body(request: Request) -> bytes:
    """Read a whole body, within its limits.

    Raises: `TooLarge`, `RequestTimeout`.
    """
    parts: list[bytes] = []
    size, more = 0, True
    try:
        with within(BODY_SECONDS):
            while more:
                message = await request.receive()
                if message["type"] == "http.disconnect":
                    raise RequestTimeout(_LATE)
                part, more = message.get("body", b""), message.get("more_body", False)
                size += len(part)
                if size > BODY_BYTES:
                    raise TooLarge(_TOO_LARGE)
                parts.append(part)
    except TimeoutError:
        raise RequestTimeout(_LATE) from None
    return b"".join(parts)


def announced(headers: Listed, most: int) -> int:
    """Give the length that a body says it has.

    Raises: `MalformedRequest` where it says none, `TooLarge` over `most`.
    """
    stated = only(headers, "content-length") or ""
    if not stated.isdecimal():
        raise MalformedRequest("The body has to say how long it is.")
    if len(stated) > len(str(most)) or int(stated) > most:
        raise TooLarge(f"A segment is at most {most} bytes.")
    return int(stated)


async def segment(request: Request, size: int, whole: bytearray | None = None) -> bytearray:
    """Read a body of exactly `size` bytes, once and into one piece of memory.

    `whole` is the body where it was read already.

    Raises: `MalformedRequest` for another length, `RequestTimeout`.
    """
    if whole is not None:
        if len(whole) != size:
            raise MalformedRequest(_WRONG_LENGTH)
        return whole
    announced = request.headers.get("content-length", str(size))
    if announced != str(size):
        raise MalformedRequest(_WRONG_LENGTH)
    if patience := request.scope.get(PATIENCE):
        patience(SEGMENT_SECONDS)
    data, filled, parts = bytearray(size), 0, request.stream()
    try:
        with within(SEGMENT_SECONDS):
            while filled < size:
                filled = await _fill(data, filled, min(size, filled + PACE_BYTES), parts)
            with within(PACE_SECONDS):
                async for part in parts:
                    if part:
                        raise MalformedRequest(_WRONG_LENGTH)
    except (TimeoutError, ClientDisconnect):
        raise RequestTimeout(f"A segment is to arrive within {SEGMENT_SECONDS} s.") from None
    return data


async def _fill(data: bytearray, filled: int, least: int, parts: AsyncGenerator[bytes]) -> int:
    """Receive until there are `least` bytes, in time; gives how many there are by then."""
    with within(PACE_SECONDS):
        while filled < least:
            part = await anext(parts, None)
            if part is None or filled + len(part) > len(data):
                raise MalformedRequest(_WRONG_LENGTH)
            data[filled : filled + len(part)] = part
            filled += len(part)
    return filled
