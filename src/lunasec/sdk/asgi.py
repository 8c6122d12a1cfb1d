"""What the plugin wants to know of an ASGI request (ASGI 3, HTTP connection scope)."""

from collections.abc import Mapping, MutableMapping
from typing import Any, Final
from urllib.parse import parse_qsl

from lunasec.sdk.origins import origin_of
from lunasec.sdk.plugin import PREFIX, PluginRequest

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


def plugin_request(scope: Mapping[str, Any], body: bytes) -> PluginRequest:
    """Read a request below `/.lunasec/`."""
    headers: dict[str, list[str]] = {}
    for name, value in scope["headers"]:
        headers.setdefault(name.decode("latin-1").lower(), []).append(value.decode("latin-1"))
    query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    return PluginRequest(
        method=scope["method"],
        name=scope["path"].rpartition(f"{PREFIX}/")[2],
        origin=origin_of(f"{scope.get('scheme', 'http')}://{headers.get('host', [''])[0]}"),
        headers=headers,
        query=query,
        body=body,
    )


def without_cookies(scope: Mapping[str, Any]) -> MutableMapping[str, Any]:
    """Give a request as if the browser kept no cookies, nor what middleware made of them."""
    kept = {name: value for name, value in scope.items() if name in _OF_THE_SERVER}
    kept["headers"] = [each for each in scope["headers"] if each[0].lower() != b"cookie"]
    return kept
