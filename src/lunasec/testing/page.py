"""A page of the application with the Secure Frame in it, as far as a tokenizer can tell."""

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

import httpx
import msgspec

from lunasec.encoding import from_base64url, to_base64url
from lunasec.errors import NotGranted
from lunasec.sdk.answers import Received, parse, refusal
from lunasec.sdk.wire import Answer, Call
from lunasec.sealing import open_value, seal_value
from lunasec.testing import files
from lunasec.testing.signing import HEADER, Signer
from lunasec.tokenizer.core.stream import KIND, segments

AnswerT = TypeVar("AnswerT")

_FRAME: Final = {
    "sec-fetch-site": "same-origin",
    "sec-fetch-mode": "cors",
    "sec-fetch-dest": "empty",
    "content-type": "application/json",
}
_FRAMED: Final = {"sec-fetch-dest": "iframe", "sec-fetch-mode": "navigate"}
_SECRET: Final = re.compile('name="lunasec-secret" content="([^"]+)"')
_REDIRECTED: Final = {**_FRAME, "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"}
_OK: Final = 200
_DONE: Final = 204


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
    file: files.Stream | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Opened:
    """A value's text, and where it is a file's manifest, how many bytes the stream has."""

    text: str
    stream: int | None


class _Detokenized(Answer, frozen=True):
    values: Sequence[_Value]


class Page:
    """A browser on a page of the application, in one session from its first to its last moment.

    `session` is the reference that the application stated. What the elements of a real page do is
    `tokenize`, `reveal`, `upload` and `download`; all raise the tokenizer's refusals.
    """

    def __init__(self, browser: httpx.Client, *, application: str, session: str) -> None:
        """Open the page in a browser, whose cookies of the tokenizer are the page's."""
        self.session = session
        self._browser = browser
        self._application = application
        self._signer: Signer | None = None

    def tokenize(
        self, value: str, *, kind: str = "text", metadata: Mapping[str, str] | None = None
    ) -> str:
        """Type a value, and have the frame seal it; gives the token that the form would post."""
        return self._tokenize(value, kind=kind, metadata=dict(metadata or {}))

    def reveal(self, token: str) -> str:
        """Have the frame show a token's value, or raise `NotGranted`."""
        return self._opened(token).text

    def upload(self, data: bytes, *, name: str = "file", media_type: str = "") -> str:
        """Choose a file, and have the frame seal and store it; gives the token for the form."""
        sealed = files.sealed(data, application=self._application)
        stated = {"size": sum(map(len, sealed.segments))}
        upload = self.ask("/files", stated, files.Planned).upload
        for index, segment in enumerate(sealed.segments):
            address, headers = f"/files/{upload}/{index}", {**self._headers, **files.BYTES}
            headers["lunasec-session"] = self.session
            _done(self._browser.put(address, headers=headers, content=segment))
        manifest = sealed.manifest(name, media_type)
        return self._tokenize(manifest.text(), kind=KIND, upload=upload)

    def download(self, token: str) -> files.Downloaded:
        """Have the frame save a token's file, or raise `NotGranted`; also if it is no file."""
        value = self._opened(token)
        if value.stream is None:
            raise NotGranted
        return files.opened(
            value.text,
            (self._segment(token, index) for index in range(segments(value.stream))),
            application=self._application,
        )

    def _segment(self, token: str, index: int) -> bytes:
        stated = {"session": self.session, "token": token, "segment": index}
        body = msgspec.json.encode(stated)
        response = self._browser.post("/files/read", headers=self._headers, content=body)
        if response.status_code != _OK:
            raise refusal(received(response))
        return response.content

    def _tokenize(self, text: str, *, kind: str, **more: object) -> str:
        dek, value_id, nonce = (secrets.token_bytes(size) for size in (32, 16, 12))
        ciphertext = seal_value(
            text,
            application=self._application,
            kind=kind,
            dek=dek,
            value_id=value_id,
            nonce=nonce,
        )
        sealed = {"key": to_base64url(dek), "ciphertext": to_base64url(ciphertext), "kind": kind}
        (token,) = self.ask("/tokenize", {"values": [{**sealed, **more}]}, _Tokenized).tokens
        return token

    def _opened(self, token: str) -> _Opened:
        (value,) = self.ask("/detokenize", {"tokens": [token]}, _Detokenized).values
        if value.code:
            raise NotGranted
        text = open_value(
            from_base64url(value.ciphertext),
            application=self._application,
            kind=value.kind,
            dek=from_base64url(value.key),
        )
        return _Opened(text=text, stream=value.file.size if value.file else None)

    def state(self) -> str | None:
        """Begin the bootstrap (step 1): give the state, or None where the session lives."""
        ensured = self.ask("/session/ensure", {}, _Ensured)
        return None if ensured.active else ensured.state

    def follow(self, location: str) -> None:
        """Go where the application's redirect leads (step 5)."""
        parts = urlsplit(location)
        address = f"{parts.path}?{parts.query}"
        _done(self._browser.get(address, headers=_REDIRECTED))

    def load(self, location: str) -> None:
        """Load the document that the redirect leads to without cookies, and register its key."""
        parts = urlsplit(location)
        response = self._browser.get(f"{parts.path}?{parts.query}", headers=_FRAMED)
        found = _SECRET.search(response.text)
        if response.status_code != _OK or found is None:
            raise refusal(received(response))
        signer = Signer(self.session)
        stated = {"secret": found[1], "key": signer.public_key}
        self.ask("/session/register", stated, Answer)
        self._signer = signer

    def present(self, handle: str) -> None:
        """Present a handle, as the coordinator does in header sessions."""
        address = f"/session/create/{self._application}"
        body = msgspec.json.encode({"handle": handle})
        _done(self._browser.post(address, headers=self._headers, content=body))

    @property
    def _headers(self) -> Mapping[str, str]:
        return {**_FRAME, "lunasec-application": self._application}

    def ask(self, path: str, stated: Mapping[str, Any], answer: type[AnswerT]) -> AnswerT:
        """Ask as one of the page's frames does, or raise the tokenizer's refusal."""
        body = msgspec.json.encode({"session": self.session, **stated})
        call = Call(path=path, body=body, answer=answer, repeatable=False)
        signed = {HEADER: self._signer.header(path, body)} if self._signer else {}
        headers = {**self._headers, **signed}
        return parse(call, received(self._browser.post(path, headers=headers, content=body)))


def received(response: httpx.Response) -> Received:
    """Take an answer of httpx for what the SDK reads."""
    return Received(
        status=response.status_code,
        media_type=response.headers.get("content-type", ""),
        body=response.content,
        retry_after=response.headers.get("retry-after"),
    )


def _done(response: httpx.Response) -> None:
    if response.status_code != _DONE:
        raise refusal(received(response))
