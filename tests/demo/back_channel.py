"""The tokenizer's back channel as the demo's unit tests need it: remembers who made which token."""

import json
from dataclasses import dataclass, field
from typing import Any

import httpx

TOKEN = "lunasec-" + "A" * 43 + "bP_uA0"
OTHER_TOKEN = "lunasec-" + "E" * 43 + "RyU4-_"

ANSWERS: dict[str, dict[str, Any]] = {
    "/session/handles": {"handle": "h" * 43, "expires_in": 60},
    "/session/upgrade": {"tokens": 1},
    "/session/end": {},
    "/grants": {"expires_at": 900, "refused": []},
    "/grants/revoke": {"revoked": 1},
    "/tokens/erase": {"erased": 1},
}


@dataclass(slots=True, kw_only=True)
class BackChannel(httpx.AsyncBaseTransport):
    """Answers the application's calls, and keeps them as (path, body) in order."""

    made: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])
    """Which session (by its reference) has a store grant for which token."""

    calls: list[tuple[str, dict[str, Any]]] = field(
        default_factory=list[tuple[str, dict[str, Any]]]
    )
    down: bool = False

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer as the tokenizer would."""
        if self.down:
            raise httpx.ConnectError("nobody listens", request=request)
        body = json.loads(await request.aread())
        self.calls.append((request.url.path, body))
        return httpx.Response(200, json=self._answer(request.url.path, body))

    def paths(self) -> list[str]:
        """Return the paths that were called, in order."""
        return [path for path, _ in self.calls]

    def _answer(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        if path == "/grants/verify":
            return {"granted": [(body["session"], each) in self.made for each in body["tokens"]]}
        return ANSWERS[path]
