"""The plugin in ASGI applications: read a request, carry out the steps (ASGI 3, HTTP scope)."""

import logging
from collections.abc import AsyncIterable, Awaitable, Callable, Mapping, MutableMapping
from typing import Any, Final, TypeAlias
from urllib.parse import parse_qsl

from lunasec.errors import LunaSecError
from lunasec.sdk.identity import Identity
from lunasec.sdk.origins import origin_of
from lunasec.sdk.plugin import (
    LARGEST_BODY,
    PREFIX,
    Answer,
    Identify,
    Offer,
    PluginRequest,
    Step,
)
from lunasec.sdk.wire import Call, Handle

Asks: TypeAlias = Callable[[Identify], Awaitable[Identity | None]]
Sends: TypeAlias = Callable[[Call[Handle]], Awaitable[Handle]]

LOG: Final = logging.getLogger("lunasec")

# What the server itself put there, and the application. The rest is middleware's: `session`,
# `user`, `auth`, `state`, all of which may stand for a cookie.
_OF_THE_SERVER: Final = frozenset(
    {
        "app",
        "asgi",
        "client",
        "extensions",
        "http_version",
        "method",
        "path",
        "query_string",
        "raw_path",
        "root_path",
        "scheme",
        "server",
        "type",
    }
)


async def read_body(stream: AsyncIterable[bytes]) -> bytes:
    """Read no more of a body than the plugin takes."""
    body = bytearray()
    async for chunk in stream:
        body += chunk
        if len(body) > LARGEST_BODY:
            break
    return bytes(body)


def plugin_request(scope: Mapping[str, Any], body: bytes) -> PluginRequest:
    """Read a request below `/.lunasec/`."""
    headers: dict[str, list[str]] = {}
    for name, value in scope["headers"]:
        headers.setdefault(name.decode("latin-1").lower(), []).append(value.decode("latin-1"))
    query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    return PluginRequest(
        method=scope["method"],
        name=scope["path"].partition(f"{PREFIX}/")[2],
        origin=origin_of(f"{scope.get('scheme', 'http')}://{headers.get('host', [''])[0]}"),
        headers=headers,
        query=query,
        body=body,
    )


async def carry_out(step: Step, *, identify: Asks, send: Sends) -> Answer:
    """Go on from the plugin's first step to its answer; what failed goes to the log."""
    if isinstance(step, Identify):
        step = await _identified(step, identify)
    if isinstance(step, Offer):
        step = await _offered(step, send)
    if step.failure is not None:
        LOG.error("%s: %s", step.failure.code, step.failure)
    return step


async def _identified(step: Identify, identify: Asks) -> Answer | Offer:
    try:
        return step.identified(await identify(step))
    except LunaSecError as error:
        return step.failed(error)


async def _offered(step: Offer, send: Sends) -> Answer:
    try:
        return step.offered(await send(step.call))
    except LunaSecError as error:
        return step.failed(error)


def without_cookies(scope: Mapping[str, Any]) -> MutableMapping[str, Any]:
    """Give a request as if the browser kept no cookies, nor what middleware made of them."""
    kept = {name: value for name, value in scope.items() if name in _OF_THE_SERVER}
    kept["headers"] = [each for each in scope["headers"] if each[0].lower() != b"cookie"]
    return kept
