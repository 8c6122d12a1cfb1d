"""A page of the application with the Secure Frame in it, as far as a tokenizer can tell."""

import secrets
from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

import httpx
import msgspec

from lunasec.encoding import from_base64url, to_base64url
from lunasec.errors import NotGranted
from lunasec.sdk.answers import Received, parse, refusal
from lunasec.sdk.wire import Answer, Call
from lunasec.sealing import open_value, seal_value

AnswerT = TypeVar("AnswerT")

_FRAME: Final = {
    "sec-fetch-site": "same-origin",
    "sec-fetch-mode": "cors",
    "sec-fetch-dest": "empty",
    "content-type": "application/json",
}
_REDIRECTED: Final = {**_FRAME, "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"}
_CREATED: Final = 204


class _Ensured(Answer, frozen=True):
    active: bool
    state: str = ""


class _Tokenized(Answer, frozen=True):
    tokens: Sequence[str]


class _Value(Answer, frozen=True):
    code: str = ""
    key: str = ""
    ciphertext: str = ""
    kind: str = ""


class _Detokenized(Answer, frozen=True):
    values: Sequence[_Value]


class Page:
    """A browser on a page of the application, in one session from its first to its last moment.

    `session` is the reference that the application stated. What the elements of a real page do is
    `tokenize` and `reveal`; both raise the tokenizer's refusals.
    """

    def __init__(self, browser: httpx.Client, *, application: str, session: str) -> None:
        """Open the page in a browser, whose cookies of the tokenizer are the page's."""
        self.session = session
        self._browser = browser
        self._application = application

    def tokenize(
        self, value: str, *, kind: str = "text", metadata: Mapping[str, str] | None = None
    ) -> str:
        """Type a value, and have the frame seal it; gives the token that the form would post."""
        dek, value_id, nonce = (secrets.token_bytes(size) for size in (32, 16, 12))
        ciphertext = seal_value(
            value,
            application=self._application,
            kind=kind,
            dek=dek,
            value_id=value_id,
            nonce=nonce,
        )
        sealed = {"key": to_base64url(dek), "ciphertext": to_base64url(ciphertext), "kind": kind}
        stated = {**sealed, "metadata": dict(metadata or {})}
        (token,) = self._ask("/tokenize", {"values": [stated]}, _Tokenized).tokens
        return token

    def reveal(self, token: str) -> str:
        """Have the frame show a token's value, or raise `NotGranted`."""
        (value,) = self._ask("/detokenize", {"tokens": [token]}, _Detokenized).values
        if value.code:
            raise NotGranted
        return open_value(
            from_base64url(value.ciphertext),
            application=self._application,
            kind=value.kind,
            dek=from_base64url(value.key),
        )

    def state(self) -> str | None:
        """Begin the bootstrap (step 1): give the state, or None where the session lives."""
        ensured = self._ask("/session/ensure", {}, _Ensured)
        return None if ensured.active else ensured.state

    def follow(self, location: str) -> None:
        """Go where the application's redirect leads (step 5)."""
        parts = urlsplit(location)
        address = f"{parts.path}?{parts.query}"
        _created(self._browser.get(address, headers=_REDIRECTED))

    def present(self, handle: str) -> None:
        """Present a handle, as the coordinator does in header sessions."""
        address = f"/session/create/{self._application}"
        body = msgspec.json.encode({"handle": handle})
        _created(self._browser.post(address, headers=self._headers, content=body))

    @property
    def _headers(self) -> Mapping[str, str]:
        return {**_FRAME, "lunasec-application": self._application}

    def _ask(self, path: str, stated: Mapping[str, Any], answer: type[AnswerT]) -> AnswerT:
        body = msgspec.json.encode({"session": self.session, **stated})
        call = Call(path=path, body=body, answer=answer, repeatable=False)
        return parse(call, received(self._browser.post(path, headers=self._headers, content=body)))


def received(response: httpx.Response) -> Received:
    """Take an answer of httpx for what the SDK reads."""
    return Received(
        status=response.status_code,
        media_type=response.headers.get("content-type", ""),
        body=response.content,
        retry_after=response.headers.get("retry-after"),
    )


def _created(response: httpx.Response) -> None:
    if response.status_code != _CREATED:
        raise refusal(received(response))
