"""A tokenizer that answers by a script and remembers what it was asked."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
import msgspec

from lunasec import errors
from lunasec.encoding import to_base64url
from lunasec.errors import LunaSecError

HANDLE = "H" * 43
STATE = "s" * 43

Outcome = httpx.Response | Exception
Script = Callable[[httpx.Request], Outcome]

USUAL: Mapping[str, Mapping[str, Any]] = {
    "/session/handles": {"handle": HANDLE, "expires_in": 60},
    "/session/end": {},
    "/session/upgrade": {},
    "/grants": {"expires_at": 1_900_000_900, "refused": []},
    "/grants/revoke": {},
    "/tokens/erase": {"erased": 1},
}


def ok(body: Mapping[str, Any]) -> httpx.Response:
    """Make an answer with a JSON body."""
    return httpx.Response(200, json=dict(body))


def refusal(error: LunaSecError) -> httpx.Response:
    """Make the problem document of an error, as the tokenizer writes it."""
    headers = {"content-type": "application/problem+json"}
    if error.retry_after is not None:
        headers["retry-after"] = str(error.retry_after)
    body = {"type": "about:blank", "status": error.status, "code": error.code}
    return httpx.Response(
        error.status, headers=headers, content=msgspec.json.encode({**body, "detail": error.detail})
    )


def usual(request: httpx.Request) -> httpx.Response:
    """Answer as a tokenizer in good health, in which every session made every token."""
    path = request.url.path
    if path == "/grants/verify":
        tokens = msgspec.json.decode(request.content)["tokens"]
        return ok({"granted": [True] * len(tokens)})
    return ok(USUAL[path])


def in_turn(*outcomes: Outcome) -> Script:
    """Make a script that gives one outcome after another, and the last one for ever."""
    left = list(outcomes)

    def script(_: httpx.Request) -> Outcome:
        outcome = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(outcome, Exception):
            return outcome
        # A response can be read once; each request gets its own.
        return httpx.Response(outcome.status_code, headers=outcome.headers, content=outcome.content)

    return script


@dataclass
class ScriptedTokenizer(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """The way to a tokenizer, for both clients."""

    script: Script = usual
    requests: list[httpx.Request] = field(default_factory=list[httpx.Request])
    closed: bool = False

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer a sync client."""
        self.requests.append(request)
        request.read()
        outcome = self.script(request)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer an async client."""
        await request.aread()
        return self.handle_request(request)

    async def aclose(self) -> None:
        """Note that an async client closed its connections."""
        self.closed = True

    @property
    def paths(self) -> Sequence[str]:
        """What was asked for, in order."""
        return [request.url.path for request in self.requests]

    @property
    def bodies(self) -> Sequence[Any]:
        """What was sent, in order."""
        return [msgspec.json.decode(request.content) for request in self.requests]


def token(number: int) -> str:
    """Make a well-formed token."""
    body = to_base64url(hashlib.sha256(str(number).encode()).digest())
    checksum = hashlib.sha256(b"lunasec/token/v1" + body.encode()).digest()
    return f"lunasec-{body}{to_base64url(checksum)[:6]}"


ERRORS = [
    each
    for each in vars(errors).values()
    if isinstance(each, type) and issubclass(each, LunaSecError) and each is not LunaSecError
]
"""Every class of the catalog."""
