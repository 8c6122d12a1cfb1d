"""Files as our frames send and read them: sealed in segments, planned, put, finished, read."""

from dataclasses import dataclass
from typing import Any

import httpx

from lunasec.encoding import to_base64url
from lunasec.testing.files import Sealed
from lunasec.testing.files import opened as open_sealed
from lunasec.testing.files import sealed as seal
from lunasec.tokenizer.core.stream import segments
from tests.http.parties import SCRIPTED, Browser, opened, sealed


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """An upload of which every segment arrived, and what its manifest says."""

    upload: str
    file: Sealed

    def value(self, name: str = "file.pdf", application: str = "payroll") -> dict[str, str]:
        """Seal its manifest, ready for `POST /tokenize`."""
        text = self.file.manifest(name, "application/pdf").text()
        return {**sealed(text, application=application, kind="file"), "upload": self.upload}


def segment_headers(browser: Browser, **more: str) -> dict[str, str]:
    """Say who sends a segment."""
    cookies = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    own = {**SCRIPTED, "lunasec-application": browser.application, "cookie": cookies}
    own |= {"content-type": "application/octet-stream", "lunasec-session": browser.session}
    own |= browser.proof()
    return {**own, **more}


async def put(
    browser: Browser, upload: str, index: int | str, data: bytes, **headers: str
) -> httpx.Response:
    """Send one segment."""
    address = f"/files/{upload}/{index}"
    return await browser.parties.client.put(
        address, content=data, headers=segment_headers(browser, **headers)
    )


async def plan(browser: Browser, size: int) -> str:
    """Announce a stream of that size; gives the upload's id."""
    response = await browser.asks("/files", size=size)
    assert response.status_code == 200, response.text
    upload: str = response.json()["upload"]
    return upload


async def send(browser: Browser, data: bytes) -> Sent:
    """Seal a file and send all of its segments."""
    file = seal(data, application=browser.application)
    upload = await plan(browser, sum(map(len, file.segments)))
    for index, segment in enumerate(file.segments):
        response = await put(browser, upload, index, segment)
        assert response.status_code == 204, response.text
    return Sent(upload=upload, file=file)


async def finish(browser: Browser, sent: Sent) -> httpx.Response:
    """Store the manifest, which takes the upload for its file."""
    return await browser.asks("/tokenize", values=[sent.value(application=browser.application)])


async def stored(browser: Browser, data: bytes, *, granted: bool = True) -> str:
    """Store a file, and grant it to the browser's own session; gives its token."""
    response = await finish(browser, await send(browser, data))
    assert response.status_code == 200, response.text
    token: str = response.json()["tokens"][0]
    if granted:
        await browser.parties.grant(browser.session, [token], browser.application)
    return token


async def read(browser: Browser, token: str, segment: int) -> httpx.Response:
    """Ask for one segment of a token's file."""
    return await browser.asks("/files/read", token=token, segment=segment)


async def loaded(browser: Browser, token: str) -> bytes:
    """Read a file as the frame does: the manifest, then each segment."""
    response = await browser.asks("/detokenize", tokens=[token])
    value: dict[str, Any] = response.json()["values"][0]
    manifest = opened(value, browser.application)
    assert manifest is not None, value
    parts: list[bytes] = []
    for index in range(segments(value["file"]["size"])):
        answer = await read(browser, token, index)
        assert answer.status_code == 200, answer.text
        parts.append(answer.content)
    return open_sealed(manifest, parts, application=browser.application).content


UNKNOWN_UPLOAD = to_base64url(bytes(32))
"""The id of an upload that nobody ever planned."""
