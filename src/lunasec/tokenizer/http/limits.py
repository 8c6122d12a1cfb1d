"""Limits on a request's body: its size, and the time it may take."""

import asyncio
from typing import Final

from starlette.requests import ClientDisconnect, Request

from lunasec.errors import RequestTimeout, TooLarge

BODY_BYTES: Final = 2**20
"""1 MiB: a thousand tokens, or a dozen values of the longest kind."""

BODY_SECONDS: Final = 10
"""A body of that size on a slow phone; longer is a client that holds a place on purpose."""

_TOO_LARGE: Final = f"A body is at most {BODY_BYTES} bytes."


async def body(request: Request) -> bytes:
    """Read a whole body, within its limits.

    Raises: `TooLarge`, `RequestTimeout`.
    """
    announced = request.headers.get("content-length", "0")
    if len(announced) > len(str(BODY_BYTES)) or int(announced) > BODY_BYTES:
        raise TooLarge(_TOO_LARGE)
    parts: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for part in request.stream():
                size += len(part)
                if size > BODY_BYTES:
                    raise TooLarge(_TOO_LARGE)
                parts.append(part)
    except (TimeoutError, ClientDisconnect):
        raise RequestTimeout(f"A body is to arrive within {BODY_SECONDS} s.") from None
    return b"".join(parts)
